import type { CertificateData, CertificateEvidence } from '../certificate-data.ts'
import { formatDay, formatSize } from '../format.ts'
import { baseline, type PageFlow } from '../page-flow.ts'
import { color, page, style, textWidth } from '../style.ts'
import { shorten, wrap } from '../text-layout.ts'

const numberWidth = 22
const rowHeight = style.body.leading + style.mono.leading + 5

/** Every file that the decision rests on, with its hash, so that a reader can hold a copy against it. */
export function drawEvidence(flow: PageFlow, { evidence }: CertificateData): void {
  const viewed = evidence.filter((file) => file.viewed).length
  flow.heading('Annex: evidence', style.small.leading * 2 + rowHeight)
  const all = viewed === evidence.length ? 'all of them were' : `${viewed} of them ${viewed === 1 ? 'was' : 'were'}`
  flow.paragraph(
    evidence.length === 0
      ? 'The batch has no evidence files.'
      : `${evidence.length} ${evidence.length === 1 ? 'file' : 'files'}; ${all} opened by the auditor before deciding. Each is identified by its SHA-256. Dates are as claimed by the recycler.`,
    style.small,
  )
  flow.skip(5)
  evidence.forEach((file, index) => {
    drawFile(flow, file, index + 1)
  })
}

function drawFile(flow: PageFlow, file: CertificateEvidence, number: number): void {
  const details = [
    file.kind,
    ...(file.effectiveOn === null ? [] : [formatDay(file.effectiveOn)]),
    formatSize(file.byteSize),
  ]
  const detail = shorten(details.join(' · '), 230, style.small, flow.fonts)
  const titles = wrap(file.title, textWidth - numberWidth - 240, style.strong, flow.fonts)
  const height = rowHeight + (titles.length - 1) * style.body.leading
  flow.reserve(height)

  const canvas = flow.canvas()
  const top = flow.y() + 2
  const x = page.left + numberWidth
  const first = top + baseline(style.body)
  const last = top + titles.length * style.body.leading + baseline(style.mono)
  canvas.rule(page.left, flow.y(), textWidth, color.rule)
  canvas.text(page.left, first, `${number}`, { ...style.body, color: color.soft })
  titles.forEach((line, index) => {
    canvas.text(x, first + index * style.body.leading, line, style.strong)
  })
  canvas.textRight(page.right, first, detail, style.small)
  canvas.text(x, last, file.sha256, { ...style.mono, color: color.soft })
  drawViewed(flow, file.viewed, last)
  flow.skip(height)
}

/** A word and a tick, so that the mark does not hang on color or sharp eyes alone. */
function drawViewed(flow: PageFlow, viewed: boolean, y: number): void {
  const canvas = flow.canvas()
  const textStyle = { ...style.small, color: viewed ? color.brand : color.ink }
  canvas.textRight(page.right, y, viewed ? 'Viewed' : 'Not viewed', textStyle)
  const x = page.right - (viewed ? 36 : 50)
  if (viewed) {
    canvas.polyline(
      [
        [x, y - 2.6],
        [x + 2, y - 0.6],
        [x + 5.6, y - 5],
      ],
      color.brand,
      1,
    )
  } else canvas.outline(x, y - 5, 5, 5, color.ink, 0.7)
}
