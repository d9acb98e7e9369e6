import type { CertificateFonts, FaceName } from './certificate-fonts.ts'

/** How text looks. Lengths are points; `tracking` is extra room after each character. */
export interface TextStyle {
  readonly face: FaceName
  readonly size: number
  readonly leading: number
  /** Red, green and blue from 0 to 1. */
  readonly color: readonly [number, number, number]
  readonly tracking?: number
}

/** The width of a line in points. Characters without a glyph count nothing: they are refused before anything is set. */
export function measure(text: string, style: TextStyle, fonts: CertificateFonts): number {
  const face = fonts[style.face]
  let width = 0
  for (const character of text) {
    width += ((face.advance(character.codePointAt(0) ?? 0) ?? 0) * style.size) / 1000 + (style.tracking ?? 0)
  }
  return width
}

/** Breaks text into lines no wider than `width`: between words, and inside one only where it is wider than a line. */
export function wrap(text: string, width: number, style: TextStyle, fonts: CertificateFonts): string[] {
  return text
    .split('\n')
    .flatMap((paragraph) => wrapParagraph(paragraph.split(/[ \t]+/).filter(Boolean), width, style, fonts))
}

function wrapParagraph(words: readonly string[], width: number, style: TextStyle, fonts: CertificateFonts): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of words) {
    const joined = line === '' ? word : `${line} ${word}`
    if (measure(joined, style, fonts) <= width) {
      line = joined
      continue
    }
    if (line !== '') lines.push(line)
    const pieces = breakWord(word, width, style, fonts)
    lines.push(...pieces.slice(0, -1))
    line = pieces.at(-1) ?? ''
  }
  return [...lines, line]
}

function breakWord(word: string, width: number, style: TextStyle, fonts: CertificateFonts): string[] {
  const pieces: string[] = []
  let piece = ''
  for (const character of word) {
    if (piece !== '' && measure(piece + character, style, fonts) > width) {
      pieces.push(piece)
      piece = ''
    }
    piece += character
  }
  return [...pieces, piece]
}

/** The text as far as it fits on one line, with an ellipsis where something was left out. */
export function shorten(text: string, width: number, style: TextStyle, fonts: CertificateFonts): string {
  if (measure(text, style, fonts) <= width) return text
  const characters = [...text]
  while (characters.length > 0 && measure(`${characters.join('')}…`, style, fonts) > width) characters.pop()
  return `${characters.join('').trimEnd()}…`
}
