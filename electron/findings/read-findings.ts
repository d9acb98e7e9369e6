import type { Finding, FindingKind, FindingRound, FindingStatus } from '../../shared/domain/finding.ts'
import type { BatchId, EvidenceFileId, FindingId, FindingRoundId, PersonId } from '../../shared/domain/ids.ts'
import { groupByBatch } from '../database/group-by-batch.ts'
import type { ReadHandle } from '../database/handles.ts'
import { listOf } from '../database/lists.ts'
import { queryBuilder } from '../database/query-builder.ts'
import type { Row } from '../database/tables.ts'
import { overlayRows, readPendingRows } from '../outbox/pending-rows.ts'

const toRound = (row: Row<'finding_round'>): FindingRound => ({
  id: row.id as FindingRoundId,
  findingId: row.finding_id as FindingId,
  round: row.round,
  kind: row.kind as FindingRound['kind'],
  authorId: row.author_id as PersonId,
  onBehalfOf: row.on_behalf_of,
  body: row.body,
  createdAt: row.created_at,
})

const toFinding = (row: Row<'finding'>, rounds: readonly FindingRound[]): Finding => ({
  id: row.id as FindingId,
  batchId: row.batch_id as BatchId,
  kind: row.kind as FindingKind,
  title: row.title,
  description: row.description,
  criterionCode: row.criterion_code,
  evidenceFileId: row.evidence_file_id as EvidenceFileId | null,
  status: row.status as FindingStatus,
  dueAt: row.due_at,
  misstatement: row.misstatement,
  raisedBy: row.raised_by as PersonId,
  raisedAt: row.raised_at,
  rounds,
  version: row.version,
})

/** The findings of these batches with their rounds, oldest first, with unsent changes on top. */
export function readFindings(read: ReadHandle, batchIds: readonly string[]): ReadonlyMap<string, readonly Finding[]> {
  const findings = overlayRows(
    read.all(
      queryBuilder.selectFrom('finding').selectAll().where('batch_id', 'in', listOf(batchIds)).orderBy('raised_at'),
    ),
    readPendingRows(read, 'finding', batchIds),
  )
  if (findings.length === 0) return new Map()
  const rounds = new Map<string, FindingRound[]>()
  const roundRows = overlayRows(
    read.all(
      queryBuilder
        .selectFrom('finding_round')
        .selectAll()
        .where('batch_id', 'in', listOf(batchIds))
        .orderBy('created_at')
        .orderBy('round'),
    ),
    readPendingRows(read, 'finding_round', batchIds),
  )
  for (const row of roundRows) {
    const known = rounds.get(row.finding_id)
    if (known === undefined) rounds.set(row.finding_id, [toRound(row)])
    else known.push(toRound(row))
  }
  const groups = groupByBatch(findings)
  return new Map(
    [...groups].map(([batchId, group]) => [batchId, group.map((row) => toFinding(row, rounds.get(row.id) ?? []))]),
  )
}
