import type { BatchId, EvidenceFileId, Instant, PersonId, RubricId, ScoreId } from './ids.ts'

/** What a verifier gave for one criterion: points, or a reason why it does not apply. */
export interface Score {
  readonly id: ScoreId
  readonly batchId: BatchId
  readonly verifierId: PersonId
  readonly rubricId: RubricId
  readonly criterionCode: string
  /** 0 to 5, or null when the criterion does not apply. */
  readonly points: number | null
  readonly notApplicableReason: string | null
  readonly note: string
  readonly evidenceFileIds: readonly EvidenceFileId[]
  readonly updatedAt: Instant
  readonly version: number
}
