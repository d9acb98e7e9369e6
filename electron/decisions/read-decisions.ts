import type { BatchStatus } from '../../shared/domain/batch.ts'
import type { AssuranceLevel, Decision, DecisionAction, Opinion } from '../../shared/domain/decision.ts'
import type { BatchId, DecisionId, DeviceId, PersonId, RubricId, Sha256 } from '../../shared/domain/ids.ts'
import type { OutboxState } from '../../shared/domain/sync-state.ts'
import { groupByBatch } from '../database/group-by-batch.ts'
import type { ReadHandle } from '../database/handles.ts'
import { listOf } from '../database/lists.ts'
import { queryBuilder } from '../database/query-builder.ts'
import type { Row } from '../database/tables.ts'
import { liveStates, toOutboxState } from '../outbox/change-states.ts'
import { overlayRows, readPendingRows } from '../outbox/pending-rows.ts'

/** A decision in the words of the domain. */
export const toDecision = (row: Row<'decision'>): Decision => ({
  id: row.id as DecisionId,
  batchId: row.batch_id as BatchId,
  actorId: row.actor_id as PersonId,
  action: row.action as DecisionAction,
  fromStatus: row.from_status as BatchStatus,
  toStatus: row.to_status as BatchStatus,
  reasonCode: row.reason_code,
  reason: row.reason,
  score: row.score,
  rubricId: row.rubric_id as RubricId | null,
  contentHash: row.content_hash as Sha256,
  opinion: row.opinion as Opinion | null,
  assuranceLevel: row.assurance_level as AssuranceLevel | null,
  unviewedEvidenceCount: row.unviewed_evidence_count,
  deviceId: (row.device_id ?? '') as DeviceId,
  decidedAt: row.decided_at,
  // A row that exists only here has not been received by anybody.
  receivedAt: row.received_at === '' ? null : row.received_at,
  version: row.version,
})

/** A decision with where its change is; null when the cloud holds it and nothing is open. */
export type DecisionWithState = Decision & { readonly outboxState: OutboxState | null }

/** The decisions on these batches, oldest first, those that only exist here last: of changes in these states. */
export function readDecisions(
  read: ReadHandle,
  batchIds: readonly string[],
  states: readonly OutboxState[] = liveStates,
): ReadonlyMap<string, readonly DecisionWithState[]> {
  const mirrored = read.all(
    queryBuilder
      .selectFrom('decision')
      .selectAll()
      .where('batch_id', 'in', listOf(batchIds))
      .orderBy('received_at')
      .orderBy('row'),
  )
  const pending = readPendingRows(read, 'decision', batchIds, states)
  const changeStates = readStates(
    read,
    pending.map(({ mutationId }) => mutationId),
  )
  const stateByDecision = new Map(pending.map(({ mutationId, row }) => [row.id, changeStates.get(mutationId) ?? null]))
  const groups = groupByBatch(overlayRows(mirrored, pending))
  return new Map(
    [...groups].map(([batchId, group]) => [
      batchId,
      group.map((row) => ({ ...toDecision(row), outboxState: stateByDecision.get(row.id) ?? null })),
    ]),
  )
}

/** The state of each of these changes. */
export function readStates(read: ReadHandle, mutationIds: readonly string[]): ReadonlyMap<string, OutboxState> {
  if (mutationIds.length === 0) return new Map()
  const rows = read.all(
    queryBuilder.selectFrom('outbox').select(['mutation_id', 'state']).where('mutation_id', 'in', listOf(mutationIds)),
  )
  return new Map(rows.map(({ mutation_id, state }) => [mutation_id, toOutboxState(state)]))
}
