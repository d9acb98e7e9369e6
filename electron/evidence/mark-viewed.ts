import type { RequestOf, ResponseOf } from '../../shared/contract/channels.ts'
import { fail, ok, type Result } from '../../shared/result.ts'
import { appendAuditEvents } from '../audit-trail/append-audit-events.ts'
import type { CaseContext } from '../database/case-context.ts'
import { transact } from '../database/database.ts'
import { findEvidenceFile } from './find-evidence-file.ts'

/**
 * Records that this person has seen exactly these bytes. Seeing them again changes nothing: the first time counts.
 * Error `stale` when the file is another one by now.
 */
export function markViewed(
  context: CaseContext,
  input: RequestOf<'evidence.markViewed'>,
): Result<ResponseOf<'evidence.markViewed'>> {
  const found = findEvidenceFile(context, input.evidenceFileId)
  if (!found.ok) return found
  const file = found.value
  if (file.sha256 !== input.sha256)
    return fail('stale', 'The file was replaced meanwhile, so these bytes do not count as viewed.', 'Open it again.')
  const { build } = context.database
  const viewedAt = context.clock.now()
  return transact(context.database, (handle) => {
    const inserted = handle.run(
      build
        .insertInto('evidence_view')
        .values({ evidence_file_id: file.id, sha256: file.sha256, person_id: context.person.id, viewed_at: viewedAt })
        .onConflict((conflict) => conflict.doNothing()),
    )
    if (inserted.changes === 0) {
      const earlier = handle.first(
        build
          .selectFrom('evidence_view')
          .select('viewed_at')
          .where('evidence_file_id', '=', file.id)
          .where('sha256', '=', file.sha256)
          .where('person_id', '=', context.person.id),
      )
      return ok({ viewedAt: earlier?.viewed_at ?? viewedAt })
    }
    appendAuditEvents(handle, context, [
      {
        action: 'evidence.viewed',
        entity: 'evidence_file',
        entityId: file.id,
        entityLabel: file.title,
        before: null,
        after: { batch_id: file.batchId, sha256: file.sha256 },
      },
    ])
    return ok({ viewedAt })
  })
}
