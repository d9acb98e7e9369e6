import type { BatchDetail, Statement } from '../../shared/contract/views.ts'
import type { EvidenceKind } from '../../shared/domain/evidence.ts'
import type { FindingKind } from '../../shared/domain/finding.ts'
import type { Instant } from '../../shared/domain/ids.ts'
import type { Person } from '../../shared/domain/person.ts'
import { quantityUnit } from '../../shared/domain/standard.ts'
import type { CertificateData, CertificateFindings } from './document/certificate-data.ts'

const evidenceKindWords: Readonly<Record<EvidenceKind, string>> = {
  weighbridge_ticket: 'Weighbridge ticket',
  photo: 'Photo',
  mass_balance: 'Mass balance',
  transport_log: 'Transport log',
  monitoring_report: 'Monitoring report',
  calibration_certificate: 'Calibration certificate',
  laboratory_report: 'Laboratory report',
  other: 'Other document',
}

const day = (instant: Instant): string => instant.slice(0, 10)

/** Names and titles stand on one line of a certificate, whatever breaks were typed or imported into them. */
const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()

function countFindings(detail: BatchDetail): CertificateFindings {
  const of = (kind: FindingKind) =>
    detail.findings.filter((finding) => finding.kind === kind && finding.status !== 'withdrawn')
  const isOpen = ({ status }: { readonly status: string }): boolean => status === 'open' || status === 'answered'
  const count = (kind: FindingKind) => ({ raised: of(kind).length, open: of(kind).filter(isOpen).length })
  return {
    car: count('car'),
    cl: count('cl'),
    far: count('far'),
    observation: count('observation'),
    openForwardActions: of('far')
      .filter(isOpen)
      .map(({ title, dueAt }) => ({ title: oneLine(title), dueOn: dueAt === null ? null : day(dueAt) })),
  }
}

/** What a certificate is about, when it is made and by whom. */
export interface CertificateOccasion {
  readonly number: string
  readonly person: Person
  /** UTC, the signing computer's clock. */
  readonly at: Instant
}

/**
 * Puts together all that the certificate of a batch says. Pure: what is shown in the preview is what is signed, but for number and
 * time. The verification link carries the number and the content hash, so that a printed copy can be held against the register.
 */
export function composeCertificateData(
  detail: BatchDetail,
  statement: Statement,
  { number, person, at }: CertificateOccasion,
): CertificateData {
  const { batch, rubric } = detail
  const project = oneLine(detail.project.name)
  const recycler = oneLine(detail.recyclerOrganization ?? detail.recyclerName)
  return {
    number,
    opinion: statement.opinion,
    assurance: statement.assuranceLevel,
    basisForModification: statement.opinion === 'unmodified' ? null : statement.basis,
    addressee: statement.addressee,
    scope:
      `The quantity that ${recycler} states for batch ${batch.batchHash} of the project ${project}, ` +
      'and the credits calculated from it, on the evidence listed in this statement. ' +
      'Other batches of the project, and its performance outside the period, were not looked at.',
    criteria: {
      standard: batch.standard,
      standardTitle: batch.standard,
      rubricTitle: oneLine(rubric?.title ?? 'No rubric'),
      rubricVersion: String(rubric?.revision ?? 0),
    },
    period: { from: batch.periodStart ?? batch.dateSubmitted, to: batch.periodEnd ?? batch.dateSubmitted },
    materiality: detail.materiality.thresholdPercent * 100,
    procedures: statement.procedures
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== ''),
    batch: {
      batchHash: batch.batchHash,
      project,
      site: oneLine(detail.project.location),
      recycler,
      quantity: batch.quantity,
      unit: quantityUnit[batch.standard],
      plasticCredits: batch.plasticCredits,
      carbonCredits: batch.carbonCredits,
    },
    score: detail.scoreHundredths,
    findings: countFindings(detail),
    evidence: detail.evidence.map((file) => ({
      title: oneLine(file.title),
      kind: evidenceKindWords[file.kind],
      byteSize: file.byteSize,
      sha256: file.sha256,
      viewed: file.viewedAt !== null,
      effectiveOn: file.effectiveAt === null ? null : day(file.effectiveAt),
    })),
    contentHash: batch.contentHash,
    verifier: {
      name: oneLine(person.name),
      organisation: oneLine(person.organizationName ?? 'Independent'),
      accreditation: `Accredited auditor, ${batch.standard}`,
    },
    decidedAt: at,
    signedAt: at,
    verificationLink: `veridesk:verify?number=${encodeURIComponent(number)}&content=${batch.contentHash}`,
  }
}

/** The certificate's number: standard, year of the decision, and the first ten digits of its id. */
export const certificateNumber = (standard: string, at: Instant, certificateId: string): string =>
  `VD-${standard}-${at.slice(0, 4)}-${certificateId.replaceAll('-', '').slice(0, 10).toUpperCase()}`
