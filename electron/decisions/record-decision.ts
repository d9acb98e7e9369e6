import type { RequestOf } from '../../shared/contract/channels.ts'
import type { DecisionOutcome } from '../../shared/contract/views.ts'
import type { Gate } from '../../shared/domain/gate.ts'
import type { BatchId } from '../../shared/domain/ids.ts'
import { decisionReasons } from '../../shared/domain/reasons.ts'
import { nextStatus } from '../../shared/domain/transitions.ts'
import { fail, ok, type Result } from '../../shared/result.ts'
import { appendAuditEvents } from '../audit-trail/append-audit-events.ts'
import { batchNotHere } from '../batches/change-batch.ts'
import { gatesFor, type ReviewFacts, readReviewFacts } from '../batches/review-facts.ts'
import type { CaseContext } from '../database/case-context.ts'
import { transact } from '../database/database.ts'
import { enqueueMutations } from '../outbox/enqueue-mutation.ts'
import { newIdAt } from '../platform/identifiers.ts'
import { type DecisionParts, decisionChange, decisionEvent } from './decision-change.ts'

type Request = RequestOf<'decision.record'>
type Refusal = NonNullable<DecisionOutcome['refused']>

/**
 * Records one decision on one or many batches in a single transaction that is on the disk when the call returns: decision, audit event
 * and outbox entry. Each batch passes its own gates or is refused by itself. Decisions are held for the time in the settings.
 */
export function recordDecision(context: CaseContext, input: Request): Result<readonly DecisionOutcome[]> {
  if (!decisionReasons[input.action]?.some(({ code }) => code === input.reasonCode)) {
    return fail('invalid_input', 'There is no such reason for this decision.', 'Choose one of the reasons offered.')
  }
  const batchIds = [...new Set(input.batchIds)] as BatchId[]
  return transact(context.database, (handle) => {
    const facts = readReviewFacts(handle, context, batchIds)
    const judged = batchIds.map((batchId) => judge(context, input, facts.get(batchId), batchIds.length))
    const decided = judged.filter((each): each is DecisionParts => 'decisionId' in each)
    const mutationIds = enqueueMutations(
      handle,
      context,
      decided.map((parts) => decisionChange(context, parts)),
    )
    appendAuditEvents(handle, context, decided.map(decisionEvent))
    const mutationOf = new Map(decided.map(({ facts: { batch } }, index) => [batch.id, mutationIds[index] ?? null]))
    return ok(
      batchIds.map((batchId, index) => {
        const outcome = judged[index]
        const refused = outcome === undefined || 'decisionId' in outcome ? null : outcome
        return { batchId, mutationId: mutationOf.get(batchId) ?? null, refused }
      }),
    )
  })
}

function judge(
  context: CaseContext,
  input: Request,
  facts: ReviewFacts | undefined,
  batchCount: number,
): DecisionParts | Refusal {
  if (facts === undefined) return { code: batchNotHere.error.code, message: batchNotHere.error.message }
  const gate = closedGate(gatesFor(facts, context.person, input.action, batchCount), input.acknowledgedGates)
  if (gate !== undefined) return { code: gate.code, message: gate.message }
  const toStatus = nextStatus(facts.status, input.action, context.person)
  if (toStatus === null) throw new Error('The gates let a decision through that leads nowhere')
  return {
    decisionId: newIdAt(context.clock.now()),
    facts,
    action: input.action,
    toStatus,
    reasonCode: input.reasonCode,
    reason: input.reason,
    opinion: null,
    assuranceLevel: null,
    acknowledgedGates: input.acknowledgedGates,
    holdSeconds: context.settings.holdSeconds,
  }
}

/** The first gate that stops a decision: one that blocks, or one that was not acknowledged. */
export const closedGate = (gates: readonly Gate[], acknowledged: readonly string[]): Gate | undefined =>
  gates.find(({ code, severity }) => severity === 'blocks' || !acknowledged.includes(code))
