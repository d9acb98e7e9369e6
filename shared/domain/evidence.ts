import type { BatchId, EvidenceFileId, Instant, PersonId, Sha256 } from './ids.ts'

/** What a piece of evidence is evidence of. */
export const evidenceKinds = [
  'weighbridge_ticket',
  'photo',
  'mass_balance',
  'transport_log',
  'monitoring_report',
  'calibration_certificate',
  'laboratory_report',
  'other',
] as const
export type EvidenceKind = (typeof evidenceKinds)[number]

/** One file of evidence. Its identity is its SHA-256; a changed file is another file, and unviewed again. */
export interface EvidenceFile {
  readonly id: EvidenceFileId
  readonly batchId: BatchId
  readonly kind: EvidenceKind
  readonly title: string
  readonly mediaType: string
  readonly byteSize: number
  readonly sha256: Sha256
  /** When the thing happened, as claimed. Not the upload date. */
  readonly effectiveAt: Instant | null
  readonly uploadedBy: PersonId
  readonly uploadedAt: Instant
  readonly version: number
}
