import type { RequestOf } from '../../shared/contract/channels.ts'
import type { BatchDetail } from '../../shared/contract/views.ts'
import { formatHundredths } from '../../shared/domain/decimal.ts'
import { materiality } from '../../shared/domain/materiality.ts'
import { fail, ok, type Result } from '../../shared/result.ts'
import { appendAuditEvents } from '../audit-trail/append-audit-events.ts'
import { allowReview, changeBatch } from '../batches/change-batch.ts'
import type { ReviewFacts } from '../batches/review-facts.ts'
import type { CaseContext } from '../database/case-context.ts'
import { enqueueMutation } from '../outbox/enqueue-mutation.ts'
import { newId } from '../platform/identifiers.ts'

type Request = RequestOf<'finding.raise'>

/** Raises a finding with its first round. */
export function raiseFinding(context: CaseContext, input: Request): Result<BatchDetail> {
  const { person, clock } = context
  return changeBatch(context, input.batchId, (handle, facts) => {
    const allowed = allowReview(facts, context, 'reviewer')
    if (!allowed.ok) return allowed
    const checked = checkFinding(facts, input)
    if (!checked.ok) return checked
    const findingId = newId<string>()
    const roundId = newId<string>()
    const now = clock.now()
    const said = {
      kind: input.kind,
      title: input.title,
      description: input.description,
      criterion_code: input.criterionCode,
      evidence_file_id: input.evidenceFileId,
      due_at: checked.value.dueAt,
    }
    enqueueMutation(handle, context, {
      kind: 'finding.raise',
      rowId: findingId,
      batchId: input.batchId,
      baseVersion: 0,
      contentHash: null,
      payload: {
        ...said,
        round_id: roundId,
        misstatement: input.misstatement === null ? null : formatHundredths(input.misstatement),
      },
      summary: `${input.kind.toUpperCase()} raised: ${input.title}`,
      base: null,
      holdSeconds: 0,
      pendingRows: [
        {
          table: 'finding',
          row: {
            ...said,
            id: findingId,
            batch_id: input.batchId,
            status: 'open',
            misstatement: input.misstatement,
            raised_by: person.id,
            raised_at: now,
            closed_by: null,
            closed_at: null,
            round: 1,
          },
        },
        {
          table: 'finding_round',
          row: {
            id: roundId,
            finding_id: findingId,
            batch_id: input.batchId,
            round: 1,
            kind: 'raised',
            author_id: person.id,
            on_behalf_of: null,
            body: input.description,
            created_at: now,
          },
        },
      ],
    })
    appendAuditEvents(handle, context, [
      {
        action: 'finding.raised',
        entity: 'finding',
        entityId: findingId,
        entityLabel: `${facts.batch.batchHash} ${input.title}`,
        before: null,
        after: { ...said, misstatement: input.misstatement, batch_id: input.batchId },
      },
    ])
    return ok(null)
  })
}

function checkFinding(facts: ReviewFacts, input: Request): Result<{ readonly dueAt: string | null }> {
  const { batch, evidence, rubric } = facts
  if (input.evidenceFileId !== null && !evidence.some(({ id }) => id === input.evidenceFileId)) {
    return fail('invalid_input', 'The linked file is no evidence of this batch.', 'Link a file of this batch.')
  }
  if (input.criterionCode !== null && !rubric?.criteria.some(({ code }) => code === input.criterionCode)) {
    return fail('invalid_input', 'The rubric has no such criterion.', 'Choose one of the rubric.')
  }
  const due = input.dueAt === null ? null : new Date(input.dueAt)
  if (due !== null && Number.isNaN(due.getTime())) {
    return fail('invalid_input', 'The deadline is no date.', 'Choose a day.')
  }
  const alone = [{ misstatement: input.misstatement, status: 'open' as const }]
  if (input.kind === 'far' && materiality(alone, batch.quantity, batch.standard).exceeded) {
    return fail(
      'invalid_input',
      'A material misstatement cannot be left to the next period.',
      'Raise a corrective action request (CAR) instead.',
    )
  }
  return ok({ dueAt: due?.toISOString() ?? null })
}
