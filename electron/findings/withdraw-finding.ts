import type { RequestOf } from '../../shared/contract/channels.ts'
import type { BatchDetail } from '../../shared/contract/views.ts'
import type { Result } from '../../shared/result.ts'
import type { CaseContext } from '../database/case-context.ts'
import { stepFinding } from './step-finding.ts'

/** Withdraws a finding that should not have been raised, with a word on why. It stays readable. */
export function withdrawFinding(context: CaseContext, input: RequestOf<'finding.withdraw'>): Result<BatchDetail> {
  return stepFinding(
    context,
    { ...input, onBehalfOf: null },
    {
      kind: 'finding.withdraw',
      status: 'withdrawn',
      auditAction: 'finding.withdrawn',
      word: 'withdrawn',
      refuse: () => null,
    },
  )
}
