import { createHash, randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { RequestOf } from '../../shared/contract/channels.ts'
import type { WrittenReport } from '../../shared/contract/views.ts'
import type { Sha256 } from '../../shared/domain/ids.ts'
import { fail, ok, type Result } from '../../shared/result.ts'
import { appendAuditEvents } from '../audit-trail/append-audit-events.ts'
import type { CaseContext } from '../database/case-context.ts'
import { readDecisionsRegister } from './decisions-register.ts'
import { registerCsv } from './register-csv.ts'
import { registerFacts } from './register-facts.ts'
import { registerPdf } from './register-pdf.ts'

/** The name that is offered for a register's file. */
export const registerFileName = ({ from, to, format }: RequestOf<'report.write'>): string =>
  `decisions-${from}-to-${to}.${format}`

/** Writes beside the target and renames, so that a report is whole or not there. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<Result<null>> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.part`)
  try {
    const file = await open(temporary, 'wx')
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
    return ok(null)
  } catch (error) {
    await rm(temporary, { force: true })
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    return code === 'ENOSPC'
      ? fail('disk_full', 'There is no room left on this disk.', 'Free some space or choose another place.')
      : fail('not_allowed', 'The report cannot be written there.', 'Choose another folder or file name.', { code })
  }
}

/** Writes the decisions register to a file. That it was written, with its hash, goes into the audit log: exports are part of the trail. */
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
  const written = await writeWhole(path, bytes)
  if (!written.ok) return written
  const sha256 = createHash('sha256').update(bytes).digest('hex') as Sha256
  context.database.write((handle) =>
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
    ]),
  )
  return ok({
    path,
    fileName: basename(path),
    rowCount: rows.length,
    sha256,
    byteSize: bytes.byteLength,
    generatedAt: facts.generatedAt,
  })
}
