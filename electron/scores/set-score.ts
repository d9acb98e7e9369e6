import type { RequestOf } from '../../shared/contract/channels.ts'
import type { BatchDetail } from '../../shared/contract/views.ts'
import { fail, ok, type Result } from '../../shared/result.ts'
import { appendAuditEvents } from '../audit-trail/append-audit-events.ts'
import { allowReview, changeBatch } from '../batches/change-batch.ts'
import type { ReviewFacts } from '../batches/review-facts.ts'
import type { CaseContext } from '../database/case-context.ts'
import { enqueueMutation } from '../outbox/enqueue-mutation.ts'
import { newId } from '../platform/identifiers.ts'
import { readScores } from './read-scores.ts'

type Request = RequestOf<'score.set'>

/** Sets the person's own mark for one criterion: points, a reason why it does not apply, or (both null) nothing any more. */
export function setScore(context: CaseContext, input: Request): Result<BatchDetail> {
  const { person, clock } = context
  return changeBatch(context, input.batchId, (handle, facts) => {
    const allowed = allowReview(facts, context, 'reviewer')
    if (!allowed.ok) return allowed
    const checked = checkMark(facts, input)
    if (!checked.ok) return checked
    const { rubricId } = checked.value
    const known = (readScores(handle, person.id, [input.batchId]).get(input.batchId) ?? []).find(
      ({ criterionCode }) => criterionCode === input.criterionCode,
    )
    const scoreId = known?.id ?? newId<string>()
    const after = {
      points: input.points,
      not_applicable_reason: input.notApplicableReason,
      note: input.note,
      evidence_ids: input.evidenceFileIds,
    }
    const before =
      known === undefined
        ? null
        : {
            points: known.points,
            not_applicable_reason: known.notApplicableReason,
            note: known.note,
            evidence_ids: known.evidenceFileIds,
          }
    enqueueMutation(handle, context, {
      kind: 'score.set',
      rowId: scoreId,
      batchId: input.batchId,
      baseVersion: known?.version ?? 0,
      contentHash: null,
      payload: { rubric_id: rubricId, criterion_code: input.criterionCode, ...after },
      summary: `${input.criterionCode}: ${markInWords(input)}`,
      base: before,
      holdSeconds: 0,
      pendingRows: [
        {
          table: 'score',
          row: {
            id: scoreId,
            batch_id: input.batchId,
            verifier_id: person.id,
            rubric_id: rubricId,
            criterion_code: input.criterionCode,
            points: input.points,
            not_applicable_reason: input.notApplicableReason,
            note: input.note,
            evidence_ids: JSON.stringify(input.evidenceFileIds),
            updated_at: clock.now(),
          },
        },
      ],
    })
    appendAuditEvents(handle, context, [
      {
        action: 'score.set',
        entity: 'score',
        entityId: scoreId,
        entityLabel: `${facts.batch.batchHash} ${input.criterionCode}`,
        before,
        after: { ...after, criterion_code: input.criterionCode, batch_id: input.batchId },
      },
    ])
    return ok(null)
  })
}

const markInWords = ({ points, notApplicableReason }: Request): string => {
  if (points !== null) return points === 1 ? '1 point' : `${points} points`
  return notApplicableReason === null ? 'mark removed' : 'not applicable'
}

function checkMark(facts: ReviewFacts, input: Request): Result<{ readonly rubricId: string }> {
  const { rubric } = facts
  if (rubric === null) {
    return fail(
      'blocked',
      'No rubric is published for this standard.',
      'Ask an administrator to publish one, then sync.',
    )
  }
  const criterion = rubric.criteria.find(({ code }) => code === input.criterionCode)
  if (criterion === undefined) {
    return fail('invalid_input', 'The rubric has no such criterion.', 'Sync and score by the current rubric.')
  }
  if (input.points !== null && input.notApplicableReason !== null) {
    return fail('invalid_input', 'A criterion has points or does not apply, not both.', 'Give one of them.')
  }
  if (input.notApplicableReason !== null) {
    if (criterion.notApplicable === 'never') {
      return fail('invalid_input', 'This criterion always applies.', 'Give it points.')
    }
    if (input.notApplicableReason.trim() === '') {
      return fail('invalid_input', 'A criterion does not apply for a reason.', 'Say why.')
    }
  }
  const files = new Set<string>(facts.evidence.map(({ id }) => id))
  if (!input.evidenceFileIds.every((id) => files.has(id))) {
    return fail('invalid_input', 'A linked file is no evidence of this batch.', 'Link files of this batch.')
  }
  return ok({ rubricId: rubric.id })
}
