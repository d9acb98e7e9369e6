import type { CertificateData } from '../certificate-data.ts'
import { formatInstant } from '../format.ts'
import { baseline, type PageFlow } from '../page-flow.ts'
import { color, page, style, textWidth } from '../style.ts'
import { wrap } from '../text-layout.ts'
import { notACredit } from '../wording.ts'

/** Where a signature field lies: points from the upper left corner of its page. */
export interface FieldPlace {
  readonly pageIndex: number
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** The places of the two signatures. */
export interface SignaturePlaces {
  readonly auditor: FieldPlace
  readonly reviewer: FieldPlace
}

const fieldHeight = 62
const gutter = 22
const column = (textWidth - gutter) / 2

/** The two signature fields with who signs in them, and the sentence on what this certificate is not. Never broken over pages. */
export function drawSignatures(flow: PageFlow, data: CertificateData): SignaturePlaces {
  const { verifier } = data
  const notes = wrap(notACredit, textWidth, style.small, flow.fonts)
  const below = [verifier.organisation, verifier.accreditation].flatMap((text) =>
    wrap(text, column, style.small, flow.fonts),
  )
  const height =
    style.heading.leading +
    6 +
    style.label.leading +
    3 +
    fieldHeight +
    5 +
    style.strong.leading +
    (below.length + 1) * style.small.leading +
    14 +
    notes.length * style.small.leading
  flow.reserve(height)
  flow.heading('Signatures', 0)
  flow.skip(4)

  const canvas = flow.canvas()
  const pageIndex = flow.pages.length - 1
  const left = page.left
  const right = page.left + column + gutter
  canvas.text(left, flow.y() + baseline(style.label), 'ACCREDITED AUDITOR', style.label)
  canvas.text(right, flow.y() + baseline(style.label), 'INDEPENDENT REVIEWER', style.label)
  flow.skip(style.label.leading + 3)
  const y = flow.y()
  canvas.fill(right, y, column, fieldHeight, color.tint)
  canvas.outline(right, y, column, fieldHeight, color.rule)
  const reserved = { ...style.small, color: color.faint }
  canvas.text(right + 10, y + fieldHeight / 2 - 2, 'Reserved for the countersignature of an', reserved)
  canvas.text(right + 10, y + fieldHeight / 2 + 8.6, 'independent reviewer. Not signed when issued.', reserved)
  flow.skip(fieldHeight + 5)

  canvas.text(left, flow.y() + baseline(style.strong), verifier.name, style.strong)
  flow.skip(style.strong.leading)
  for (const line of [...below, `Decision: ${formatInstant(data.decidedAt)}`]) {
    canvas.text(left, flow.y() + baseline(style.small), line, style.small)
    flow.skip(style.small.leading)
  }
  flow.skip(14)
  flow.paragraph(notACredit, style.small)
  flow.skip(16)
  const size = { width: column, height: fieldHeight, pageIndex, y }
  return { auditor: { ...size, x: left }, reviewer: { ...size, x: right } }
}
