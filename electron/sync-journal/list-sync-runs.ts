import type { RequestOf, ResponseOf } from '../../shared/contract/channels.ts'
import type { ExchangeKind, RunOutcome, SyncExchange, SyncRun } from '../../shared/domain/sync-journal.ts'
import type { Result } from '../../shared/result.ts'
import type { CaseContext } from '../database/case-context.ts'
import { reading } from '../database/database.ts'
import type { Row } from '../database/tables.ts'

/** Outcomes that somebody has to look into. */
export const failedOutcomes: readonly RunOutcome[] = ['problem', 'failed', 'broken_off']

/** Runs, newest first, from below a number on; and how many there are. */
export const listSyncRuns = (
  { database }: Pick<CaseContext, 'database'>,
  { failedOnly, before, limit }: RequestOf<'syncLog.list'>,
): Result<ResponseOf<'syncLog.list'>> =>
  reading(() => {
    const { build, read } = database
    let runs = build.selectFrom('sync_run')
    if (failedOnly) runs = runs.where('outcome', 'in', failedOutcomes)
    const total = read.first(runs.select((select) => select.fn.countAll<number>().as('runs')))?.runs ?? 0
    let page = runs.selectAll().orderBy('run', 'desc').limit(limit)
    if (before !== null) page = page.where('run', '<', before)
    return { runs: read.all(page).map(toSyncRun), total }
  })

/** What was exchanged in a run, in the order in which it ended. */
export const listSyncExchanges = (
  { database }: Pick<CaseContext, 'database'>,
  { run, limit }: RequestOf<'syncLog.exchanges'>,
): Result<readonly SyncExchange[]> =>
  reading(() =>
    database.read
      .all(
        database.build.selectFrom('sync_exchange').selectAll().where('run', '=', run).orderBy('exchange').limit(limit),
      )
      .map(toSyncExchange),
  )

/** A run as it is shown and exported. */
export const toSyncRun = (row: Row<'sync_run'>): SyncRun => ({
  run: row.run,
  kind: row.kind === 'files' ? 'files' : 'sync',
  startedAt: row.started_at,
  endedAt: row.ended_at,
  milliseconds: row.milliseconds,
  outcome: row.outcome as RunOutcome,
  errorCode: row.error_code,
  attempt: row.attempt,
  quietRuns: row.quiet_runs,
  clockOffsetMilliseconds: row.clock_offset_ms,
  exchanges: row.exchanges,
  rowsIn: row.rows_in,
  rowsOut: row.rows_out,
  bytesIn: row.bytes_in,
  bytesOut: row.bytes_out,
})

/** An exchange as it is shown and exported. */
export const toSyncExchange = (row: Row<'sync_exchange'>): SyncExchange => ({
  kind: row.kind as ExchangeKind,
  scope: row.scope,
  table: row.table_name,
  startedAt: row.started_at,
  milliseconds: row.milliseconds,
  httpStatus: row.http_status,
  rowsIn: row.rows_in,
  rowsOut: row.rows_out,
  bytesIn: row.bytes_in,
  bytesOut: row.bytes_out,
  outcome: row.outcome as SyncExchange['outcome'],
  errorCode: row.error_code,
})
