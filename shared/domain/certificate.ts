import type { AssuranceLevel, Opinion } from './decision.ts'
import type { BatchId, CertificateId, DecisionId, Instant, PersonId, Sha256 } from './ids.ts'

/** How strong a certificate's signature is: PAdES baseline levels (ETSI EN 319 142-1). */
export type SignatureLevel = 'B-B' | 'B-T' | 'B-LT' | 'B-LTA'

/** A signed verification certificate. */
export interface Certificate {
  readonly id: CertificateId
  readonly batchId: BatchId
  readonly decisionId: DecisionId
  /** `VD-` standard, year, and the first ten digits of the certificate's id, such as `VD-APRS-2026-1F2E3D4C5B`. */
  readonly number: string
  readonly opinion: Opinion
  readonly assuranceLevel: AssuranceLevel
  readonly contentHash: Sha256
  /** SHA-256 of the whole file. */
  readonly sha256: Sha256
  /** SHA-256 over the signature's ByteRange; stays the same when the signature is strengthened in place. */
  readonly byteRangeDigest: Sha256
  readonly byteSize: number
  readonly signerId: PersonId
  readonly signerSubject: string
  readonly signatureLevel: SignatureLevel
  /** The signing computer's clock: a claim. */
  readonly claimedAt: Instant
  readonly receivedAt: Instant | null
  readonly version: number
}
