import type { ExchangeKind, RunOutcome, SyncExchange } from '../../shared/domain/sync-journal.ts'
import type { ErrorCode, Result } from '../../shared/result.ts'
import { noTraffic, type Traffic } from '../cloud/exchange.ts'
import type { WorkspaceDatabase } from '../database/database.ts'
import type { WriteHandle } from '../database/handles.ts'
import { storageFailure } from '../database/storage-error.ts'
import type { Clock } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import { endRun, insertExchanges, insertRun, joinQuietRuns, type NewRun } from '../sync-journal/record-run.ts'

/** What is exchanged, and about which table of which scope. */
export interface ExchangeSubject {
  readonly kind: ExchangeKind
  readonly scope?: string
  readonly table?: string
}

/** Keeps the journal of one kind of run: what was exchanged, how long it took and how it ended. */
export interface RunJournal {
  /** A run begins; the attempt is 1 unless runs before it failed. */
  readonly begin: (attempt: number) => void
  /** Makes an exchange and notes it. The rows that it brought or took are counted from its answer. */
  readonly measure: <Value>(
    subject: ExchangeSubject,
    call: (traffic: Traffic) => Promise<Result<Value>>,
    count?: (value: Value) => { readonly rowsIn?: number; readonly rowsOut?: number },
  ) => Promise<Result<Value>>
  /** The run ends. Without an outcome it is told from its exchanges; a run without any leaves nothing. */
  readonly end: (outcome?: { readonly outcome: RunOutcome; readonly errorCode: ErrorCode | null }) => void
}

/** What a journal is made of. */
export interface RunJournalOptions {
  readonly database: () => WorkspaceDatabase
  readonly clock: Clock
  readonly log: Log
  readonly kind: NewRun['kind']
  readonly clockOffsetMilliseconds: () => number | null
}

/** A long run is written down so often; a short one once, at its end. */
const writeEveryMilliseconds = 5_000

/** `person:…` and `register:…` name somebody; the kind of the scope is all that a journal needs. */
export const kindOfScope = (scope: string): string => /^[a-z]+/.exec(scope)?.[0] ?? 'unknown'

/**
 * Makes a journal. It is written beside the work and never in its way: what cannot be written is left out, and the work goes on.
 */
export function createRunJournal(options: RunJournalOptions): RunJournal {
  const { clock, log, kind } = options
  let begun: (NewRun & { readonly at: number }) | null = null
  let run: number | null = null
  let waiting: SyncExchange[] = []
  let all = { failed: 0, cancelled: 0, total: 0, rows: 0, errorCode: null as string | null }
  let writtenAt = 0

  const begin = (attempt: number) => {
    const at = clock.elapsedMilliseconds()
    begun = { kind, startedAt: clock.now(), attempt, at }
    run = null
    waiting = []
    all = { failed: 0, cancelled: 0, total: 0, rows: 0, errorCode: null }
    writtenAt = at
  }

  const write = (work: (handle: WriteHandle, database: WorkspaceDatabase) => void) => {
    const database = options.database()
    try {
      database.write((handle) => work(handle, database), 'normal')
    } catch (error) {
      // Whatever ails the disk is met by the work itself and told there.
      if (storageFailure(error) === null) throw error
      log.warn('sync.journal_not_written')
    }
    waiting = []
    writtenAt = clock.elapsedMilliseconds()
  }

  const note = (exchange: SyncExchange) => {
    waiting.push(exchange)
    all.total += 1
    all.rows += exchange.rowsIn + exchange.rowsOut
    if (exchange.outcome === 'cancelled') all.cancelled += 1
    if (exchange.outcome === 'failed') {
      all.failed += 1
      all.errorCode = exchange.errorCode
    }
    if (begun === null || clock.elapsedMilliseconds() - writtenAt < writeEveryMilliseconds) return
    const started = begun
    write((handle, database) => {
      run ??= insertRun(handle, database, started)
      insertExchanges(handle, run, waiting)
    })
  }

  const told = (): { readonly outcome: RunOutcome; readonly errorCode: string | null } => {
    if (all.failed > 0) return { outcome: 'problem', errorCode: all.errorCode }
    return { outcome: all.cancelled > 0 ? 'cancelled' : 'done', errorCode: null }
  }

  return {
    begin,
    async measure(subject, call, count) {
      if (begun === null) begin(1)
      const traffic = noTraffic()
      const startedAt = clock.now()
      const at = clock.elapsedMilliseconds()
      const answer = await call(traffic)
      const { rowsIn = 0, rowsOut = 0 } = answer.ok ? (count?.(answer.value) ?? {}) : {}
      note({
        kind: subject.kind,
        scope: subject.scope === undefined ? null : kindOfScope(subject.scope),
        table: subject.table ?? null,
        startedAt,
        milliseconds: Math.round(clock.elapsedMilliseconds() - at),
        httpStatus: traffic.status,
        rowsIn,
        rowsOut,
        bytesIn: traffic.receivedBytes,
        bytesOut: traffic.sentBytes,
        outcome: answer.ok ? 'done' : answer.error.code === 'cancelled' ? 'cancelled' : 'failed',
        errorCode: answer.ok ? null : answer.error.code,
      })
      return answer
    },
    end(outcome) {
      if (begun === null) return
      const started = begun
      begun = null
      if (all.total === 0) return
      const end = {
        ...(outcome ?? told()),
        endedAt: clock.now(),
        milliseconds: Math.round(clock.elapsedMilliseconds() - started.at),
        clockOffsetMilliseconds: options.clockOffsetMilliseconds(),
      }
      const quiet = kind === 'sync' && end.outcome === 'done' && run === null && all.rows === 0
      write((handle, database) => {
        if (quiet && joinQuietRuns(handle, database, started, waiting, end)) return
        run ??= insertRun(handle, database, started, quiet ? 1 : 0)
        insertExchanges(handle, run, waiting)
        endRun(handle, database, run, end)
      })
      run = null
    },
  }
}
