import type { EvidenceView, FilePresence } from '../../shared/contract/views.ts'
import type { PersonId } from '../../shared/domain/ids.ts'
import { groupByBatch } from '../database/group-by-batch.ts'
import type { ReadHandle } from '../database/handles.ts'
import { listOf } from '../database/lists.ts'
import { queryBuilder } from '../database/query-builder.ts'
import { toEvidenceFile } from '../evidence/evidence-row.ts'

const readPresence = (state: string | null): FilePresence => {
  switch (state) {
    case 'present':
    case 'partial':
    case 'altered':
      return state
    default:
      return 'absent'
  }
}

/**
 * The evidence of these batches that is not withdrawn, ordered by effective date and title, with whether its bytes are here and when
 * this person saw exactly these bytes.
 */
export function readEvidence(
  read: ReadHandle,
  personId: PersonId,
  batchIds: readonly string[],
): ReadonlyMap<string, readonly EvidenceView[]> {
  const rows = read.all(
    queryBuilder
      .selectFrom('evidence_file')
      .leftJoin('stored_file', 'stored_file.sha256', 'evidence_file.sha256')
      .leftJoin('evidence_view', (join) =>
        join
          .onRef('evidence_view.evidence_file_id', '=', 'evidence_file.id')
          .onRef('evidence_view.sha256', '=', 'evidence_file.sha256')
          .on('evidence_view.person_id', '=', personId),
      )
      .selectAll('evidence_file')
      .select(['stored_file.state as presence', 'evidence_view.viewed_at'])
      .where('evidence_file.batch_id', 'in', listOf(batchIds))
      .where('evidence_file.deleted_at', 'is', null)
      .orderBy('evidence_file.effective_at')
      .orderBy('evidence_file.title')
      .orderBy('evidence_file.id'),
  )
  const groups = groupByBatch(rows)
  return new Map(
    [...groups].map(([batchId, group]) => [
      batchId,
      group.map((row) => ({
        ...toEvidenceFile(row),
        presence: readPresence(row.presence),
        viewedAt: row.viewed_at,
      })),
    ]),
  )
}
