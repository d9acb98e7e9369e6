import type { RequestOf } from '../../shared/contract/channels.ts'
import type { DecisionOutcome } from '../../shared/contract/views.ts'
import type { BatchId, MutationId } from '../../shared/domain/ids.ts'
import { ok, type Result } from '../../shared/result.ts'
import type { MutationDto } from '../../shared/wire/sync.ts'
import { appendAuditEvents } from '../audit-trail/append-audit-events.ts'
import type { AuditFacts } from '../audit-trail/audit-entry.ts'
import type { CaseContext } from '../database/case-context.ts'
import { transact } from '../database/database.ts'
import type { WriteHandle } from '../database/handles.ts'
import { listOf } from '../database/lists.ts'
import { queryBuilder } from '../database/query-builder.ts'
import type { Row } from '../database/tables.ts'
import { undoHeld } from '../outbox/undo-held.ts'

/**
 * Takes back decisions that were not sent, the newest first. Nothing is removed: the change stays readable as undone, and the log gets
 * a compensating event. A verification is never taken back; its signature may have been seen.
 */
export function undoDecisions(
  context: CaseContext,
  { mutationIds }: RequestOf<'decision.undo'>,
): Result<readonly DecisionOutcome[]> {
  return transact(context.database, (handle) => {
    const changes = handle.all(
      queryBuilder
        .selectFrom('outbox')
        .selectAll()
        .where('mutation_id', 'in', listOf(mutationIds))
        .orderBy('sequence', 'desc'),
    )
    const outcomes = new Map(changes.map((change) => [change.mutation_id, undoOne(handle, context, change)]))
    return ok(mutationIds.map((mutationId) => outcomes.get(mutationId) ?? unknownChange(mutationId)))
  })
}

function undoOne(handle: WriteHandle, context: CaseContext, change: Row<'outbox'>): DecisionOutcome {
  const batchId = change.batch_id as BatchId
  const mutationId = change.mutation_id as MutationId
  const body = JSON.parse(change.body) as MutationDto
  if (body.kind !== 'decision.record' || body.payload.action === 'verify') {
    return {
      batchId,
      mutationId,
      refused: { code: 'blocked', message: 'Only a decision that was not signed can be taken back.' },
    }
  }
  const undone = undoHeld(handle, context.clock, mutationId)
  if (!undone.ok) return { batchId, mutationId, refused: { code: undone.error.code, message: undone.error.message } }
  appendAuditEvents(handle, context, [
    {
      action: 'decision.undone',
      entity: 'decision',
      entityId: body.row_id,
      entityLabel: change.summary,
      before: { action: body.payload.action, batch_id: batchId, state: change.state },
      after: { ...bound(change), state: 'undone' },
    },
  ])
  return { batchId, mutationId, refused: null }
}

/** What the batch is again: the status and the content that the decision was made on. */
function bound({ base }: Row<'outbox'>): AuditFacts {
  const { status, content_hash, version } = (base === null ? {} : JSON.parse(base)) as AuditFacts
  return { status, content_hash, version }
}

const unknownChange = (mutationId: string): DecisionOutcome => ({
  batchId: '' as BatchId,
  mutationId: mutationId as MutationId,
  refused: { code: 'not_found', message: 'There is no such change.' },
})
