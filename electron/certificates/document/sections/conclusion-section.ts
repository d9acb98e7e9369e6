import type { CertificateData } from '../certificate-data.ts'
import { baseline, type PageFlow } from '../page-flow.ts'
import { color, opinionColor, page, style, textWidth } from '../style.ts'
import { wrap } from '../text-layout.ts'
import { basisTitle, conclusion } from '../wording.ts'

const indent = 16

/** The opinion in full, and the reasons where it is not unmodified. Each line carries its piece of the panel, so both may break. */
export function drawConclusion(flow: PageFlow, data: CertificateData): void {
  const accent = opinionColor[data.opinion]
  const band = (height: number): void => {
    flow.canvas().fill(page.left, flow.y(), textWidth, height, color.tint)
    flow.canvas().fill(page.left, flow.y(), 3, height, accent)
  }
  const lines = (text: string, textStyle: typeof style.conclusion | typeof style.body): void => {
    for (const line of wrap(text, textWidth - 2 * indent, textStyle, flow.fonts)) {
      flow.reserve(textStyle.leading)
      band(textStyle.leading + 0.2)
      flow.canvas().text(page.left + indent, flow.y() + baseline(textStyle), line, textStyle)
      flow.skip(textStyle.leading)
    }
  }
  const label = (text: string): void => {
    flow.reserve(style.label.leading + 2 * style.conclusion.leading + 14)
    band(style.label.leading + 13)
    flow.skip(10)
    const labelStyle = { ...style.label, color: accent }
    flow.canvas().text(page.left + indent, flow.y() + baseline(labelStyle), text.toUpperCase(), labelStyle)
    flow.skip(style.label.leading + 2)
  }
  label('Conclusion')
  lines(conclusion(data), style.conclusion)
  if (data.opinion !== 'unmodified') {
    label(basisTitle[data.opinion])
    lines(data.basisForModification ?? '', style.body)
  }
  band(11)
  flow.skip(11 + 15)
}
