import type { WrittenReport } from '../../shared/contract/views.ts'
import { ok } from '../../shared/result.ts'
import { listSyncExchanges, listSyncRuns } from '../sync-journal/list-sync-runs.ts'
import { syncJournalFileName, writeSyncJournal } from '../sync-journal/write-sync-journal.ts'
import type { HandlersOf } from './handler-types.ts'
import { inWorkspace, type WorkerParts } from './worker-parts.ts'

/** The journal of synchronization. */
export function syncLogHandlers(parts: WorkerParts): HandlersOf<`syncLog.${string}`> {
  const { data } = parts
  const within = inWorkspace(parts)
  return {
    'syncLog.list': (input) => within((context) => listSyncRuns(context, input)),
    'syncLog.exchanges': (input) => within((context) => listSyncExchanges(context, input)),
    'syncLog.save': () =>
      within<WrittenReport | null>(async (context) => {
        const path = await parts.main('chooseSavePath', {
          fileName: syncJournalFileName(context),
          title: 'Save sync log',
        })
        if (path === null) return ok(null)
        const program = {
          programVersion: data.appVersion,
          host: data.host,
          platform: `${process.platform} ${process.arch}`,
        }
        return writeSyncJournal(context, program, path)
      }),
  }
}
