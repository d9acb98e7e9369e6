import type { AssuranceLevel, Opinion } from '../../../shared/domain/decision.ts'
import type { Hundredths } from '../../../shared/domain/ids.ts'

/**
 * All that a verification certificate says. Nothing else enters the document, so equal data gives equal bytes before signing.
 * Instants are UTC ISO strings with milliseconds, days are `YYYY-MM-DD`, hashes lower-case hexadecimal. Text may be in any
 * language that the fonts can write: Latin, Greek or Cyrillic; a line feed begins a new paragraph.
 */
export interface CertificateData {
  /** The certificate's number, such as `VD-APRS-2026-1F2E3D4C5B`. */
  readonly number: string
  readonly opinion: Opinion
  readonly assurance: AssuranceLevel
  /** Why the opinion is not unmodified. Must be given unless it is. */
  readonly basisForModification: string | null
  /** For whom the statement is made. */
  readonly addressee: string
  /** What was looked at and what was not. */
  readonly scope: string
  readonly criteria: CertificateCriteria
  readonly period: CertificatePeriod
  /** The materiality threshold in hundredths of a per cent: 500 is 5 %. */
  readonly materiality: Hundredths
  /** What was done, one sentence each, in order. */
  readonly procedures: readonly string[]
  readonly batch: CertificateBatch
  /** The rubric score, 0 to 500; null when none was given. */
  readonly score: Hundredths | null
  readonly findings: CertificateFindings
  /** Every file of evidence that the decision rests on. */
  readonly evidence: readonly CertificateEvidence[]
  /** SHA-256 of the canonical record that the decision is bound to. */
  readonly contentHash: string
  readonly verifier: CertificateVerifier
  /** When the auditor decided. */
  readonly decidedAt: string
  /** When the signing computer says that it signed. */
  readonly signedAt: string
  /** What the QR code holds: an https address or `veridesk:verify?...`. */
  readonly verificationLink: string
}

/** What the batch was judged by. */
export interface CertificateCriteria {
  /** The registry's code of the standard, such as `APRS`. */
  readonly standard: string
  /** The standard's full title; the code again where none is published. */
  readonly standardTitle: string
  /** Such as `Veridesk default rubric`. */
  readonly rubricTitle: string
  /** Such as `1`; written as `v1`. */
  readonly rubricVersion: string
}

/** The days that the batch's activity lies in, both included. */
export interface CertificatePeriod {
  readonly from: string
  readonly to: string
}

/** The batch as its recycler states it, and the credits that the standard's rule gives for it. */
export interface CertificateBatch {
  /** The batch's public identifier. */
  readonly batchHash: string
  readonly project: string
  readonly site: string
  readonly recycler: string
  readonly quantity: Hundredths
  readonly unit: 't' | 'kWh'
  readonly plasticCredits: Hundredths
  readonly carbonCredits: Hundredths
}

/** How many findings were raised, how many are open, and the forward action requests that remain. */
export interface CertificateFindings {
  readonly car: FindingCount
  readonly cl: FindingCount
  readonly far: FindingCount
  readonly observation: FindingCount
  readonly openForwardActions: readonly OpenForwardAction[]
}

/** Findings of one kind. */
export interface FindingCount {
  readonly raised: number
  readonly open: number
}

/** A forward action request that does not stand in the way of the opinion and must be answered later. */
export interface OpenForwardAction {
  readonly title: string
  /** The day by which it is due; null when none was set. */
  readonly dueOn: string | null
}

/** One file of evidence. */
export interface CertificateEvidence {
  readonly title: string
  /** In words, such as `Weighbridge ticket`. */
  readonly kind: string
  readonly byteSize: number
  readonly sha256: string
  /** Whether the auditor opened it before deciding. */
  readonly viewed: boolean
  /** The day the thing happened, as claimed; null when unknown. */
  readonly effectiveOn: string | null
}

/** Who gives the opinion. */
export interface CertificateVerifier {
  readonly name: string
  readonly organisation: string
  /** Such as `Accreditation AQ-114 for APRS, valid to 2027-06-30`. */
  readonly accreditation: string
}
