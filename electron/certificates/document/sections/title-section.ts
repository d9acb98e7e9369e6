import type { CertificateData } from '../certificate-data.ts'
import { baseline, type PageFlow } from '../page-flow.ts'
import { drawQrCode } from '../qr-code.ts'
import { color, opinionColor, page, style, textWidth } from '../style.ts'
import { measure } from '../text-layout.ts'
import { assuranceTitle, opinionTitle } from '../wording.ts'

const codeSize = 76

/** Head of the first page: what this is, its opinion, for whom, and the code that leads to a check. */
export function drawTitle(flow: PageFlow, data: CertificateData): void {
  const canvas = flow.canvas()
  drawMark(flow)
  canvas.textRight(page.right, flow.y() - 1.2, data.number, style.strong)
  flow.skip(28)

  const codeX = page.right - codeSize
  const codeY = flow.y() - 2
  drawQrCode(canvas, codeX, codeY, codeSize, data.verificationLink)
  const caption = 'Scan to verify'
  canvas.textRight(page.right, codeY + codeSize + 11, caption, style.small)

  const width = textWidth - codeSize - 28
  canvas.text(page.left, flow.y() + baseline(style.title), 'Verification statement', style.title)
  flow.skip(style.title.leading + 3)
  flow.paragraph(`${data.batch.project} — ${data.batch.site}`, style.subtitle, { width })
  flow.skip(9)
  drawOpinion(flow, data)
  flow.skip(Math.max(14, codeY + codeSize + 20 - flow.y()))

  canvas.rule(page.left, flow.y(), textWidth, color.rule)
  flow.skip(8)
  const labelWidth = 92
  const row = (label: string, value: string): void => {
    flow.reserve(style.body.leading)
    flow.canvas().text(page.left, flow.y() + baseline(style.body), label, { ...style.body, color: color.soft })
    flow.paragraph(value, style.body, { x: page.left + labelWidth, width: textWidth - labelWidth })
    flow.skip(1)
  }
  row('Addressee', data.addressee)
  row('Verifier', `${data.verifier.name}, ${data.verifier.organisation}`)
  flow.skip(8)
}

/** A square with a tick, beside the name. */
function drawMark(flow: PageFlow): void {
  const canvas = flow.canvas()
  const y = flow.y() - 12
  canvas.fill(page.left, y, 15, 15, color.brand)
  canvas.polyline(
    [
      [page.left + 3.6, y + 7.8],
      [page.left + 6.5, y + 10.7],
      [page.left + 11.4, y + 4.6],
    ],
    color.white,
    1.6,
  )
  canvas.text(page.left + 23, y + 10.8, 'VERIDESK', style.brand)
}

function drawOpinion(flow: PageFlow, data: CertificateData): void {
  const canvas = flow.canvas()
  const label = { ...style.label, size: 8, leading: 18, color: color.white, tracking: 0.5 }
  const opinion = opinionTitle[data.opinion].toUpperCase()
  const width = measure(opinion, label, flow.fonts) + 18
  canvas.fill(page.left, flow.y(), width, label.leading, opinionColor[data.opinion])
  canvas.text(page.left + 9, flow.y() + baseline(label), opinion, label)
  const assurance = { ...style.strong, color: opinionColor[data.opinion] }
  canvas.text(page.left + width + 10, flow.y() + baseline(label), assuranceTitle[data.assurance], assurance)
  flow.skip(label.leading)
}
