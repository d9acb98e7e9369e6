import type { BatchId, CalendarDate, Hundredths, Instant, PersonId, ProjectId, Sha256 } from './ids.ts'
import type { Standard } from './standard.ts'

/** Every state of a batch. `changes_requested` is the rework state; `retired` is the buyer's act and read-only here. */
export const batchStatuses = [
  'pending',
  'under_review',
  'changes_requested',
  'approved',
  'rejected',
  'verified',
  'retired',
] as const
export type BatchStatus = (typeof batchStatuses)[number]

/** A batch as the cloud last said it was, together with the facts of its project that a list needs. */
export interface Batch {
  readonly id: BatchId
  /** The registry's public id, `BATCH-` and 32 hexadecimal digits. Random: it proves nothing about the contents. */
  readonly batchHash: string
  readonly projectId: ProjectId
  /** The recycler who submitted it. */
  readonly recyclerId: PersonId
  readonly standard: Standard
  /** Tonnes or kWh in hundredths, by `quantityUnit`. */
  readonly quantity: Hundredths
  readonly location: string
  readonly dateSubmitted: CalendarDate
  readonly periodStart: CalendarDate | null
  readonly periodEnd: CalendarDate | null
  readonly description: string | null
  readonly status: BatchStatus
  readonly plasticCredits: Hundredths
  readonly carbonCredits: Hundredths
  /** Weighted score in hundredths, 0 to 500, once decided. */
  readonly verificationScore: Hundredths | null
  readonly verifiedBy: PersonId | null
  readonly verifiedAt: Instant | null
  /** 0 (nothing stands out) to 100. */
  readonly riskScore: number
  /** Why, strongest first, in plain words. */
  readonly riskReasons: readonly string[]
  /** What every decision on this batch is bound to, see `contentHashInput`. */
  readonly contentHash: Sha256
  readonly updatedAt: Instant
  readonly version: number
}
