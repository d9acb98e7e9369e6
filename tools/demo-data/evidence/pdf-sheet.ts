import fontkit from '@cantoo/fontkit'
import { type Color, degrees, PDFDocument, type PDFFont, type PDFPage, rgb } from 'pdf-lib'
import type { Random } from '../random.ts'
import { type RasterFace, readFaceFile } from '../raster/glyphs.ts'

/** A page that is drawn on from the top left, in points. */
export interface Sheet {
  readonly page: PDFPage
  readonly width: number
  readonly height: number
  text(value: string, x: number, y: number, style?: TextStyle): void
  /** Draws text that ends at `x`. */
  textRight(value: string, x: number, y: number, style?: TextStyle): void
  textCentered(value: string, x: number, y: number, style?: TextStyle): void
  line(x1: number, y1: number, x2: number, y2: number, style?: LineStyle): void
  box(x: number, y: number, width: number, height: number, style?: BoxStyle): void
  /** A signature in ballpoint, about 90 by 30 points. */
  signature(random: Random, x: number, y: number): void
  /** A round rubber stamp with three lines. */
  stamp(lines: readonly [string, string, string], x: number, y: number, tilt: number): void
  /** A bar code, Code 39 (ISO/IEC 16388): capitals, digits and hyphens. */
  barCode(value: string, x: number, y: number, width: number): void
}

/** How text is set; sizes in points. */
export interface TextStyle {
  readonly face?: RasterFace
  readonly size?: number
  readonly color?: Color
}

/** How a line is drawn. */
export interface LineStyle {
  readonly weight?: number
  readonly color?: Color
  readonly dashes?: readonly number[]
}

/** How a box is drawn. */
export interface BoxStyle extends LineStyle {
  readonly fill?: Color
}

/** Text color of documents. */
export const ink = rgb(0.1, 0.1, 0.13)
/** For labels. */
export const faded = rgb(0.38, 0.39, 0.43)

/** A document whose bytes depend on its contents alone. */
export interface Paper {
  readonly document: PDFDocument
  addSheet(size: readonly [width: number, height: number]): Sheet
  save(): Promise<Uint8Array>
}

/** Starts a document with embedded fonts. `madeAt` is its claimed date of making. */
export const openPaper = async (about: {
  readonly title: string
  readonly author: string
  readonly producer: string
  readonly madeAt: string
}): Promise<Paper> => {
  const document = await PDFDocument.create({ updateMetadata: false })
  document.registerFontkit(fontkit)
  document.setTitle(about.title)
  document.setAuthor(about.author)
  document.setProducer(about.producer)
  document.setCreator(about.producer)
  document.setCreationDate(new Date(about.madeAt))
  document.setModificationDate(new Date(about.madeAt))
  const fonts: Readonly<Record<RasterFace, PDFFont>> = {
    sans: await document.embedFont(readFaceFile('sans'), { subset: true }),
    bold: await document.embedFont(readFaceFile('bold'), { subset: true }),
    mono: await document.embedFont(readFaceFile('mono'), { subset: true }),
  }
  return {
    document,
    addSheet: (size) => sheetOn(document.addPage([size[0], size[1]]), fonts),
    save: () => document.save({ useObjectStreams: true, addDefaultPage: false }),
  }
}

const code39: Readonly<Record<string, string>> = {
  '0': 'nnnwwnwnn',
  '1': 'wnnwnnnnw',
  '2': 'nnwwnnnnw',
  '3': 'wnwwnnnnn',
  '4': 'nnnwwnnnw',
  '5': 'wnnwwnnnn',
  '6': 'nnwwwnnnn',
  '7': 'nnnwnnwnw',
  '8': 'wnnwnnwnn',
  '9': 'nnwwnnwnn',
  A: 'wnnnnwnnw',
  B: 'nnwnnwnnw',
  C: 'wnwnnwnnn',
  D: 'nnnnwwnnw',
  E: 'wnnnwwnnn',
  F: 'nnwnwwnnn',
  G: 'nnnnnwwnw',
  H: 'wnnnnwwnn',
  I: 'nnwnnwwnn',
  J: 'nnnnwwwnn',
  K: 'wnnnnnnww',
  L: 'nnwnnnnww',
  M: 'wnwnnnnwn',
  N: 'nnnnwnnww',
  O: 'wnnnwnnwn',
  P: 'nnwnwnnwn',
  Q: 'nnnnnnwww',
  R: 'wnnnnnwwn',
  S: 'nnwnnnwwn',
  T: 'nnnnwnwwn',
  U: 'wwnnnnnnw',
  V: 'nwwnnnnnw',
  W: 'wwwnnnnnn',
  X: 'nwnnwnnnw',
  Y: 'wwnnwnnnn',
  Z: 'nwwnwnnnn',
  '-': 'nwnnnnwnw',
  '*': 'nwnnwnwnn',
}

