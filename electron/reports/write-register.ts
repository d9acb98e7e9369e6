import { basename } from 'node:path'
import type { RequestOf } from '../../shared/contract/channels.ts'
import type { WrittenReport } from '../../shared/contract/views.ts'
import { fail, ok, type Result } from '../../shared/result.ts'
import { appendAuditEvents } from '../audit-trail/append-audit-events.ts'
import type { CaseContext } from '../database/case-context.ts'
import { transact } from '../database/database.ts'
import { sha256Hex } from '../platform/identifiers.ts'
import { readDecisionsRegister } from './decisions-register.ts'
import { registerCsv } from './register-csv.ts'
import { registerFacts } from './register-facts.ts'
import { registerPdf } from './register-pdf.ts'
import { writeWholeFile } from './write-whole-file.ts'

/**
 * Writes the decisions register to a file. That it was written, with its hash, goes into the audit log: exports are part of the trail,
 * so that there is no file without the entry. Errors: `invalid_input`, `disk_full`, `not_allowed`.
 */
export async function writeRegister(
  context: CaseContext,
  fontsDirectory: string,
  input: RequestOf<'report.write'>,
  path: string,
): Promise<Result<WrittenReport>> {
  if (input.from > input.to) return fail('invalid_input', 'The period ends before it begins.', 'Swap the two days.')
  const { rows } = readDecisionsRegister(context, input, null)
  const facts = registerFacts(rows, { from: input.from, to: input.to }, context.clock.now(), context.person.name)
  const bytes = input.format === 'csv' ? registerCsv(rows, facts) : await registerPdf(rows, facts, fontsDirectory)
  const sha256 = sha256Hex(bytes)
  const written = await writeWholeFile(path, bytes, {
    commit: (publish) =>
      transact(context.database, (handle) => {
        appendAuditEvents(handle, context, [
          {
            action: 'report.written',
            entity: 'report',
            entityId: sha256,
            entityLabel: basename(path),
            before: null,
            after: {
              from: input.from,
              to: input.to,
              format: input.format,
              rows: rows.length,
              data_sha256: facts.dataSha256,
            },
          },
        ])
        return publish()
      }),
  })
  if (!written.ok) return written
  return ok({
    path,
    fileName: basename(path),
    rowCount: rows.length,
    sha256,
    byteSize: bytes.byteLength,
    generatedAt: facts.generatedAt,
  })
}
