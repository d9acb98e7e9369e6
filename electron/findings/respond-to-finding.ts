import type { RequestOf } from '../../shared/contract/channels.ts'
import type { BatchDetail } from '../../shared/contract/views.ts'
import { fail, type Result } from '../../shared/result.ts'
import type { CaseContext } from '../database/case-context.ts'
import { stepFinding } from './step-finding.ts'

/** Records an answer for whoever gave it, on site or by telephone. The finding then waits for the verifier. */
export function respondToFinding(context: CaseContext, input: RequestOf<'finding.respond'>): Result<BatchDetail> {
  return stepFinding(context, input, {
    kind: 'finding.respond',
    status: 'answered',
    auditAction: 'finding.answered',
    word: 'answered',
    refuse: () =>
      input.onBehalfOf === null || input.onBehalfOf === ''
        ? fail('invalid_input', 'An answer that you record needs the name of who gave it.', 'Say who gave it.')
        : null,
  })
}
