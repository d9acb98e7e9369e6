import type { BatchDetail } from '../../shared/contract/views.ts'
import type { Finding, FindingStatus } from '../../shared/domain/finding.ts'
import { fail, ok, type Result } from '../../shared/result.ts'
import { appendAuditEvents } from '../audit-trail/append-audit-events.ts'
import { allowReview, changeBatch } from '../batches/change-batch.ts'
import type { CaseContext } from '../database/case-context.ts'
import { enqueueMutation } from '../outbox/enqueue-mutation.ts'
import { newId } from '../platform/identifiers.ts'

/** A step in the exchange about a finding. */
export interface FindingStep {
  readonly batchId: string
  readonly findingId: string
  readonly body: string
  /** Who gave the answer; null where the person speaks for themself. */
  readonly onBehalfOf: string | null
}

/** What makes the three steps different. */
export interface StepKind {
  readonly kind: 'finding.respond' | 'finding.close' | 'finding.withdraw'
  readonly status: FindingStatus
  readonly auditAction: string
  readonly word: string
  /** Why the step cannot be taken on this finding now, or null. */
  readonly refuse: (finding: Finding) => Result<never> | null
}

/** Adds a round to a finding that is open or answered and gives it its new status. An answer counts the rounds up. */
export function stepFinding(context: CaseContext, step: FindingStep, as: StepKind): Result<BatchDetail> {
  const { person, clock } = context
  return changeBatch(context, step.batchId, (handle, facts) => {
    const responds = as.kind === 'finding.respond'
    const allowed = allowReview(facts, context, responds ? 'recorder' : 'reviewer')
    if (!allowed.ok) return allowed
    const finding = facts.findings.find(({ id }) => id === step.findingId)
    if (finding === undefined)
      return fail('not_found', 'There is no such finding on this batch.', 'Sync and look again.')
    if (finding.status === 'closed' || finding.status === 'withdrawn') {
      return fail(
        'blocked',
        `This finding is already ${finding.status}.`,
        'Raise another one if something is still wrong.',
      )
    }
    const refused = as.refuse(finding)
    if (refused !== null) return refused
    const roundId = newId<string>()
    const now = clock.now()
    const lastRound = Math.max(1, ...finding.rounds.map(({ round }) => round))
    const round = responds ? lastRound + 1 : lastRound
    const said = { round_id: roundId, body: step.body }
    const change = {
      rowId: finding.id,
      batchId: step.batchId,
      baseVersion: finding.version,
      contentHash: null,
      summary: `${finding.kind.toUpperCase()} ${as.word}: ${finding.title}`,
      base: { status: finding.status, round: lastRound },
      holdSeconds: 0,
      pendingRows: [
        {
          table: 'finding',
          row: {
            id: finding.id,
            status: as.status,
            round,
            ...(responds ? {} : { closed_by: person.id, closed_at: now }),
          },
        },
        {
          table: 'finding_round',
          row: {
            id: roundId,
            finding_id: finding.id,
            batch_id: step.batchId,
            round,
            kind: responds ? 'response' : 'review',
            author_id: person.id,
            on_behalf_of: step.onBehalfOf,
            body: step.body,
            created_at: now,
          },
        },
      ],
    } as const
    enqueueMutation(
      handle,
      context,
      as.kind === 'finding.respond'
        ? { ...change, kind: as.kind, payload: { ...said, on_behalf_of: step.onBehalfOf } }
        : { ...change, kind: as.kind, payload: said },
    )
    appendAuditEvents(handle, context, [
      {
        action: as.auditAction,
        entity: 'finding',
        entityId: finding.id,
        entityLabel: `${facts.batch.batchHash} ${finding.title}`,
        before: { status: finding.status },
        after: { status: as.status, round, body: step.body, on_behalf_of: step.onBehalfOf, batch_id: step.batchId },
      },
    ])
    return ok(null)
  })
}
