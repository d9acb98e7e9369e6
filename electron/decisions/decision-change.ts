import type { BatchStatus } from '../../shared/domain/batch.ts'
import { formatHundredths } from '../../shared/domain/decimal.ts'
import type { AssuranceLevel, Opinion } from '../../shared/domain/decision.ts'
import type { AuditEvent } from '../audit-trail/append-audit-events.ts'
import type { ReviewFacts } from '../batches/review-facts.ts'
import type { CaseContext } from '../database/case-context.ts'
import type { ChangeDraft } from '../outbox/enqueue-mutation.ts'

/** A decision that passed its gates. */
export interface DecisionParts {
  readonly decisionId: string
  readonly facts: ReviewFacts
  readonly action: 'approve' | 'reject' | 'request_changes' | 'verify'
  readonly toStatus: BatchStatus
  readonly reasonCode: string
  readonly reason: string
  readonly opinion: Opinion | null
  readonly assuranceLevel: AssuranceLevel | null
  readonly acknowledgedGates: readonly string[]
  readonly holdSeconds: number
}

const words = {
  approve: 'Approved',
  reject: 'Rejected',
  request_changes: 'Changes requested',
  verify: 'Verified',
} as const

/** The change that a decision is, bound to the content hash of all that it was made on. */
export function decisionChange(context: CaseContext, parts: DecisionParts): ChangeDraft<'decision.record'> {
  const { facts, decisionId, action, toStatus, reasonCode, reason, opinion, assuranceLevel } = parts
  const { batch, score, rubric } = facts
  const unviewed = facts.evidence.filter(({ viewedAt }) => viewedAt === null).map(({ id }) => id)
  const now = context.clock.now()
  return {
    kind: 'decision.record',
    rowId: decisionId,
    batchId: batch.id,
    baseVersion: batch.version,
    contentHash: batch.contentHash,
    payload: {
      action,
      reason_code: reasonCode,
      reason,
      score: score.hundredths === null ? null : formatHundredths(score.hundredths),
      rubric_id: rubric?.id ?? null,
      opinion,
      assurance_level: assuranceLevel,
      unviewed_evidence_ids: unviewed,
    },
    summary: `${words[action]}: ${batch.batchHash}`,
    base: { status: facts.status, content_hash: batch.contentHash, version: batch.version },
    holdSeconds: parts.holdSeconds,
    pendingRows: [
      {
        table: 'decision',
        row: {
          id: decisionId,
          batch_id: batch.id,
          actor_id: context.person.id,
          action,
          from_status: facts.status,
          to_status: toStatus,
          reason_code: reasonCode,
          reason,
          score: score.hundredths,
          rubric_id: rubric?.id ?? null,
          content_hash: batch.contentHash,
          opinion,
          assurance_level: assuranceLevel,
          unviewed_evidence_count: unviewed.length,
          device_id: context.deviceId,
          decided_at: now,
          received_at: '',
        },
      },
    ],
    overlay: { status: toStatus, ...(score.hundredths === null ? {} : { score: score.hundredths }) },
  }
}

/** What the log says about a decision. */
export function decisionEvent(parts: DecisionParts): AuditEvent {
  const { facts, decisionId, action, toStatus, reasonCode, reason, opinion, assuranceLevel, acknowledgedGates } = parts
  return {
    action: 'decision.recorded',
    entity: 'decision',
    entityId: decisionId,
    entityLabel: facts.batch.batchHash,
    before: { status: facts.status },
    after: {
      status: toStatus,
      batch_id: facts.batch.id,
      action,
      reason_code: reasonCode,
      reason,
      score: facts.score.hundredths,
      content_hash: facts.batch.contentHash,
      opinion,
      assurance_level: assuranceLevel,
      acknowledged_gates: acknowledgedGates,
    },
  }
}
