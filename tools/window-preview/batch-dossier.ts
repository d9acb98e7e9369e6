import { createHash } from 'node:crypto'
import { PDFDocument, StandardFonts } from 'pdf-lib'
import { readPhoto } from '../../electron/platform/hostile/read-photo.ts'
import { readCsv, readWorkbook } from '../../electron/platform/hostile/read-table.ts'
import type { EvidenceTable, PhotoFacts } from '../../shared/contract/views.ts'
import { distanceMeters } from '../../shared/domain/distance.ts'
import type { EvidenceKind } from '../../shared/domain/evidence.ts'
import type { Rubric } from '../../shared/domain/rubric.ts'
import { makeEvidence } from '../demo-data/evidence/make-evidence.ts'
import { planFullEvidence } from '../demo-data/plan/full-evidence.ts'
import { readDefaultRubric } from '../demo-data/plan/rubrics.ts'

/** One evidence file as the preview serves it. */
export interface PreviewFile {
  readonly id: string
  readonly kind: EvidenceKind
  readonly title: string
  readonly mediaType: string
  readonly effectiveAt: string | null
  readonly sha256: string
  readonly byteSize: number
  readonly presence: 'present' | 'absent' | 'altered'
  readonly table: EvidenceTable | null
  readonly photo: PhotoFacts | null
}

/** What the fake program starts with; plain JSON. */
export interface PreviewDossier {
  readonly batchId: string
  readonly project: {
    readonly name: string
    readonly location: string
    readonly latitude: number
    readonly longitude: number
    readonly timeZone: string
  }
  readonly recycler: string
  readonly quantity: number
  readonly rubric: Rubric
  readonly files: readonly PreviewFile[]
  readonly certificateSize: number
}

/** A dossier and the bytes behind it, by the token under which they are served. */
export interface MadeDossier {
  readonly dossier: PreviewDossier
  readonly bytes: ReadonlyMap<string, Uint8Array>
}

/** The batch that is looked at: full evidence, with a photo that was taken far from the site. */
const batchKey = 'photo_place'

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

async function longDocument(pages: number): Promise<Uint8Array> {
  const document = await PDFDocument.create()
  const font = await document.embedFont(StandardFonts.Helvetica)
  for (let page = 1; page <= pages; page += 1) {
    const sheet = document.addPage(page % 10 === 0 ? [842, 595] : [595, 842])
    const height = sheet.getHeight()
    sheet.drawText(`Monitoring report, page ${String(page)}`, { x: 50, y: height - 70, size: 18, font })
    for (let line = 0; line < 30 && 110 + line * 16 < height - 40; line += 1)
      sheet.drawText(
        `${String(page)}.${String(line + 1)} Intake of sorted flakes, ${String((page * 37 + line * 11) % 900)} kg, calibrated scale no. ${String(line % 4)}`,
        { x: 50, y: height - 110 - line * 16, size: 10, font },
      )
  }
  return document.save()
}

async function factsOf(
  bytes: Uint8Array,
  site: { readonly latitude: number; readonly longitude: number },
): Promise<PhotoFacts> {
  const read = await readPhoto(bytes)
  const { width, height, takenAt, latitude, longitude, camera } =
    read.kind === 'photo' ? read : await Promise.reject(new Error('no photo'))
  return {
    width,
    height,
    claimedTakenAt: takenAt,
    claimedLatitude: latitude,
    claimedLongitude: longitude,
    distanceToSiteMeters:
      latitude === null || longitude === null ? null : Math.round(distanceMeters(site, { latitude, longitude })),
    camera,
  }
}

async function tableOf(bytes: Uint8Array, mediaType: string): Promise<EvidenceTable> {
  const read = mediaType === 'text/csv' ? readCsv(bytes) : await readWorkbook(bytes)
  return { sheets: read.kind === 'table' ? read.sheets : [] }
}

/** Makes the evidence of one demo batch, and a few files that are hard to show. */
export async function makeDossier(): Promise<MadeDossier> {
  const { batches } = planFullEvidence(1)
  const full = batches.find(({ dossier }) => dossier.recipe.defects.some(({ kind }) => kind === batchKey))
  if (full === undefined) throw new RangeError('the demo data has a batch with a misplaced photo')
  const { project, quantity } = full.dossier
  const site = { latitude: project.latitude, longitude: project.longitude }
  const made = await Promise.all(
    full.files.map(async (file) => ({ ...file, bytes: await makeEvidence(file.recipe), presence: 'present' as const })),
  )
  const text = new TextEncoder()
  const more = [
    {
      id: '00000000-0000-4000-8000-000000000001',
      kind: 'monitoring_report' as const,
      title: 'Monitoring report, 200 pages',
      mediaType: 'application/pdf',
      effectiveAt: null,
      bytes: await longDocument(200),
      presence: 'present' as const,
    },
    {
      id: '00000000-0000-4000-8000-000000000002',
      kind: 'weighbridge_ticket' as const,
      title: 'Ticket that breaks off',
      mediaType: 'application/pdf',
      effectiveAt: null,
      bytes: text.encode('%PDF-1.7 broken off'),
      presence: 'present' as const,
    },
    {
      id: '00000000-0000-4000-8000-000000000003',
      kind: 'laboratory_report' as const,
      title: 'Laboratory report not mirrored yet',
      mediaType: 'application/pdf',
      effectiveAt: null,
      bytes: text.encode('absent'),
      presence: 'absent' as const,
    },
    {
      id: '00000000-0000-4000-8000-000000000004',
      kind: 'other' as const,
      title: 'Raw data of the scale',
      mediaType: 'application/zip',
      effectiveAt: null,
      bytes: text.encode('PK'),
      presence: 'present' as const,
    },
  ]
  const files = await Promise.all(
    [...made, ...more].map(
      async (file): Promise<PreviewFile & { readonly bytes: Uint8Array }> => ({
        id: file.id,
        kind: file.kind,
        title: file.title,
        mediaType: file.mediaType,
        effectiveAt: file.effectiveAt,
        sha256: sha256(file.bytes),
        byteSize: file.bytes.length,
        presence: file.presence,
        table: /csv|sheet/.test(file.mediaType) ? await tableOf(file.bytes, file.mediaType) : null,
        photo: file.mediaType.startsWith('image/') ? await factsOf(file.bytes, site) : null,
        bytes: file.bytes,
      }),
    ),
  )
  const certificate = await longDocument(3)
  const rubric = readDefaultRubric(project.standard)
  return {
    dossier: {
      batchId: full.batchId,
      project: { name: project.name, location: project.location, ...site, timeZone: project.timeZone },
      recycler: project.owner.name,
      quantity,
      rubric: {
        ...rubric,
        id: rubric.id as Rubric['id'],
        criteria: rubric.criteria.map(({ required_evidence, knock_out, not_applicable, ...criterion }) => ({
          ...criterion,
          requiredEvidence: required_evidence,
          knockOut: knock_out,
          notApplicable: not_applicable,
        })),
      },
      files: files.map(({ bytes: _, ...file }) => file),
      certificateSize: certificate.length,
    },
    bytes: new Map([...files.map(({ id, bytes }) => [id, bytes] as const), ['certificate', certificate] as const]),
  }
}
