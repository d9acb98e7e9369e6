import { byteRangePlaceholder, contentsLength } from '../sign-pdf.ts'

/** Objects of a PDF by their number, as they are written between `obj` and `endobj`. */
export type PdfObjects = Readonly<Record<number, string>>

/** The numbers of the sample's objects, so that a test can change one. */
export const sampleObject = {
  catalog: 1,
  pages: 2,
  page: 3,
  contents: 4,
  form: 5,
  auditor: 6,
  reviewer: 7,
  signature: 8,
  information: 9,
  size: 10,
} as const

const drawing = (text: string): string => {
  const stream = `BT /F1 24 Tf 72 720 Td (${text}) Tj ET`
  return `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`
}

const widget = (name: string, rectangle: string, value: string): string =>
  `<< /Type /Annot /Subtype /Widget /FT /Sig /T (${name}) /F 132 /P 3 0 R /Rect [${rectangle}]${value} >>`

/** An open signature dictionary, as `signPdf` fills it. */
export const openSignature = (subFilter = 'ETSI.CAdES.detached', type = 'Sig'): string => {
  const open = `/${byteRangePlaceholder}`
  return (
    `<< /Type /${type} /Filter /Adobe.PPKLite /SubFilter /${subFilter} /ByteRange [0 ${open} ${open} ${open}] ` +
    `/Contents <${'0'.repeat(contentsLength * 2)}> /M (D:20261120213300Z) >>`
  )
}

/** A reviewer's signature field in the place that the sample reserves for it. */
export const signedReviewer = (signature: number): string =>
  widget('reviewer', '300 72 500 132', ` /V ${signature} 0 R`)

/** The page's drawing with another text. */
export const changedDrawing: string = drawing('Approved for 9,999 credits')

const objects: PdfObjects = {
  1: '<< /Type /Catalog /Pages 2 0 R /AcroForm 5 0 R >>',
  2: '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
  3:
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Annots [6 0 R 7 0 R] ' +
    '/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>',
  4: drawing('Approved for 12 credits'),
  5: '<< /Fields [6 0 R 7 0 R] /SigFlags 3 >>',
  6: widget('auditor', '72 72 272 132', ' /V 8 0 R'),
  7: widget('reviewer', '300 72 500 132', ''),
  8: openSignature(),
  9: '<< /VerideskCertificateNumber (VD-1) /VerideskContentHash (aa) >>',
}

/** A page with a sentence, an open signature of the auditor and an empty field for the reviewer. Unsigned without a signature. */
export function samplePdf({ signed = true }: { signed?: boolean } = {}): Uint8Array {
  const header = '%PDF-1.7\n%\xe2\xe3\xcf\xd3\n'
  const body = signed ? objects : { ...objects, 6: widget('auditor', '72 72 272 132', ''), 8: 'null' }
  return Buffer.from(header + writeSection(body, header.length, '/Info 9 0 R'), 'latin1')
}

/** What a revision to append may say beside its objects. */
export interface RevisionOptions {
  readonly root?: number
  readonly information?: number
  /** Further lines between the objects and the table, which the table does not list. */
  readonly unlisted?: string
  /** Changes the table of places before it is written. */
  readonly editPlaces?: (places: Map<number, number>) => void
}

/** Appends an incremental update (ISO 32000-2, 7.5.6) with some objects. */
export function appendRevision(pdf: Uint8Array, changed: PdfObjects, options: RevisionOptions = {}): Uint8Array {
  const before = Buffer.from(pdf).toString('latin1')
  const previous = /startxref\s+(\d+)\s+%%EOF\s*$/.exec(before)?.[1]
  const trailer = `/Info ${options.information ?? 9} 0 R /Prev ${previous}`
  return Buffer.from(before + writeSection(changed, before.length, trailer, options), 'latin1')
}

function writeSection(body: PdfObjects, offset: number, trailer: string, options: RevisionOptions = {}): string {
  const places = new Map<number, number>()
  let text = ''
  for (const [number, object] of Object.entries(body)) {
    places.set(Number(number), offset + text.length)
    text += `${number} 0 obj\n${object}\nendobj\n`
  }
  text += options.unlisted ?? ''
  options.editPlaces?.(places)
  const table = offset + text.length
  const entries = [...places].map(([number, place]) => `${number} 1\n${String(place).padStart(10, '0')} 00000 n \n`)
  const size = Math.max(sampleObject.size, ...[...places.keys()].map((number) => number + 1))
  return (
    `${text}xref\n0 1\n0000000000 65535 f \n${entries.join('')}` +
    `trailer\n<< /Size ${size} /Root ${options.root ?? 1} 0 R ${trailer} >>\nstartxref\n${table}\n%%EOF\n`
  )
}
