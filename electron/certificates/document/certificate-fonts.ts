import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { create, type Font } from '@cantoo/fontkit'

/** The faces of a certificate and the files they come from, below `resources/fonts`. */
export const faceFiles = {
  regular: 'NotoSans-Regular.ttf',
  bold: 'NotoSans-SemiBold.ttf',
  serif: 'NotoSerif-Regular.ttf',
  serifBold: 'NotoSerif-SemiBold.ttf',
  mono: 'NotoSansMono-Regular.ttf',
} as const

/** Which face text is set in. */
export type FaceName = keyof typeof faceFiles

/** A face that has been read; the figures are in thousandths of the type size. */
export interface FontFace {
  readonly font: Font
  /** The width of a character, or null when the face has no glyph for it. */
  advance(codePoint: number): number | null
}

/** All faces. Reading them takes longer than a certificate does: keep them. */
export type CertificateFonts = Readonly<Record<FaceName, FontFace>>

/** Reads the faces from a folder. Throws when a file is missing or no font: they are part of the program. */
export async function loadCertificateFonts(folder: string): Promise<CertificateFonts> {
  const load = async (name: FaceName): Promise<FontFace> => readFace(await readFile(join(folder, faceFiles[name])))
  const [regular, bold, serif, serifBold, mono] = await Promise.all([
    load('regular'),
    load('bold'),
    load('serif'),
    load('serifBold'),
    load('mono'),
  ])
  return { regular, bold, serif, serifBold, mono }
}

/** Reads one TrueType font. */
export function readFace(bytes: Uint8Array): FontFace {
  const font = create(bytes)
  if (font === null || !('glyphForCodePoint' in font)) throw new Error('Not a single font')
  const advances = new Map<number, number | null>()
  return {
    font,
    advance: (codePoint) => {
      const known = advances.get(codePoint)
      if (known !== undefined) return known
      const glyph = font.hasGlyphForCodePoint(codePoint) ? font.glyphForCodePoint(codePoint) : null
      const width = glyph === null ? null : (glyph.advanceWidth * 1000) / font.unitsPerEm
      advances.set(codePoint, width)
      return width
    },
  }
}
