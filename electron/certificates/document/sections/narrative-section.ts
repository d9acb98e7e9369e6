import type { CertificateData } from '../certificate-data.ts'
import { formatPercent } from '../format.ts'
import { baseline, type PageFlow } from '../page-flow.ts'
import { page, style, textWidth } from '../style.ts'
import { assuranceExplanation, criteriaName } from '../wording.ts'

const numberWidth = 16

/** Scope, criteria, materiality, assurance and procedures in sentences. */
export function drawNarrative(flow: PageFlow, data: CertificateData): void {
  const section = (title: string, text: string): void => {
    flow.heading(title)
    flow.paragraph(text, style.body)
    flow.skip(7)
  }
  section('Scope', data.scope)
  section('Criteria', `The batch was judged by ${criteriaName(data)}.`)
  section(
    'Materiality and assurance',
    `Misstatements, one by one and together, over and under, were held against a threshold of ${formatPercent(data.materiality)}. ` +
      assuranceExplanation(data.assurance),
  )
  flow.heading('Procedures performed')
  data.procedures.forEach((procedure, index) => {
    flow.reserve(style.body.leading)
    flow.canvas().text(page.left, flow.y() + baseline(style.body), `${index + 1}.`, style.body)
    flow.paragraph(procedure, style.body, { x: page.left + numberWidth, width: textWidth - numberWidth })
    flow.skip(1)
  })
  flow.skip(9)
}
