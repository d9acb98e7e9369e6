import type { RequestOf } from '../../shared/contract/channels.ts'
import type { BatchDetail } from '../../shared/contract/views.ts'
import { grantGates } from '../../shared/domain/grant-gates.ts'
import { grantWords } from '../../shared/domain/grant-words.ts'
import { fail, type Result } from '../../shared/result.ts'
import { appendAuditEvents } from '../audit-trail/append-audit-events.ts'
import { allowReview, changeBatch } from '../batches/change-batch.ts'
import type { CaseContext } from '../database/case-context.ts'
import { enqueueMutation } from '../outbox/enqueue-mutation.ts'
import { newId } from '../platform/identifiers.ts'

/**
 * Declares, for the recycler of a batch that the person works on, that there is no conflict of interest, or that there is one. It
 * counts here at once, and for the cloud when it arrives there; a conflict blocks until an administrator has lifted it.
 */
export function declareIndependence(
  context: CaseContext,
  input: RequestOf<'independence.declare'>,
): Result<BatchDetail> {
  return changeBatch(context, input.batchId, (handle, facts) => {
    const allowed = allowReview(facts, context, 'reviewer')
    if (!allowed.ok) return allowed
    const [conflict] = grantGates({ ...facts.grants, action: 'verify', rules: [] })
    if (conflict !== undefined && input.declaration === 'none') {
      const { message, action } = grantWords(conflict, facts.batch.standard)
      return fail('blocked', message, action)
    }
    const grantId = newId<string>()
    const said = { declaration: input.declaration, statement: input.statement }
    enqueueMutation(handle, context, {
      kind: 'independence.declare',
      rowId: grantId,
      batchId: input.batchId,
      baseVersion: 0,
      contentHash: null,
      payload: said,
      summary:
        input.declaration === 'none' ? 'Independence declared for the recycler' : 'Conflict of interest declared',
      base: null,
      holdSeconds: 0,
      pendingRows: [],
    })
    appendAuditEvents(handle, context, [
      {
        action: input.declaration === 'none' ? 'independence.declared' : 'conflict.declared',
        entity: 'access_grant',
        entityId: grantId,
        entityLabel: facts.batch.batchHash,
        before: null,
        after: { ...said, batch_id: input.batchId, recycler_id: facts.batch.recyclerId },
      },
    ])
    return { ok: true, value: null }
  })
}
