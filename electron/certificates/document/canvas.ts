import type { CertificateFonts, FaceName } from './certificate-fonts.ts'
import type { FontSubset } from './font-subset.ts'
import { page } from './style.ts'
import { measure, type TextStyle } from './text-layout.ts'

type Color = TextStyle['color']

/** Draws on one page or form. Coordinates are points from the upper left corner; a text's `y` is its baseline. */
export interface Canvas {
  text(x: number, y: number, text: string, style: TextStyle): void
  textRight(right: number, y: number, text: string, style: TextStyle): void
  rule(x: number, y: number, width: number, color: Color, thickness?: number): void
  fill(x: number, y: number, width: number, height: number, color: Color): void
  outline(x: number, y: number, width: number, height: number, color: Color, thickness?: number): void
  /** A shape of straight lines. */
  polyline(points: readonly (readonly [number, number])[], color: Color, thickness: number): void
  /** Many squares in one path, as a QR code is made of. */
  squares(corners: readonly (readonly [number, number])[], size: number, color: Color): void
  /** The finished content stream. */
  content(): string
}

/** Begins an empty canvas of some height; a page's unless told otherwise. */
export function createCanvas(
  fonts: CertificateFonts,
  subsets: Readonly<Record<FaceName, FontSubset>>,
  height: number = page.height,
): Canvas {
  const operators: string[] = []
  const put = (...parts: (string | number)[]): void => {
    operators.push(parts.map((part) => (typeof part === 'number' ? decimal(part) : part)).join(' '))
  }
  const text: Canvas['text'] = (x, y, content, style) => {
    if (content === '') return
    put('BT')
    put(...style.color, 'rg')
    put(`/${style.face}`, style.size, 'Tf')
    put(style.tracking ?? 0, 'Tc')
    put(x, height - y, 'Td')
    put(`<${subsets[style.face].encode(content)}>`, 'Tj')
    put('ET')
  }
  return {
    text,
    textRight: (right, y, content, style) => text(right - measure(content, style, fonts), y, content, style),
    rule: (x, y, width, color, thickness = 0.6) => {
      put(...color, 'RG', thickness, 'w', x, height - y, 'm', x + width, height - y, 'l', 'S')
    },
    fill: (x, y, width, boxHeight, color) => {
      put(...color, 'rg', x, height - y - boxHeight, width, boxHeight, 're', 'f')
    },
    outline: (x, y, width, boxHeight, color, thickness = 0.6) => {
      put(...color, 'RG', thickness, 'w', x, height - y - boxHeight, width, boxHeight, 're', 'S')
    },
    polyline: (points, color, thickness) => {
      put(...color, 'RG', thickness, 'w', 1, 'J', 1, 'j')
      points.forEach(([x, y], index) => {
        put(x, height - y, index === 0 ? 'm' : 'l')
      })
      put('S', 0, 'J', 0, 'j')
    },
    squares: (corners, size, color) => {
      put(...color, 'rg')
      for (const [x, y] of corners) put(x, height - y - size, size, size, 're')
      put('f')
    },
    content: () => operators.join('\n'),
  }
}

/** PDF knows no exponents; three places are a thousandth of a point. */
const decimal = (value: number): string => {
  const text = value.toFixed(3)
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}
