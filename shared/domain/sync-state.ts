import type { Instant, MutationId } from './ids.ts'
import type { CopyCheck } from './sync-journal.ts'

/** What can be sent to the cloud. */
export const mutationKinds = [
  'batch.claim',
  'score.set',
  'finding.raise',
  'finding.respond',
  'finding.close',
  'finding.withdraw',
  'decision.record',
  'certificate.issue',
  'independence.declare',
] as const
export type MutationKind = (typeof mutationKinds)[number]

/**
 * Where a local change is. `held`: still undoable here. `queued`: goes with the next push. `sending`: no answer yet.
 * `applied`: the cloud holds it. `conflict`: the cloud's row changed meanwhile. `rejected`: the cloud refused it, kept and shown.
 * `waiting`: an earlier change to the same row is in conflict. `undone`: taken back before it was sent. `superseded`: given up by
 * the person in favor of the cloud's row; readable for ever.
 */
export const outboxStates = [
  'held',
  'queued',
  'sending',
  'applied',
  'conflict',
  'rejected',
  'waiting',
  'undone',
  'superseded',
] as const
export type OutboxState = (typeof outboxStates)[number]

/**
 * How the person settled a parked change. `taken_theirs`: the cloud's row stands. `decide_again`: given up so that it is made anew on
 * what the cloud has now. `sent_again`: a new change with the same words replaces it.
 */
export type Resolution = 'taken_theirs' | 'decide_again' | 'sent_again'

/** Where the batch of a change is. `quarantined`: no longer this person's, kept for the work on it. `absent`: not on this computer. */
export type BatchPlace = 'here' | 'quarantined' | 'absent'

/** The four marks of a row, worst first, and none when nothing local is on it. */
export type RowSyncMark = 'conflict' | 'rejected' | 'saved_here' | 'queued' | 'sent' | null

/** Why the workstation cannot talk to the cloud. `account_refused`: the cloud does not let this person or this computer in. */
export type OfflineReason = 'no_network' | 'cloud_unreachable' | 'session_expired' | 'account_refused'

/** Whether and why the workstation talks to the cloud. */
export type ConnectionState =
  /** Nothing is known yet: the first try since the start, or since the connection was switched on, is under way. */
  | { readonly kind: 'connecting'; readonly since: Instant }
  | { readonly kind: 'online'; readonly since: Instant }
  | {
      readonly kind: 'offline'
      readonly since: Instant
      readonly reason: OfflineReason
    }
  | { readonly kind: 'switched_off'; readonly since: Instant }

/** Progress of a transfer that is under way. */
export interface SyncProgress {
  readonly phase: 'connecting' | 'bootstrap' | 'changes' | 'push' | 'files' | 'check'
  readonly done: number
  /** Null while the total is not known. */
  readonly total: number | null
  readonly label: string
}

/** All that the status bar and the sync center show. */
export interface SyncState {
  readonly connection: ConnectionState
  readonly progress: SyncProgress | null
  /** When the person paused what is under way; null while it is not paused. */
  readonly pausedSince: Instant | null
  readonly lastPulledAt: Instant | null
  readonly lastPushedAt: Instant | null
  /** When the next automatic try is due; null when none is planned. */
  readonly retryAt: Instant | null
  readonly lastError: { readonly code: string; readonly message: string; readonly action: string | null } | null
  readonly counts: Readonly<Record<OutboxState, number>>
  /** Evidence files of mirrored batches: how many are here, and how many there are. */
  readonly files: { readonly present: number; readonly total: number }
  /** When the oldest change was made that the cloud itself has not passed on; null while its feed has all of them. */
  readonly feedStalledSince: Instant | null
  /** The last comparison of this copy with the cloud; null before the first. */
  readonly lastCheck: CopyCheck | null
  /** The cloud's clock minus this computer's, in milliseconds, as last measured. */
  readonly clockOffsetMilliseconds: number | null
}

/** One local change with its fate. */
export interface OutboxItem {
  readonly mutationId: MutationId
  readonly kind: MutationKind
  readonly state: OutboxState
  readonly batchId: string
  readonly batchHash: string | null
  readonly summary: string
  readonly createdAt: Instant
  readonly holdUntil: Instant | null
  readonly attempts: number
  /** When it was last written to an outbox file for somebody else to submit; null: never. */
  readonly handedOverAt: Instant | null
  readonly error: { readonly code: string; readonly message: string; readonly action: string | null } | null
  /** For a conflict: the cloud's row and the row that the change was based on. */
  readonly theirs: Readonly<Record<string, unknown>> | null
  readonly mine: Readonly<Record<string, unknown>>
  readonly base: Readonly<Record<string, unknown>> | null
  /** When its fate was known, or the person settled it. */
  readonly settledAt: Instant | null
  /** Null while it is not superseded. */
  readonly resolution: Resolution | null
  /** True for one that was sent over a row which somebody else had changed in the cloud. */
  readonly overrides: boolean
  readonly batchPlace: BatchPlace
}
