import type { SubmittedHandover } from '../../shared/contract/handover-views.ts'
import type { Sha256 } from '../../shared/domain/ids.ts'
import { outboxFileLimits } from '../../shared/domain/outbox-file.ts'
import { fail, ok, type Result } from '../../shared/result.ts'
import type { SubmitAnswer } from '../../shared/wire/outbox-file.ts'
import { appendAuditEvents } from '../audit-trail/append-audit-events.ts'
import type { CloudClient } from '../cloud/cloud-client.ts'
import type { CaseContext } from '../database/case-context.ts'
import { transact } from '../database/database.ts'

/**
 * Sends an outbox file to the cloud, as it is, until every change in it has its fate. Repeating it is safe: a change that was applied
 * before is a duplicate. Errors: those of the way; `not_allowed` and `cloud_refused` with the cloud's own words.
 */
export async function submitOutboxFile(
  context: CaseContext,
  cloud: Pick<CloudClient, 'submitOutbox'>,
  bytes: Uint8Array,
): Promise<Result<SubmittedHandover>> {
  if (bytes.byteLength > outboxFileLimits.bytes)
    return fail('file_too_large', 'This file is too large for an outbox file.', 'Choose the file that was handed over.')
  const answers: SubmitAnswer[] = []
  for (let from: number | null = 0; from !== null; ) {
    const answer: Result<SubmitAnswer> = await cloud.submitOutbox({ bytes, from })
    if (!answer.ok) return answers.length === 0 ? answer : brokenOff(answer.error.message, answers)
    answers.push(answer.value)
    // An answer that leads back would go round for ever.
    from = answer.value.next !== null && answer.value.next > from ? answer.value.next : null
  }
  const results = answers.flatMap((answer) => answer.results)
  const submitted: SubmittedHandover = {
    fingerprint: (answers[0]?.fingerprint ?? '') as string as Sha256,
    fates: results.map(({ mutation_id, status, message, action }) => ({
      mutationId: mutation_id,
      status,
      message,
      action,
    })),
    withoutFile: answers
      .flatMap(({ certificates }) => certificates)
      .filter(({ status }) => status !== 'stored')
      .map(({ mutation_id }) => mutation_id),
  }
  return transact(context.database, (handle) => {
    const countOf = (wanted: string) => results.filter(({ status }) => status === wanted).length
    appendAuditEvents(handle, context, [
      {
        action: 'outbox.submitted',
        entity: 'outbox',
        entityId: submitted.fingerprint,
        entityLabel: null,
        before: null,
        after: {
          applied: countOf('applied'),
          duplicate: countOf('duplicate'),
          conflict: countOf('conflict'),
          rejected: countOf('rejected'),
        },
      },
    ])
    return ok(submitted)
  })
}

const brokenOff = (message: string, answers: readonly SubmitAnswer[]): Result<never> =>
  fail(
    'cloud_unreachable',
    message,
    'A part of the file has arrived. Submit it again: what the cloud has already counts once.',
    { arrived: answers.reduce((sum, { results }) => sum + results.length, 0) },
  )
