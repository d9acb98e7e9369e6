import type { DecisionAction } from '../domain/decision.ts'
import type { Instant, Sha256 } from '../domain/ids.ts'
import type { MutationKind } from '../domain/sync-state.ts'
import type { AppError } from '../result.ts'

/** What an outbox file that is written now would hold. */
export interface HandoverOutlook {
  /** Changes that the cloud has not answered. */
  readonly unsent: number
  /** Of these, how many an earlier file holds. */
  readonly handedOver: number
  /** Of these, how many can still be taken back here; writing them to a file ends that. */
  readonly held: number
  /** Changes that stay, because they wait for an earlier one that is in conflict. */
  readonly waiting: number
  /** Why no file can be written; null when one can. */
  readonly problem: AppError | null
}

/** An outbox file that was written to disk. */
export interface WrittenHandover {
  readonly path: string
  readonly fileName: string
  /** SHA-256 of what was signed, to compare on the telephone. */
  readonly fingerprint: Sha256
  readonly changes: number
  readonly certificates: number
  /** Certificates whose PDF could not be read here and is not in the file. */
  readonly missingFiles: number
  /** Changes that did not fit; a second file takes them. */
  readonly left: number
  readonly byteSize: number
}

/** One change in an outbox file. */
export interface HandoverChange {
  readonly mutationId: string
  readonly kind: MutationKind
  /** What a decision decides; null for other kinds. */
  readonly action: DecisionAction | null
  readonly batchId: string
  /** Null for a batch that is not on this computer. */
  readonly batchHash: string | null
  readonly occurredAt: string
}

/** An outbox file whose signature fits. Who made it is what the file says, until the cloud has known its key again. */
export interface OpenedHandover {
  readonly fingerprint: Sha256
  readonly personName: string
  readonly personEmail: string
  readonly ofMyself: boolean
  readonly deviceName: string
  readonly cloudName: string
  readonly cloudUrl: string
  /** False for a file of another cloud, or of this one before it was restored from a backup. */
  readonly sameCloud: boolean
  readonly madeAt: Instant
  readonly certificates: number
  readonly changes: readonly HandoverChange[]
  /** Why this person cannot submit it; null for its author and for compliance. */
  readonly refusal: AppError | null
}

/** What the cloud made of one change of an outbox file. */
export interface HandoverFate {
  readonly mutationId: string
  readonly status: 'applied' | 'duplicate' | 'conflict' | 'rejected'
  readonly message: string | null
  readonly action: string | null
}

/** An outbox file that the cloud took. */
export interface SubmittedHandover {
  readonly fingerprint: Sha256
  readonly fates: readonly HandoverFate[]
  /** Changes whose certificate the cloud holds without its PDF. */
  readonly withoutFile: readonly string[]
}
