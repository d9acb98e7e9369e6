import { basename } from 'node:path'
import type { RequestOf } from '../../shared/contract/channels.ts'
import type { WrittenReport } from '../../shared/contract/views.ts'
import { fail, ok, type Result } from '../../shared/result.ts'
import { appendAuditEvents } from '../audit-trail/append-audit-events.ts'
import type { CaseContext } from '../database/case-context.ts'
import { reading, transact } from '../database/database.ts'
import { sha256Hex } from '../platform/identifiers.ts'
import { changesCsv, changesJson, readExportedChanges } from './changes-export.ts'
import { writeWholeFile } from './write-whole-file.ts'

/** The name that is offered for a file of changes. */
export const changesFileName = (now: string, format: 'json' | 'csv'): string => `changes-${now.slice(0, 10)}.${format}`

/**
 * Writes local changes with their proof to a file. That it was written, with its hash, goes into the audit log with it. Errors:
 * `not_found` where there is nothing to write, `disk_full`, `not_allowed`.
 */
export async function writeChanges(
  context: CaseContext,
  input: RequestOf<'outbox.export'>,
  path: string,
): Promise<Result<WrittenReport>> {
  const read = reading(() => readExportedChanges(context.database.read, input))
  if (!read.ok) return read
  const changes = read.value
  if (changes.length === 0) return fail('not_found', 'There is no change to write.', 'Choose others, or another list.')
  const bytes = input.format === 'json' ? changesJson(changes, context) : changesCsv(changes)
  const sha256 = sha256Hex(bytes)
  const written = await writeWholeFile(path, bytes, {
    commit: (publish) =>
      transact(context.database, (handle) => {
        appendAuditEvents(handle, context, [
          {
            action: 'changes.exported',
            entity: 'report',
            entityId: sha256,
            entityLabel: basename(path),
            before: null,
            after: { format: input.format, rows: changes.length, states: input.states },
          },
        ])
        return publish()
      }),
  })
  if (!written.ok) return written
  return ok({
    path,
    fileName: basename(path),
    rowCount: changes.length,
    sha256,
    byteSize: bytes.byteLength,
    generatedAt: context.clock.now(),
  })
}
