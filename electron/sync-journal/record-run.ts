import type { Instant } from '../../shared/domain/ids.ts'
import type { ExchangeFigures, RunOutcome, SyncExchange } from '../../shared/domain/sync-journal.ts'
import type { WorkspaceDatabase } from '../database/database.ts'
import type { WriteHandle } from '../database/handles.ts'
import { laterThan } from '../platform/clock.ts'

/** A run as it is known when it begins. */
export interface NewRun {
  readonly kind: 'sync' | 'files'
  readonly startedAt: Instant
  readonly attempt: number
}

/** How a run ended. */
export interface RunEnd {
  readonly endedAt: Instant
  readonly milliseconds: number
  readonly outcome: RunOutcome
  readonly errorCode: string | null
  readonly clockOffsetMilliseconds: number | null
}

const day = 24 * 60 * 60 * 1000
/** What is kept: 90 days, and no more lines than a file for support may hold. A run takes some 120 bytes, an exchange 150. */
const keptMilliseconds = 90 * day
const keptRuns = 20_000
const keptExchanges = 100_000
/** A line that stands for many quiet runs covers no more than this, so that a gap is seen. */
const quietMilliseconds = 60 * 60 * 1000

/** Notes that a run has begun; answers with its number. */
export const insertRun = (handle: WriteHandle, { build }: WorkspaceDatabase, run: NewRun, quietRuns = 0): number =>
  handle.run(
    build.insertInto('sync_run').values({
      kind: run.kind,
      started_at: run.startedAt,
      ended_at: null,
      outcome: 'running',
      error_code: null,
      attempt: run.attempt,
      quiet_runs: quietRuns,
      clock_offset_ms: null,
    }),
  ).lastInsertRowid

/** Notes exchanges of a run, and adds them to its figures. */
export function insertExchanges(handle: WriteHandle, run: number, exchanges: readonly SyncExchange[]): void {
  const insert = handle.prepare(
    `insert into sync_exchange (run, kind, scope, table_name, started_at, milliseconds, http_status, rows_in, rows_out, bytes_in,
      bytes_out, outcome, error_code) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  for (const exchange of exchanges)
    insert.run(
      run,
      exchange.kind,
      exchange.scope,
      exchange.table,
      exchange.startedAt,
      exchange.milliseconds,
      exchange.httpStatus,
      exchange.rowsIn,
      exchange.rowsOut,
      exchange.bytesIn,
      exchange.bytesOut,
      exchange.outcome,
      exchange.errorCode,
    )
  addFigures(handle, run, exchanges)
}

function addFigures(handle: WriteHandle, run: number, exchanges: readonly SyncExchange[]): void {
  const sum = (figure: Exclude<keyof ExchangeFigures, 'milliseconds'>) =>
    exchanges.reduce((total, exchange) => total + exchange[figure], 0)
  handle
    .prepare(
      `update sync_run set exchanges = exchanges + ?, rows_in = rows_in + ?, rows_out = rows_out + ?, bytes_in = bytes_in + ?,
        bytes_out = bytes_out + ? where run = ?`,
    )
    .run(exchanges.length, sum('rowsIn'), sum('rowsOut'), sum('bytesIn'), sum('bytesOut'), run)
}

/** Notes how a run ended, and cuts off what is too old or too much. */
export function endRun(handle: WriteHandle, { build }: WorkspaceDatabase, run: number, end: RunEnd): void {
  handle.run(
    build
      .updateTable('sync_run')
      .set((set) => ({
        ended_at: end.endedAt,
        milliseconds: set('milliseconds', '+', end.milliseconds),
        outcome: end.outcome,
        error_code: end.errorCode,
        clock_offset_ms: end.clockOffsetMilliseconds,
      }))
      .where('run', '=', run),
  )
  prune(handle, end)
}

/**
 * Adds a run in which nothing happened to the line of those before it, if that is the last line and not an hour long. Answers false
 * where there is no such line.
 */
export function joinQuietRuns(
  handle: WriteHandle,
  database: WorkspaceDatabase,
  run: NewRun,
  exchanges: readonly SyncExchange[],
  end: RunEnd,
): boolean {
  const last = handle.first(
    database.build
      .selectFrom('sync_run')
      .select(['run', 'started_at', 'quiet_runs', 'outcome'])
      .where('kind', '=', run.kind)
      .orderBy('run', 'desc')
      .limit(1),
  )
  if (last === undefined || last.quiet_runs === 0 || last.outcome !== 'done') return false
  const age = Date.parse(run.startedAt) - Date.parse(last.started_at)
  // A clock that was set back begins a new line.
  if (age < 0 || age > quietMilliseconds) return false
  addFigures(handle, last.run, exchanges)
  handle.prepare('update sync_run set quiet_runs = quiet_runs + 1 where run = ?').run(last.run)
  endRun(handle, database, last.run, end)
  return true
}

/** Runs that the program did not see the end of. To be called before the first run. */
export function closeBrokenOffRuns(handle: WriteHandle): void {
  handle.prepare("update sync_run set outcome = 'broken_off' where outcome = 'running'").run()
}

function prune(handle: WriteHandle, end: RunEnd): void {
  // By the cloud's clock where it is known: one that is set a year ahead must not empty the journal.
  const oldest = laterThan(end.endedAt, (end.clockOffsetMilliseconds ?? 0) - keptMilliseconds)
  const first = handle.prepare('select run, started_at from sync_run order by run limit 1').get() as
    | { readonly run: number; readonly started_at: string }
    | undefined
  if (first !== undefined && first.started_at < oldest)
    handle
      .prepare(
        `delete from sync_run where run < (select coalesce(min(run), 0) from sync_run where started_at >= ?)
          or (select max(started_at) from sync_run) < ?`,
      )
      .run(oldest, oldest)
  handle.prepare('delete from sync_run where run <= (select max(run) from sync_run) - ?').run(keptRuns)
  handle
    .prepare('delete from sync_exchange where exchange <= (select max(exchange) from sync_exchange) - ?')
    .run(keptExchanges)
  handle.prepare('delete from sync_exchange where run < (select min(run) from sync_run)').run()
  handle.prepare('delete from copy_check where id <= (select max(id) from copy_check) - 500').run()
}
