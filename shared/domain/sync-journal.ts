import type { Instant } from './ids.ts'

/** What was exchanged. */
export const exchangeKinds = [
  'handshake',
  'poll',
  'health',
  'push',
  'bootstrap',
  'pull',
  'check',
  'repair',
  'file_down',
  'file_up',
] as const
export type ExchangeKind = (typeof exchangeKinds)[number]

/**
 * How a run ended. `problem`: it went through, and something in it was refused. `broken_off`: the program ended in the middle.
 */
export const runOutcomes = ['running', 'done', 'problem', 'failed', 'cancelled', 'broken_off'] as const
export type RunOutcome = (typeof runOutcomes)[number]

/** Figures of a run or an exchange. Rows are rows of the register, changes, or files; bytes are bodies as they were sent. */
export interface ExchangeFigures {
  readonly milliseconds: number
  readonly rowsIn: number
  readonly rowsOut: number
  readonly bytesIn: number
  readonly bytesOut: number
}

/** One synchronization or transfer of files, or a stretch of synchronizations in which nothing happened. */
export interface SyncRun extends ExchangeFigures {
  readonly run: number
  readonly kind: 'sync' | 'files'
  readonly startedAt: Instant
  readonly endedAt: Instant | null
  readonly outcome: RunOutcome
  readonly errorCode: string | null
  /** 1 for the first try, 2 for the first after a failure. */
  readonly attempt: number
  /** Synchronizations without any change that this line stands for; 0 for a run in which something happened. */
  readonly quietRuns: number
  readonly clockOffsetMilliseconds: number | null
  readonly exchanges: number
}

/** One exchange of a run. */
export interface SyncExchange extends ExchangeFigures {
  readonly kind: ExchangeKind
  /** The kind of the scope alone, since a scope's name may carry the id of a person. */
  readonly scope: string | null
  readonly table: string | null
  readonly startedAt: Instant
  readonly httpStatus: number | null
  readonly outcome: 'done' | 'failed' | 'cancelled'
  readonly errorCode: string | null
}

/** How this copy differed from the cloud in one table of one scope, and what was done about it, in rows. */
export interface CopyDifference {
  readonly scope: string
  readonly table: string
  /** In the cloud and not here; fetched. */
  readonly missing: number
  /** Here in another version; replaced. */
  readonly outdated: number
  /** Here and not in the cloud; taken out, unless local work hangs on it. */
  readonly surplus: number
  /** True when the table still differs after it was fetched again: then the cloud's own feed is at fault. */
  readonly remains: boolean
}

/**
 * A comparison of this copy with the cloud. `not_comparable`: too much had just changed in some scope; it is compared again later.
 */
export interface CopyCheck {
  readonly checkedAt: Instant
  readonly outcome: 'same' | 'repaired' | 'differs' | 'not_comparable'
  /** Tables compared, each in its scope. */
  readonly tables: number
  /** Rows compared; one that is in two scopes counts twice. */
  readonly rows: number
  readonly milliseconds: number
  readonly differences: readonly CopyDifference[]
}
