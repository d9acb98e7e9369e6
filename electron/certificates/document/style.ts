import type { Opinion } from '../../../shared/domain/decision.ts'
import type { TextStyle } from './text-layout.ts'

/** A4 in points, and the area that text is set in. */
export const page = { width: 595.28, height: 841.89, left: 56, right: 539.28, top: 64, bottom: 772 } as const

/** The width of the text area. */
export const textWidth = page.right - page.left

type Color = TextStyle['color']

const rgb = (hex: number): Color => [((hex >> 16) & 255) / 255, ((hex >> 8) & 255) / 255, (hex & 255) / 255]

/** Ink that prints well and stays apart in grey. */
export const color = {
  ink: rgb(0x16212b),
  soft: rgb(0x55636f),
  faint: rgb(0x8a96a0),
  rule: rgb(0xccd4da),
  tint: rgb(0xf4f7f8),
  brand: rgb(0x0b4f4a),
  white: rgb(0xffffff),
} as const

/** The one color that tells opinions apart; the words tell it too. */
export const opinionColor: Readonly<Record<Opinion, Color>> = {
  unmodified: rgb(0x0b4f4a),
  qualified: rgb(0x8a5600),
  adverse: rgb(0x8f1d1a),
  disclaimed: rgb(0x4a5560),
}

/** The styles of the document. Sizes and leadings are points. */
export const style = {
  title: { face: 'serifBold', size: 25, leading: 30, color: color.ink },
  subtitle: { face: 'regular', size: 10.5, leading: 15, color: color.soft },
  conclusion: { face: 'serif', size: 11, leading: 17, color: color.ink },
  heading: { face: 'bold', size: 9.5, leading: 13, color: color.ink },
  body: { face: 'regular', size: 8.8, leading: 12.8, color: color.ink },
  strong: { face: 'bold', size: 8.8, leading: 12.8, color: color.ink },
  small: { face: 'regular', size: 7.6, leading: 10.6, color: color.soft },
  label: { face: 'bold', size: 6.8, leading: 10, color: color.soft, tracking: 0.55 },
  figure: { face: 'serifBold', size: 15, leading: 19, color: color.ink },
  mono: { face: 'mono', size: 7.2, leading: 10.4, color: color.ink },
  brand: { face: 'bold', size: 9, leading: 12, color: color.brand, tracking: 2.4 },
} as const satisfies Record<string, TextStyle>
