import type { RequestOf } from '../../shared/contract/channels.ts'
import type { BatchDetail } from '../../shared/contract/views.ts'
import { fail, type Result } from '../../shared/result.ts'
import type { CaseContext } from '../database/case-context.ts'
import { stepFinding } from './step-finding.ts'

/** Closes a finding with a word on why. A corrective action request or clarification must have been answered first. */
export function closeFinding(context: CaseContext, input: RequestOf<'finding.close'>): Result<BatchDetail> {
  return stepFinding(
    context,
    { ...input, onBehalfOf: null },
    {
      kind: 'finding.close',
      status: 'closed',
      auditAction: 'finding.closed',
      word: 'closed',
      refuse: ({ kind, status }) =>
        (kind === 'car' || kind === 'cl') && status !== 'answered'
          ? fail('blocked', 'This request has not been answered.', 'Record the answer first, or withdraw the finding.')
          : null,
    },
  )
}
