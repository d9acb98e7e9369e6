import type { EvidenceFile } from '../../shared/domain/evidence.ts'
import { fail, ok, type Result } from '../../shared/result.ts'
import type { CaseContext } from '../database/case-context.ts'
import { toEvidenceFile } from './evidence-row.ts'

/** A mirrored piece of evidence by its id. Error `not_found` when it left the mirror or was withdrawn by the recycler. */
export function findEvidenceFile(context: CaseContext, id: string): Result<EvidenceFile> {
  const { build, read } = context.database
  const row = read.first(
    build.selectFrom('evidence_file').selectAll().where('id', '=', id).where('deleted_at', 'is', null),
  )
  if (row === undefined)
    return fail(
      'not_found',
      'This piece of evidence is not on this computer any more.',
      'Sync; if it stays away, the recycler withdrew it or the batch is no longer yours.',
    )
  return ok(toEvidenceFile(row))
}
