import type { PageFlow } from '../page-flow.ts'
import { color, page, style, textWidth } from '../style.ts'
import { measure, shorten } from '../text-layout.ts'

/** A large figure with what it counts above and its unit behind. */
export interface LabelledFigure {
  readonly label: string
  readonly figure: string
  readonly unit: string
}

const height = 42

/** Sets figures side by side in columns of one width, under a strong rule. */
export function drawFigureStrip(flow: PageFlow, figures: readonly LabelledFigure[]): void {
  flow.reserve(height)
  const canvas = flow.canvas()
  const width = textWidth / figures.length
  const top = flow.y()
  canvas.rule(page.left, top, textWidth, color.ink, 0.9)
  figures.forEach(({ label, figure, unit }, index) => {
    const inset = index === 0 ? 0 : 10
    const x = page.left + index * width + inset
    if (index > 0) canvas.fill(x - inset, top + 8, 0.6, height - 14, color.rule)
    canvas.text(x, top + 15, label, style.small)
    const shown = shorten(figure, width - inset - 4, style.figure, flow.fonts)
    canvas.text(x, top + 34, shown, style.figure)
    canvas.text(x + measure(shown, style.figure, flow.fonts) + 4, top + 34, unit, style.small)
  })
  flow.skip(height + 4)
}
