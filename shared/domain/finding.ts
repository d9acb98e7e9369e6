import type { BatchId, EvidenceFileId, FindingId, FindingRoundId, Hundredths, Instant, PersonId } from './ids.ts'

/**
 * `car` corrective action request: blocks a positive opinion while open. `cl` clarification: blocks too.
 * `far` forward action request: only if immaterial and correctable within a year; does not block. `observation`: never blocks.
 */
export const findingKinds = ['car', 'cl', 'far', 'observation'] as const
export type FindingKind = (typeof findingKinds)[number]

/** `open`: waits for the recycler. `answered`: waits for the verifier. `closed` and `withdrawn` are ends. */
export const findingStatuses = ['open', 'answered', 'closed', 'withdrawn'] as const
export type FindingStatus = (typeof findingStatuses)[number]

/** One exchange about a finding; every one of them is kept. */
export interface FindingRound {
  readonly id: FindingRoundId
  readonly findingId: FindingId
  /** 1 for the raising, counted up by each response. */
  readonly round: number
  readonly kind: 'raised' | 'response' | 'review'
  readonly authorId: PersonId
  /** Who gave the answer, when the author only recorded it (an answer given on site). */
  readonly onBehalfOf: string | null
  readonly body: string
  readonly createdAt: Instant
}

/** Something that is wrong, unclear or to be watched. */
export interface Finding {
  readonly id: FindingId
  readonly batchId: BatchId
  readonly kind: FindingKind
  readonly title: string
  readonly description: string
  readonly criterionCode: string | null
  readonly evidenceFileId: EvidenceFileId | null
  readonly status: FindingStatus
  readonly dueAt: Instant | null
  /** Signed over- (positive) or understatement (negative) in hundredths of the batch's unit, where it can be put in figures. */
  readonly misstatement: Hundredths | null
  readonly raisedBy: PersonId
  readonly raisedAt: Instant
  readonly rounds: readonly FindingRound[]
  readonly version: number
}

/** True while the finding forbids a positive decision. */
export const blocksPositiveDecision = (finding: Pick<Finding, 'kind' | 'status'>): boolean =>
  (finding.kind === 'car' || finding.kind === 'cl') && (finding.status === 'open' || finding.status === 'answered')
