import type { CopyCheck, SyncExchange, SyncRun } from '../../shared/domain/sync-journal.ts'
import { previewNow } from './fake-batches.ts'

const at = (minutes: number) => new Date(previewNow - minutes * 60_000).toISOString()

/** A comparison that found and mended something. */
export const fakeCheck: CopyCheck = {
  checkedAt: at(190),
  outcome: 'repaired',
  tables: 25,
  rows: 18_240,
  milliseconds: 640,
  differences: [
    { scope: 'person', table: 'evidence_files', missing: 1, outdated: 0, surplus: 0, remains: false },
    { scope: 'person', table: 'finding_rounds', missing: 0, outdated: 2, surplus: 0, remains: false },
  ],
}

/** Runs of some days, newest first: quiet ones, some that sent or fetched, and some that failed. */
export const fakeSyncRuns = (count: number): readonly SyncRun[] =>
  Array.from({ length: count }, (_, index): SyncRun => {
    const run = count - index
    const failed = run % 17 === 3
    const quiet = !failed && run % 3 !== 0
    const files = !failed && run % 12 === 0
    return {
      run,
      kind: files ? 'files' : 'sync',
      startedAt: at(index * 21),
      endedAt: at(index * 21 - (quiet ? 20 : 0)),
      milliseconds: failed ? 30_004 : quiet ? 9_800 : 640,
      outcome: failed ? 'failed' : run % 30 === 9 ? 'broken_off' : 'done',
      errorCode: failed ? 'cloud_unreachable' : null,
      attempt: failed ? 3 : 1,
      quietRuns: quiet ? 42 : 0,
      clockOffsetMilliseconds: 120,
      exchanges: quiet ? 168 : failed ? 2 : files ? 3 : 5,
      rowsIn: quiet || failed ? 0 : files ? 3 : 1_204,
      rowsOut: quiet || failed || files ? 0 : 6,
      bytesIn: quiet ? 61_400 : files ? 8_412_000 : 812_300,
      bytesOut: quiet ? 29_100 : 4_100,
    }
  })

/** The exchanges of a run. */
export function fakeExchanges(run: SyncRun | undefined): readonly SyncExchange[] {
  if (run === undefined) return []
  const exchange = (kind: SyncExchange['kind'], more: Partial<SyncExchange> = {}): SyncExchange => ({
    kind,
    scope: null,
    table: null,
    startedAt: run.startedAt,
    milliseconds: 38,
    httpStatus: 200,
    rowsIn: 0,
    rowsOut: 0,
    bytesIn: 690,
    bytesOut: 212,
    outcome: 'done',
    errorCode: null,
    ...more,
  })
  if (run.kind === 'files')
    return Array.from({ length: 3 }, () =>
      exchange('file_down', { rowsIn: 1, bytesIn: 2_804_000, bytesOut: 0, milliseconds: 210 }),
    )
  if (run.outcome === 'failed')
    return [
      exchange('handshake'),
      exchange('pull', {
        scope: 'person',
        outcome: 'failed',
        errorCode: 'cloud_unreachable',
        httpStatus: null,
        milliseconds: 30_001,
        bytesIn: 0,
      }),
    ]
  return [
    exchange('handshake'),
    ...(run.rowsOut > 0
      ? [exchange('push', { rowsOut: run.rowsOut, rowsIn: 12, bytesIn: 9_100, bytesOut: 3_400 })]
      : []),
    exchange('pull', { scope: 'reference' }),
    exchange('pull', { scope: 'person', rowsIn: run.rowsIn, bytesIn: 640_000 }),
    exchange('pull', { scope: 'pool' }),
  ]
}
