import type { EvidenceTable } from '../../shared/contract/views.ts'
import { fail, ok, type Result } from '../../shared/result.ts'
import type { CaseContext } from '../database/case-context.ts'
import type { HostileReader } from '../platform/hostile/hostile-reader.ts'
import type { EvidenceSource } from './evidence-source.ts'
import { findEvidenceFile } from './find-evidence-file.ts'

const workbook = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

/** The tables of a CSV file or workbook, capped, read in a child process. Error `file_unreadable` for any other type. */
export async function readEvidenceTable(
  context: CaseContext,
  source: EvidenceSource,
  reader: HostileReader,
  input: { readonly evidenceFileId: string },
): Promise<Result<EvidenceTable>> {
  const found = findEvidenceFile(context, input.evidenceFileId)
  if (!found.ok) return found
  const { mediaType } = found.value
  const kind = mediaType === workbook ? 'workbook' : mediaType.startsWith('text/') ? 'csv' : null
  if (kind === null)
    return fail('file_unreadable', 'This file holds no table.', 'Save it and open it with another program.', {
      mediaType,
    })
  const bytes = await source.read(found.value.sha256)
  if (!bytes.ok) return bytes
  const table = await reader({ kind }, bytes.value)
  if (!table.ok) return table
  return table.value.kind === 'table'
    ? ok({ sheets: table.value.sheets })
    : fail('file_unreadable', 'This file holds no table.', 'Save it and open it with another program.')
}
