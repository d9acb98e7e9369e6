import type { CertificateData } from '../certificate-data.ts'
import { formatAmount, formatDay, formatInstant, formatPercent } from '../format.ts'
import { baseline, type PageFlow } from '../page-flow.ts'
import { color, page, style, textWidth } from '../style.ts'
import { wrap } from '../text-layout.ts'
import { assuranceTitle, rubricName } from '../wording.ts'
import { drawFigureStrip } from './figure-strip.ts'

/** The four figures that a registry looks for first. */
export function drawFigures(flow: PageFlow, { batch, score }: CertificateData): void {
  drawFigureStrip(flow, [
    { label: 'Quantity', figure: formatAmount(batch.quantity), unit: batch.unit },
    { label: 'Plastic credits, calculated', figure: formatAmount(batch.plasticCredits), unit: '' },
    { label: 'Carbon credits, calculated', figure: formatAmount(batch.carbonCredits), unit: '' },
    score === null
      ? { label: 'Score', figure: '—', unit: '' }
      : { label: 'Score', figure: formatAmount(score), unit: 'of 5.00' },
  ])
}

/** Two columns of facts: what was verified, and how. Long values wrap; a row is as high as its higher side. */
export function drawFacts(flow: PageFlow, data: CertificateData): void {
  const { batch, criteria, period } = data
  const left = [
    ['Project', batch.project],
    ['Site', batch.site],
    ['Recycler', batch.recycler],
    [
      'Standard',
      criteria.standardTitle === criteria.standard
        ? criteria.standard
        : `${criteria.standard} — ${criteria.standardTitle}`,
    ],
    ['Period', `${formatDay(period.from)} to ${formatDay(period.to)}`],
  ] as const
  const right = [
    ['Rubric', rubricName(data)],
    ['Assurance', assuranceTitle[data.assurance]],
    ['Materiality', `${formatPercent(data.materiality)} of the stated quantity`],
    ['Accreditation', data.verifier.accreditation],
    ['Decided', `${formatInstant(data.decidedAt)} (time claimed by the signing computer)`],
  ] as const
  const gutter = 22
  const column = (textWidth - gutter) / 2
  const labelWidth = 66
  const valueWidth = column - labelWidth
  left.forEach(([label, value], index) => {
    const [otherLabel, otherValue] = right[index] ?? ['', '']
    const lines = wrap(value, valueWidth, style.body, flow.fonts)
    const otherLines = wrap(otherValue, valueWidth, style.body, flow.fonts)
    const height = Math.max(lines.length, otherLines.length) * style.body.leading + 5
    flow.reserve(height)
    const canvas = flow.canvas()
    const top = flow.y()
    const draw = (x: number, name: string, values: readonly string[]): void => {
      canvas.rule(x, top, column, color.rule)
      canvas.text(x, top + 2.5 + baseline(style.body), name, { ...style.body, color: color.soft })
      values.forEach((line, row) => {
        canvas.text(x + labelWidth, top + 2.5 + row * style.body.leading + baseline(style.body), line, style.body)
      })
    }
    draw(page.left, label, lines)
    draw(page.left + column + gutter, otherLabel, otherLines)
    flow.skip(height)
  })
  flow.canvas().rule(page.left, flow.y(), column, color.rule)
  flow.canvas().rule(page.left + column + gutter, flow.y(), column, color.rule)
  flow.skip(7)
  drawHash(flow, 'Batch', batch.batchHash)
  drawHash(flow, 'Content hash', data.contentHash)
  flow.skip(9)
}

function drawHash(flow: PageFlow, label: string, hash: string): void {
  flow.reserve(style.mono.leading)
  flow.canvas().text(page.left, flow.y() + baseline(style.mono), label, { ...style.small, size: style.body.size })
  flow.paragraph(hash, style.mono, { x: page.left + 66, width: textWidth - 66 })
  flow.skip(2.5)
}
