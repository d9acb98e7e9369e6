import type { DecisionOutcome } from '../../shared/contract/views.ts'
import type { BatchId } from '../../shared/domain/ids.ts'
import { ok, type Result } from '../../shared/result.ts'
import { type AuditEvent, appendAuditEvents } from '../audit-trail/append-audit-events.ts'
import type { CaseContext } from '../database/case-context.ts'
import { transact } from '../database/database.ts'
import { type ChangeDraft, enqueueMutations } from '../outbox/enqueue-mutation.ts'
import { newId } from '../platform/identifiers.ts'
import { batchNotHere } from './change-batch.ts'
import { gatesFor, readReviewFacts } from './review-facts.ts'

/** Takes pending batches from the pool. Each is claimed or refused by itself; whether somebody else was first, the cloud decides. */
export function claimBatches(
  context: CaseContext,
  { batchIds }: { readonly batchIds: readonly string[] },
): Result<readonly DecisionOutcome[]> {
  const { person, clock, database } = context
  const wanted = [...new Set(batchIds)] as BatchId[]
  return transact(database, (handle) => {
    const facts = readReviewFacts(handle, context, wanted)
    const refusals = new Map<BatchId, DecisionOutcome['refused']>()
    const changes: ChangeDraft[] = []
    const events: AuditEvent[] = []
    for (const batchId of wanted) {
      const known = facts.get(batchId)
      const [gate] = known === undefined ? [] : gatesFor(known, person, 'claim', wanted.length)
      if (known === undefined || gate !== undefined) {
        refusals.set(batchId, gate ?? batchNotHere.error)
        continue
      }
      const assignmentId = newId<string>()
      changes.push({
        kind: 'batch.claim',
        rowId: batchId,
        batchId,
        baseVersion: known.batch.version,
        contentHash: null,
        payload: { assignment_id: assignmentId },
        summary: `Claimed ${known.batch.batchHash}`,
        base: { status: known.status },
        holdSeconds: 0,
        pendingRows: [
          {
            table: 'assignment',
            row: {
              id: assignmentId,
              batch_id: batchId,
              user_id: person.id,
              role: person.subRole ?? 'desk_verifier',
              assigned_by: person.id,
              assigned_at: clock.now(),
              due_at: null,
              ended_at: null,
            },
          },
        ],
        overlay: { status: 'under_review' },
      })
      events.push({
        action: 'batch.claimed',
        entity: 'batch',
        entityId: batchId,
        entityLabel: known.batch.batchHash,
        before: { status: known.status },
        after: { status: 'under_review', assignment_id: assignmentId },
      })
    }
    const mutationIds = enqueueMutations(handle, context, changes)
    appendAuditEvents(handle, context, events)
    const mutationOf = new Map(changes.map(({ batchId }, index) => [batchId, mutationIds[index] ?? null]))
    return ok(
      wanted.map((batchId) => ({
        batchId,
        mutationId: mutationOf.get(batchId) ?? null,
        refused: refusalOf(refusals.get(batchId)),
      })),
    )
  })
}

/** A refusal as the window is told it: code and sentence, nothing else of what it was made from. */
const refusalOf = (refusal: DecisionOutcome['refused'] | undefined): DecisionOutcome['refused'] =>
  refusal === undefined || refusal === null ? null : { code: refusal.code, message: refusal.message }
