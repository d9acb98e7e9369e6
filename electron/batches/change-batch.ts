import type { BatchDetail } from '../../shared/contract/views.ts'
import { fail, ok, type Result } from '../../shared/result.ts'
import type { CaseContext } from '../database/case-context.ts'
import { transact } from '../database/database.ts'
import type { WriteHandle } from '../database/handles.ts'
import { getBatchDetail } from './get-batch-detail.ts'
import { type ReviewFacts, readReviewFacts } from './review-facts.ts'

/** Runs one change to one batch in a transaction, on the facts as they are inside it, and answers with the batch as it then is. */
export function changeBatch(
  context: CaseContext,
  batchId: string,
  work: (handle: WriteHandle, facts: ReviewFacts) => Result<unknown>,
): Result<BatchDetail> {
  const changed = transact(context.database, (handle) => {
    const facts = readReviewFacts(handle, context, [batchId]).get(batchId)
    return facts === undefined ? batchNotHere : work(handle, facts)
  })
  return changed.ok ? getBatchDetail(context, { batchId }) : changed
}

/** The answer for a batch that is not mirrored. */
export const batchNotHere = fail(
  'not_found',
  'This batch is not on this computer.',
  'Sync; if it stays away, it is no longer assigned to you.',
)

/** Whether the person may add to the review of the batch: as a reviewer, or (`recorder`) by recording what others said. */
export function allowReview(
  facts: ReviewFacts,
  { person }: Pick<CaseContext, 'person'>,
  as: 'reviewer' | 'recorder',
): Result<null> {
  if (!facts.assigned) {
    return fail(
      'not_allowed',
      'The batch is not assigned to you.',
      facts.status === 'pending' ? 'Claim it first.' : 'Ask an administrator to assign it to you.',
    )
  }
  const reviews = person.role === 'verifier' && person.subRole !== null && person.subRole !== 'field_agent'
  if (as === 'reviewer' && !reviews) {
    return fail(
      'not_allowed',
      'Only desk verifiers and accredited auditors review a batch.',
      'Leave it to one of them.',
    )
  }
  if (facts.status === 'rejected' || facts.status === 'verified' || facts.status === 'retired') {
    return fail(
      'blocked',
      `This batch is ${facts.status}; nothing more can be added to its review.`,
      'Take the decision back if it was not sent yet.',
    )
  }
  return ok(null)
}
