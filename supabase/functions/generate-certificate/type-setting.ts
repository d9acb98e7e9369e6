import type { PDFFont, PDFPage, RGB } from 'pdf-lib'

/** A face and the characters it has. */
export interface Face {
  readonly font: PDFFont
  readonly characters: ReadonlySet<number>
}

/** Stands for a character that a face does not have; both faces have this one. */
export const REPLACEMENT = '\uFFFD'

/** How text is set: size and leading in points. */
export interface Setting {
  readonly face: Face
  readonly size: number
  readonly color: RGB
}

/** A face and the set of its characters. */
export const readFace = (font: PDFFont): Face => ({ font, characters: new Set(font.getCharacterSet()) })

/**
 * Text that a face can show: composed, on one line, without invisible signs, and with the replacement character in place
 * of every character that the face does not have, so that nothing is shown as a letter it is not.
 */
export const showable = (face: Face, text: string): string =>
  Array.from(
    text
      .normalize('NFC')
      .replace(/\p{Cf}/gu, '')
      .replace(/[\p{Cc}\p{Z}]+/gu, ' ')
      .trim(),
    (character) => (face.characters.has(character.codePointAt(0) ?? 0) ? character : REPLACEMENT),
  ).join('')

const widthOf = ({ face, size }: Setting, text: string): number => face.font.widthOfTextAtSize(text, size)

/** Cuts a word that is wider than a line into pieces that fit. */
const cutWord = (setting: Setting, word: string, width: number): string[] => {
  const pieces: string[] = []
  let piece = ''
  for (const character of word) {
    if (piece !== '' && widthOf(setting, piece + character) > width) {
      pieces.push(piece)
      piece = ''
    }
    piece += character
  }
  return [...pieces, piece]
}

/** Breaks text into lines of at most `width` points; what does not fit into `most` lines ends in an ellipsis. */
export const breakLines = (setting: Setting, text: string, width: number, most: number): readonly string[] => {
  const lines: string[] = []
  let line = ''
  const words = showable(setting.face, text).split(' ')
  for (const piece of words.flatMap((word) => cutWord(setting, word, width))) {
    const longer = line === '' ? piece : `${line} ${piece}`
    if (widthOf(setting, longer) <= width) {
      line = longer
    } else {
      lines.push(line)
      line = piece
    }
  }
  lines.push(line)
  if (lines.length <= most) return lines
  let last = lines[most - 1] ?? ''
  while (last !== '' && widthOf(setting, `${last}…`) > width) last = Array.from(last).slice(0, -1).join('')
  return [...lines.slice(0, most - 1), `${last.trimEnd()}…`]
}

/** Sets lines one under another, the first with its baseline at `y`, and answers with the baseline after the last. */
export const setLines = (
  page: PDFPage,
  setting: Setting,
  lines: readonly string[],
  x: number,
  y: number,
  leading = setting.size * 1.4,
): number => {
  for (const [index, line] of lines.entries())
    page.drawText(line, {
      x,
      y: y - index * leading,
      size: setting.size,
      font: setting.face.font,
      color: setting.color,
    })
  return y - lines.length * leading
}
