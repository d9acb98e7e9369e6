import type { PDFContext, PDFRef } from 'pdf-lib'
import { PDFHexString } from 'pdf-lib'
import type { FontFace } from './certificate-fonts.ts'

/** The glyphs of one face that one document uses. */
export interface FontSubset {
  /** The text as glyph numbers of the subset, four hexadecimal digits each. */
  encode(text: string): string
  /** Writes the font into the document, once all text has been encoded. */
  embed(context: PDFContext, name: string): PDFRef
}

interface SubsetGlyph {
  readonly codePoint: number
  readonly advance: number
}

/** Begins an empty subset. Glyphs are numbered in the order of their first use, so equal documents have equal fonts. */
export function createFontSubset(face: FontFace): FontSubset {
  const subset = face.font.createSubset()
  const numbers = new Map<number, number>()
  const glyphs = new Map<number, SubsetGlyph>()
  const numberOf = (codePoint: number): number => {
    const known = numbers.get(codePoint)
    if (known !== undefined) return known
    const glyph = face.font.glyphForCodePoint(codePoint)
    const advance = face.advance(codePoint)
    if (glyph === null || advance === null) throw new Error(`No glyph for U+${codePoint.toString(16)}`)
    const number = subset.includeGlyph(glyph)
    numbers.set(codePoint, number)
    glyphs.set(number, { codePoint, advance })
    return number
  }
  return {
    encode: (text) => {
      let encoded = ''
      for (const character of text) encoded += hexadecimal(numberOf(character.codePointAt(0) ?? 0))
      return encoded
    },
    embed: (context, name) => embedFont(context, name, face, subset.encode(), glyphs),
  }
}

/** A composite font with a TrueType descendant (ISO 32000-2, 9.7); the six letters mark it as a subset (9.9.2). */
function embedFont(
  context: PDFContext,
  name: string,
  { font }: FontFace,
  program: Uint8Array,
  glyphs: ReadonlyMap<number, SubsetGlyph>,
): PDFRef {
  const scale = (value: number): number => Math.round((value * 1000) / font.unitsPerEm)
  const { minX, minY, maxX, maxY } = font.bbox
  const baseFont = `VERIDK+${name}`
  const descriptor = context.register(
    context.obj({
      Type: 'FontDescriptor',
      FontName: baseFont,
      // Symbolic: the glyphs have no standard encoding. Bit 1 is fixed pitch, bit 2 serif.
      Flags: 4 + (name.includes('Mono') ? 1 : 0) + (name.includes('Serif') ? 2 : 0),
      FontBBox: [scale(minX), scale(minY), scale(maxX), scale(maxY)],
      ItalicAngle: 0,
      Ascent: scale(font.ascent),
      Descent: scale(font.descent),
      CapHeight: scale(font.capHeight),
      StemV: 80,
      FontFile2: context.register(context.flateStream(program, { Length1: program.length })),
    }),
  )
  const descendant = context.register(
    context.obj({
      Type: 'Font',
      Subtype: 'CIDFontType2',
      BaseFont: baseFont,
      CIDToGIDMap: 'Identity',
      CIDSystemInfo: {
        Registry: PDFHexString.of('41646F6265'),
        Ordering: PDFHexString.of('4964656E74697479'),
        Supplement: 0,
      },
      FontDescriptor: descriptor,
      DW: 0,
      W: [...glyphs].flatMap(([number, { advance }]) => [number, [Math.round(advance * 100) / 100]]),
    }),
  )
  return context.register(
    context.obj({
      Type: 'Font',
      Subtype: 'Type0',
      BaseFont: baseFont,
      Encoding: 'Identity-H',
      DescendantFonts: [descendant],
      ToUnicode: context.register(context.flateStream(unicodeMap(glyphs))),
    }),
  )
}

/** Lets readers search and copy the text (ISO 32000-2, 9.10.3). A section holds at most 100 entries. */
function unicodeMap(glyphs: ReadonlyMap<number, SubsetGlyph>): string {
  const entries = [...glyphs].map(([number, { codePoint }]) => {
    const utf16 = Buffer.from(String.fromCodePoint(codePoint), 'utf16le').swap16().toString('hex')
    return `<${hexadecimal(number)}> <${utf16}>`
  })
  const sections: string[] = []
  for (let start = 0; start < entries.length; start += 100) {
    const section = entries.slice(start, start + 100)
    sections.push(`${section.length} beginbfchar`, ...section, 'endbfchar')
  }
  return [
    '/CIDInit /ProcSet findresource begin',
    '12 dict begin',
    'begincmap',
    '/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def',
    '/CMapName /Adobe-Identity-UCS def',
    '/CMapType 2 def',
    '1 begincodespacerange',
    '<0000> <ffff>',
    'endcodespacerange',
    ...sections,
    'endcmap',
    'CMapName currentdict /CMap defineresource pop',
    'end',
    'end',
  ].join('\n')
}

const hexadecimal = (number: number): string => number.toString(16).padStart(4, '0')
