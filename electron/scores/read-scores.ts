import type { BatchId, EvidenceFileId, PersonId, RubricId, ScoreId } from '../../shared/domain/ids.ts'
import type { Score } from '../../shared/domain/score.ts'
import { groupByBatch } from '../database/group-by-batch.ts'
import type { ReadHandle } from '../database/handles.ts'
import { listOf } from '../database/lists.ts'
import { queryBuilder } from '../database/query-builder.ts'
import type { Row } from '../database/tables.ts'
import { overlayRows, readPendingRows } from '../outbox/pending-rows.ts'

/** A score in the words of the domain. */
export const toScore = (row: Row<'score'>): Score => ({
  id: row.id as ScoreId,
  batchId: row.batch_id as BatchId,
  verifierId: row.verifier_id as PersonId,
  rubricId: row.rubric_id as RubricId,
  criterionCode: row.criterion_code,
  points: row.points,
  notApplicableReason: row.not_applicable_reason,
  note: row.note,
  evidenceFileIds: JSON.parse(row.evidence_ids) as readonly EvidenceFileId[],
  updatedAt: row.updated_at,
  version: row.version,
})

/** A verifier's scores of these batches, with unsent changes on top. */
export function readScores(
  read: ReadHandle,
  verifierId: PersonId,
  batchIds: readonly string[],
): ReadonlyMap<string, readonly Score[]> {
  const mirrored = read.all(
    queryBuilder
      .selectFrom('score')
      .selectAll()
      .where('batch_id', 'in', listOf(batchIds))
      .where('verifier_id', '=', verifierId),
  )
  const rows = overlayRows(mirrored, readPendingRows(read, 'score', batchIds))
  const groups = groupByBatch(rows)
  return new Map([...groups].map(([batchId, group]) => [batchId, group.map(toScore)]))
}
