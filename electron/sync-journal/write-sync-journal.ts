import { basename } from 'node:path'
import type { WrittenReport } from '../../shared/contract/views.ts'
import { ok, type Result } from '../../shared/result.ts'
import { appendAuditEvents } from '../audit-trail/append-audit-events.ts'
import type { CaseContext } from '../database/case-context.ts'
import { transact } from '../database/database.ts'
import { sha256Hex } from '../platform/identifiers.ts'
import { writeWholeFile } from '../reports/write-whole-file.ts'
import { journalLines, type ProgramFacts } from './journal-lines.ts'

/** The name that is offered for the journal's file. */
export const syncJournalFileName = ({ clock }: Pick<CaseContext, 'clock'>): string =>
  `veridesk-sync-log-${clock.now().slice(0, 10)}.jsonl`

/**
 * Writes the journal of synchronization to a file for whoever is asked for help. That it left the computer goes into the audit log
 * with its hash. Errors: `disk_full`, `not_allowed`.
 */
export async function writeSyncJournal(
  context: CaseContext,
  program: ProgramFacts,
  path: string,
): Promise<Result<WrittenReport>> {
  const generatedAt = context.clock.now()
  const { bytes, runs } = journalLines(context, program)
  const sha256 = sha256Hex(bytes)
  const written = await writeWholeFile(path, bytes, {
    commit: (publish) =>
      transact(context.database, (handle) => {
        appendAuditEvents(handle, context, [
          {
            action: 'sync_log.exported',
            entity: 'report',
            entityId: sha256,
            entityLabel: basename(path),
            before: null,
            after: { runs, byte_size: bytes.byteLength },
          },
        ])
        return publish()
      }),
  })
  if (!written.ok) return written
  return ok({ path, fileName: basename(path), rowCount: runs, sha256, byteSize: bytes.byteLength, generatedAt })
}