const sheetOn = (page: PDFPage, fonts: Readonly<Record<RasterFace, PDFFont>>): Sheet => {
  const { width, height } = page.getSize()
  const put = (value: string, x: number, y: number, style: TextStyle, share: number): void => {
    const font = fonts[style.face ?? 'sans']
    const size = style.size ?? 9
    const shift = share === 0 ? 0 : font.widthOfTextAtSize(value, size) * share
    page.drawText(value, { x: x - shift, y: height - y, size, font, color: style.color ?? ink })
  }
  return {
    page,
    width,
    height,
    text: (value, x, y, style = {}) => put(value, x, y, style, 0),
    textRight: (value, x, y, style = {}) => put(value, x, y, style, 1),
    textCentered: (value, x, y, style = {}) => put(value, x, y, style, 0.5),
    line: (x1, y1, x2, y2, style = {}) =>
      page.drawLine({
        start: { x: x1, y: height - y1 },
        end: { x: x2, y: height - y2 },
        thickness: style.weight ?? 0.6,
        color: style.color ?? ink,
        ...(style.dashes === undefined ? {} : { dashArray: [...style.dashes] }),
      }),
    box: (x, y, boxWidth, boxHeight, style = {}) =>
      page.drawRectangle({
        x,
        y: height - y - boxHeight,
        width: boxWidth,
        height: boxHeight,
        ...(style.fill === undefined ? {} : { color: style.fill }),
        ...(style.weight === 0 ? {} : { borderWidth: style.weight ?? 0.6, borderColor: style.color ?? ink }),
      }),
    signature: (random, x, y) => {
      const at = (value: number): string => value.toFixed(1)
      let path = `M 0 ${at(18 + 6 * random.next())}`
      let penX = 0
      const strokes = random.integer(5, 8)
      for (let stroke = 0; stroke < strokes; stroke += 1) {
        const next = penX + 8 + 9 * random.next()
        const high = stroke % 2 === 0 ? 1 + 9 * random.next() : 20 + 10 * random.next()
        path += ` C ${at(penX + 5)} ${at(high)} ${at(next - 9 * random.next())} ${at(28 - high)} ${at(next)} ${at(11 + 9 * random.next())}`
        penX = next
      }
      path += ` C ${at(penX + 14)} 20 ${at(penX - 46)} 31 ${at(penX + 24)} ${at(23 + 4 * random.next())}`
      page.drawSvgPath(path, { x, y: height - y, borderColor: rgb(0.09, 0.16, 0.5), borderWidth: 1.05 })
    },
    stamp: (lines, x, y, tilt) => {
      const color = rgb(0.16, 0.22, 0.56)
      const opacity = 0.62
      for (const radius of [40, 36.5]) {
        page.drawEllipse({
          x,
          y: height - y,
          xScale: radius,
          yScale: radius,
          borderColor: color,
          borderWidth: 1.1,
          borderOpacity: opacity,
          opacity: 0,
        })
      }
      const angle = (tilt * Math.PI) / 180
      for (const [index, value] of lines.entries()) {
        const font = fonts[index === 1 ? 'bold' : 'sans']
        const size = Math.min(index === 1 ? 8.4 : 6.6, 64 / Math.max(1, font.widthOfTextAtSize(value, 1)))
        const half = font.widthOfTextAtSize(value, size) / 2
        const drop = (index - 1) * 13 + size * 0.35
        page.drawText(value, {
          x: x - half * Math.cos(angle) + drop * Math.sin(angle),
          y: height - y - half * Math.sin(angle) - drop * Math.cos(angle),
          size,
          font,
          color,
          opacity,
          rotate: degrees(tilt),
        })
      }
    },
    barCode: (value, x, y, codeWidth) => {
      const characters = [...`*${value}*`]
      // Each character is nine elements, three of them wide (2.5 narrow ones), and a narrow gap.
      const unit = codeWidth / (characters.length * 14.5)
      let pen = x
      for (const character of characters) {
        for (const [index, element] of [...(code39[character] ?? '')].entries()) {
          const elementWidth = unit * (element === 'w' ? 2.5 : 1)
          if (index % 2 === 0)
            page.drawRectangle({ x: pen, y: height - y - 24, width: elementWidth, height: 24, color: ink })
          pen += elementWidth
        }
        pen += unit
      }
    },
  }
}
