import { type Canvas, createCanvas } from './canvas.ts'
import type { CertificateFonts, FaceName } from './certificate-fonts.ts'
import { createFontSubset, type FontSubset } from './font-subset.ts'
import { page, style, textWidth } from './style.ts'
import { type TextStyle, wrap } from './text-layout.ts'

/** Sets content from top to bottom and begins a page whenever the next piece does not fit. */
export interface PageFlow {
  readonly fonts: CertificateFonts
  readonly subsets: Readonly<Record<FaceName, FontSubset>>
  readonly pages: readonly Canvas[]
  /** The page that is being filled. */
  canvas(): Canvas
  /** The upper edge of what comes next, in points from the top of the page. */
  y(): number
  /** Leaves room free. */
  skip(height: number): void
  /** Begins a page unless `height` still fits on this one. */
  reserve(height: number): void
  /** Sets wrapped text; it breaks over pages between lines. */
  paragraph(text: string, textStyle: TextStyle, options?: { readonly x?: number; readonly width?: number }): void
  /** Sets a heading that keeps at least `following` points of what it heads on its page. */
  heading(text: string, following?: number): void
  newPage(): void
}

/** The distance from the top of a line to its baseline, so that text sits in the middle of its leading. */
export const baseline = ({ size, leading }: TextStyle): number => (leading + size * 0.72) / 2

/** Begins a document with one empty page. */
export function createPageFlow(fonts: CertificateFonts): PageFlow {
  const subsets = {
    regular: createFontSubset(fonts.regular),
    bold: createFontSubset(fonts.bold),
    serif: createFontSubset(fonts.serif),
    serifBold: createFontSubset(fonts.serifBold),
    mono: createFontSubset(fonts.mono),
  }
  let current = createCanvas(fonts, subsets)
  const pages = [current]
  let y: number = page.top
  const newPage = (): void => {
    current = createCanvas(fonts, subsets)
    pages.push(current)
    y = page.top
  }
  const reserve = (height: number): void => {
    // A piece higher than a page begins where it stands; it could fit nowhere.
    if (y + height > page.bottom && y > page.top && height < page.bottom - page.top) newPage()
  }
  return {
    fonts,
    subsets,
    pages,
    canvas: () => current,
    y: () => y,
    skip: (height) => {
      y += height
    },
    reserve,
    newPage,
    paragraph: (text, textStyle, { x = page.left, width = textWidth } = {}) => {
      for (const line of wrap(text, width, textStyle, fonts)) {
        reserve(textStyle.leading)
        current.text(x, y + baseline(textStyle), line, textStyle)
        y += textStyle.leading
      }
    },
    heading: (text, following = 2 * style.body.leading) => {
      reserve(style.heading.leading + 4 + following)
      current.text(page.left, y + baseline(style.heading), text, style.heading)
      y += style.heading.leading + 2
    },
  }
}
