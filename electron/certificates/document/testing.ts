import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CertificateData, CertificateEvidence } from './certificate-data.ts'

/** Where the fonts of the program lie in the sources. */
export const fontFolder = join(import.meta.dirname, '../../../resources/fonts')

/** Lends a PDF as a file to a program that reads only files. */
export function withFile<Answer>(pdf: Uint8Array, use: (path: string) => Answer): Answer {
  const folder = mkdtempSync(join(tmpdir(), 'veridesk-certificate-'))
  try {
    const path = join(folder, 'certificate.pdf')
    writeFileSync(path, pdf)
    return use(path)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const kinds = [
  ['Weighbridge ticket WB-2041', 'Weighbridge ticket', 84_120],
  ['Weighbridge ticket WB-2042', 'Weighbridge ticket', 82_977],
  ['Unloading at the sorting hall', 'Photo', 2_413_004],
  ['Mass balance October 2026', 'Mass balance', 38_412],
  ['Transport log, weeks 40 to 44', 'Transport log', 12_870],
  ['Calibration of the weighbridge', 'Calibration certificate', 191_233],
] as const

/** As many files of evidence as a test wants. */
export function sampleEvidence(count: number): CertificateEvidence[] {
  return Array.from({ length: count }, (_, index) => {
    const [title, kind, byteSize] = kinds[index % kinds.length] ?? kinds[0]
    return {
      title: index < kinds.length ? title : `${title} (${index + 1})`,
      kind,
      byteSize: byteSize + index,
      sha256: sha256(`evidence ${index}`),
      viewed: index % 7 !== 4,
      effectiveOn: index % 5 === 3 ? null : `2026-10-${String(1 + (index % 28)).padStart(2, '0')}`,
    }
  })
}

/** A certificate as it is issued on an ordinary day. */
export function sampleCertificate(changes: Partial<CertificateData> = {}): CertificateData {
  return {
    number: 'VD-APRS-2026-1F2E3D4C5B',
    opinion: 'unmodified',
    assurance: 'reasonable',
    basisForModification: null,
    addressee: 'Autify Network, for its registry, and Reciclajes del Litoral S.A.',
    scope:
      'The quantity of plastic collected, sorted and handed over to end processing by the recycler at the site named above, within the period named above, and the credits calculated from it. Social and environmental claims beyond the criteria, and any later use of the credits, are outside the scope.',
    criteria: {
      standard: 'APRS',
      standardTitle: 'APRS',
      rubricTitle: 'Veridesk default rubric',
      rubricVersion: '1',
    },
    period: { from: '2026-10-01', to: '2026-10-31' },
    materiality: 500,
    procedures: [
      'Traced every weighbridge ticket to the transport log and to the intake register of the end processor.',
      'Recalculated the mass balance from opening stock, intake, losses and shipments.',
      'Inspected the calibration certificate of the weighing equipment and its dates.',
      'Compared place and time claimed in photographs with the site and the period.',
      'Searched all mirrored batches for the same tickets, files and photographs.',
    ],
    batch: {
      batchHash: sha256('batch'),
      project: 'Litoral Norte plastic recovery',
      site: 'Puerto Quequén, Argentina',
      recycler: 'Reciclajes del Litoral S.A.',
      quantity: 1_245_50,
      unit: 't',
      plasticCredits: 1_245_50,
      carbonCredits: 1_868_25,
    },
    score: 437,
    findings: {
      car: { raised: 1, open: 0 },
      cl: { raised: 2, open: 0 },
      far: { raised: 1, open: 1 },
      observation: { raised: 3, open: 3 },
      openForwardActions: [
        { title: 'Record the calibration date of the weighing equipment on each ticket', dueOn: '2027-03-31' },
      ],
    },
    evidence: sampleEvidence(9),
    contentHash: sha256('content'),
    verifier: {
      name: 'Inés Marín Aguirre',
      organisation: 'Cuenca Assurance',
      accreditation: 'Accreditation AQ-114 for APRS, valid to 30 June 2027',
    },
    decidedAt: '2026-11-20T21:33:00.000Z',
    signedAt: '2026-11-20T21:34:12.000Z',
    verificationLink: 'veridesk:verify?number=VD-APRS-2026-1F2E3D4C5B&content=5f3c1d8a',
    ...changes,
  }
}
