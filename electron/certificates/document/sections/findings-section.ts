import type { CertificateData, FindingCount } from '../certificate-data.ts'
import { formatDay } from '../format.ts'
import { baseline, type PageFlow } from '../page-flow.ts'
import { page, style, textWidth } from '../style.ts'
import { drawFigureStrip, type LabelledFigure } from './figure-strip.ts'

/** How many findings of each kind there were, and what remains to be done. */
export function drawFindings(flow: PageFlow, { findings }: CertificateData): void {
  const count = (label: string, { raised, open }: FindingCount): LabelledFigure => ({
    label,
    figure: `${raised}`,
    unit: `raised, ${open} open`,
  })
  flow.heading('Findings', 48)
  flow.skip(3)
  drawFigureStrip(flow, [
    count('Corrective actions (CAR)', findings.car),
    count('Clarifications (CL)', findings.cl),
    count('Forward actions (FAR)', findings.far),
    count('Observations', findings.observation),
  ])
  flow.skip(4)
  if (findings.openForwardActions.length > 0) {
    flow.paragraph('Open forward action requests', style.strong)
    for (const { title, dueOn } of findings.openForwardActions) {
      flow.reserve(style.body.leading)
      flow.canvas().text(page.left, flow.y() + baseline(style.body), '–', style.body)
      const due = dueOn === null ? 'no date set' : `due ${formatDay(dueOn)}`
      flow.paragraph(`${title} (${due})`, style.body, { x: page.left + 10, width: textWidth - 10 })
    }
    flow.skip(9)
  }
}
