import type { BatchStatus } from './batch.ts'
import type { BatchId, DecisionId, DeviceId, Hundredths, Instant, PersonId, RubricId, Sha256 } from './ids.ts'

/** What a person can do to a batch. `resubmit` is the recycler's and `retire` the buyer's; the workstation only sees them happen. */
export const decisionActions = [
  'claim',
  'approve',
  'reject',
  'request_changes',
  'verify',
  'resubmit',
  'retire',
] as const
export type DecisionAction = (typeof decisionActions)[number]

/** The verifier's opinion (ISO 14064-3, 9.7; ISAE 3410). `qualified` is also called modified. */
export const opinions = ['unmodified', 'qualified', 'adverse', 'disclaimed'] as const
export type Opinion = (typeof opinions)[number]

/** How sure the opinion is (ISO 14064-3, 5.1.4). */
export const assuranceLevels = ['reasonable', 'limited'] as const
export type AssuranceLevel = (typeof assuranceLevels)[number]

/** One decision, bound by `contentHash` to all that it was made on. */
export interface Decision {
  readonly id: DecisionId
  readonly batchId: BatchId
  readonly actorId: PersonId
  readonly action: DecisionAction
  readonly fromStatus: BatchStatus
  readonly toStatus: BatchStatus
  readonly reasonCode: string
  readonly reason: string
  readonly score: Hundredths | null
  readonly rubricId: RubricId | null
  readonly contentHash: Sha256
  readonly opinion: Opinion | null
  readonly assuranceLevel: AssuranceLevel | null
  /** Evidence that the actor had not opened when deciding; named, never hidden. */
  readonly unviewedEvidenceCount: number
  readonly deviceId: DeviceId
  /** The device's clock: a claim. */
  readonly decidedAt: Instant
  /** The cloud's clock; null until it has arrived there. */
  readonly receivedAt: Instant | null
  readonly version: number
}
