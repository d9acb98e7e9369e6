import { deflateSync } from 'node:zlib'
import { PDFName, PDFNumber, type PDFObject, PDFRawStream, type PDFRef, PDFString } from 'pdf-lib'
import { addDays } from '../calendar.ts'
import { openRandom, type Random } from '../random.ts'
import { plotText, textWidth } from '../raster/glyphs.ts'
import { cloudAt, hashAt } from '../raster/noise.ts'
import { grouped, plainLetters } from './figures.ts'
import { openPaper, type Paper } from './pdf-sheet.ts'
import type { EvidenceRecipe } from './recipes.ts'

type ScannedLog = Extract<EvidenceRecipe, { make: 'scanned_log' }>

// A4 at 110 dots per inch, one bit per dot: small, and as coarse as the office scanners of real sites.
const WIDTH = 909
const HEIGHT = 1286
const ROW_BYTES = Math.ceil(WIDTH / 8)
const POINTS = { width: 595.28, height: 841.89 }

interface ScannedLine {
  readonly text: string
  readonly x: number
  readonly y: number
  readonly size: number
}

/** Dots of ink on a sheet that lies a little crooked on the glass. */
interface InkSheet {
  readonly bits: Uint8Array
  readonly lines: ScannedLine[]
  dot(x: number, y: number): void
  text(value: string, x: number, y: number, size: number, hand?: boolean): void
  rule(x1: number, y1: number, x2: number, y2: number): void
}

const openInk = (seed: number): InkSheet => {
  const bits = new Uint8Array(ROW_BYTES * HEIGHT)
  const lines: ScannedLine[] = []
  const skew = (hashAt(1, 1, seed) - 0.5) * 0.022
  const shiftX = (hashAt(2, 1, seed) - 0.5) * 14
  const shiftY = (hashAt(3, 1, seed) - 0.5) * 14
  const dot = (x: number, y: number): void => {
    const column = Math.round(x + shiftX - (y - HEIGHT / 2) * skew)
    const row = Math.round(y + shiftY + (x - WIDTH / 2) * skew)
    if (column < 0 || row < 0 || column >= WIDTH || row >= HEIGHT) return
    const at = row * ROW_BYTES + (column >> 3)
    bits[at] = (bits[at] ?? 0) | (0x80 >> (column & 7))
  }
  return {
    bits,
    lines,
    dot,
    text: (value, x, y, size, hand = false) => {
      lines.push({ text: value, x, y, size })
      let pen = x
      for (const character of hand ? value : [value]) {
        const wobble = hand ? (hashAt(Math.round(pen), Math.round(y), seed) - 0.5) * 3 : 0
        plotText('sans', size, character, pen, y + wobble, (column, row, coverage) => {
          // Thin strokes break up where the toner was low.
          if (coverage > 96 + 70 * hashAt(column, row, seed + 1)) dot(hand ? column - (row - y) * 0.24 : column, row)
        })
        pen += textWidth('sans', size, character) * (hand ? 0.94 : 1)
      }
    },
    rule: (x1, y1, x2, y2) => {
      const length = Math.max(Math.abs(x2 - x1), Math.abs(y2 - y1))
      for (let step = 0; step <= length; step += 1) {
        if (hashAt(step, Math.round(y1 + x1), seed + 2) < 0.03) continue
        dot(x1 + ((x2 - x1) * step) / length, y1 + ((y2 - y1) * step) / length)
      }
    },
  }
}

const columns = [70, 130, 270, 420, 560, 660, 760, 845] as const
const titles = ['No.', 'Time', 'Bin', 'Material', 'Bags', 'Weight kg', 'Sign']

const drawPage = (recipe: ScannedLog, page: number, random: Random): InkSheet => {
  const seed = recipe.seed + page
  const sheet = openInk(seed)
  const day = addDays(recipe.periodStart, Math.floor((page * 30) / recipe.pages))
  sheet.text(plainLetters(recipe.site.operator), 70, 84, 27)
  sheet.text(plainLetters(`${recipe.site.project}, ${recipe.site.place}`), 70, 110, 16)
  sheet.text('SORTING LINE LOG', 70, 160, 24)
  sheet.text(`Sheet ${page + 1} of ${recipe.pages}`, 700, 84, 17)
  sheet.text('Date', 620, 160, 17)
  sheet.text(day, 680, 158, 24, true)
  const top = 190
  const pitch = 38
  const rows = 24
  for (let row = 0; row <= rows + 1; row += 1) sheet.rule(70, top + row * pitch, 845, top + row * pitch)
  for (const x of columns) sheet.rule(x, top, x, top + (rows + 1) * pitch)
  for (const [index, title] of titles.entries()) sheet.text(title, (columns[index] ?? 0) + 7, top + 26, 17)
  let minute = 6 * 60 + random.integer(5, 40)
  // The sheets add up to what came in.
  const total =
    Math.floor((recipe.totalKg * (page + 1)) / recipe.pages) - Math.floor((recipe.totalKg * page) / recipe.pages)
  const filled = random.integer(17, 23)
  const grades = [recipe.material.split(' ')[0] ?? 'sorted', 'clear', 'colored', 'mixed']
  let left = total
  for (let row = 0; row < filled; row += 1) {
    const y = top + (row + 1) * pitch + 28
    const share = left / (filled - row)
    const weight = row === filled - 1 ? left : Math.min(left, Math.round(share * (0.7 + 0.6 * random.next())))
    left -= weight
    minute += random.integer(12, 34)
    const time = `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
    const bin = `${random.pick(['A', 'B', 'C', 'D'])}-${random.integer(1, 24)}`
    const cells = [
      String(row + 1),
      time,
      bin,
      random.pick(grades),
      String(Math.max(1, Math.round(weight / 9))),
      grouped(weight),
    ]
    for (const [index, value] of cells.entries())
      sheet.text(value, (columns[index] ?? 0) + 8, y, index === 0 ? 17 : 21, index > 0)
    let penX = (columns[6] ?? 0) + 10
    for (let stroke = 0; stroke < 34; stroke += 1) {
      const nextX = penX + 1.7
      const lift = 9 * Math.sin(stroke * (0.7 + 0.2 * hashAt(row, 3, seed))) * (1 - stroke / 44)
      for (let part = 0; part < 3; part += 1) sheet.dot(nextX + part * 0.5, y - 8 + lift)
      penX = nextX
    }
  }
  const bottom = top + (rows + 1) * pitch
  sheet.text('Total of the sheet', 430, bottom + 40, 17)
  sheet.text(`${grouped(total)} kg`, 660, bottom + 42, 24, true)
  sheet.text('Shift leader', 70, bottom + 40, 17)
  sheet.text(plainLetters(random.pick(recipe.names)), 180, bottom + 40, 25, true)
  for (let speck = 0; speck < 240; speck += 1)
    sheet.dot(hashAt(speck, 5, seed) * WIDTH, hashAt(speck, 6, seed) * HEIGHT)
  for (let hole = 0; hole < 2; hole += 1) {
    for (let angle = 0; angle < 90; angle += 1) {
      sheet.dot(
        30 + 15 * Math.cos((angle * Math.PI) / 45),
        HEIGHT * (0.34 + 0.32 * hole) + 15 * Math.sin((angle * Math.PI) / 45),
      )
    }
  }
  return sheet
}

const image = (paper: Paper, bytes: Uint8Array, entries: Readonly<Record<string, PDFObject>>): PDFRef => {
  const packed = deflateSync(bytes, { level: 6 })
  const dictionary = paper.document.context.obj({
    Type: 'XObject',
    Subtype: 'Image',
    Filter: 'FlateDecode',
    Length: packed.length,
  })
  for (const [key, value] of Object.entries(entries)) dictionary.set(PDFName.of(key), value)
  return paper.document.context.register(PDFRawStream.of(dictionary, packed))
}

/** Gray of the paper and the shadow of the lid, coarse enough to be nothing in size. */
const background = (paper: Paper, seed: number): PDFRef => {
  const width = 120
  const height = 170
  const gray = new Uint8Array(width * height)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const edge = Math.min(x, width - 1 - x, y, height - 1 - y)
      const shadow = edge < 5 ? (5 - edge) * 9 * hashAt(0, 4, seed) : 0
      gray[y * width + x] = Math.round(247 - 9 * cloudAt(x / 30, y / 30, seed, 3) - shadow)
    }
  }
  const { context } = paper.document
  return image(paper, gray, {
    Width: PDFNumber.of(width),
    Height: PDFNumber.of(height),
    ColorSpace: PDFName.of('DeviceGray'),
    BitsPerComponent: PDFNumber.of(8),
    Interpolate: context.obj(true),
  })
}

/** A long log as an office scanner makes it: one image per page, with the text layer of its character recognition. */
export const makeScannedLog = async (recipe: ScannedLog): Promise<Uint8Array> => {
  const paper = await openPaper({
    title: `Sorting line log, ${recipe.site.project}`,
    author: recipe.site.operator,
    producer: 'Copydesk MF-310 scanner',
    madeAt: `${addDays(recipe.periodStart, 33)}T04:00:00.000Z`,
  })
  const { context } = paper.document
  const random = openRandom(recipe.seed, `scan:${recipe.site.project}`)
  const backgrounds = [0, 1, 2].map((variant) => background(paper, recipe.seed + variant))
  const font = context.register(
    context.obj({ Type: 'Font', Subtype: 'Type1', BaseFont: 'Helvetica', Encoding: 'WinAnsiEncoding' }),
  )
  const toPoints = POINTS.width / WIDTH
  for (let number = 0; number < recipe.pages; number += 1) {
    const sheet = drawPage(recipe, number, random)
    const mask = image(paper, sheet.bits, {
      Width: PDFNumber.of(WIDTH),
      Height: PDFNumber.of(HEIGHT),
      ImageMask: context.obj(true),
      BitsPerComponent: PDFNumber.of(1),
      Decode: context.obj([1, 0]),
    })
    const words = sheet.lines
      .map(({ text, x, y, size }) => {
        const position = `${(x * toPoints).toFixed(1)} ${(POINTS.height - y * toPoints).toFixed(1)}`
        return `/F ${(size * toPoints).toFixed(1)} Tf 1 0 0 1 ${position} Tm ${PDFString.of(text.replaceAll(/[()\\]/g, ' ')).toString()} Tj`
      })
      .join('\n')
    const place = `${POINTS.width} 0 0 ${POINTS.height} 0 0 cm`
    const content = `q ${place} /Paper Do Q\nq 0.14 0.14 0.2 rg ${place} /Ink Do Q\nBT 3 Tr\n${words}\nET`
    const packed = deflateSync(Buffer.from(content, 'latin1'))
    const stream = PDFRawStream.of(context.obj({ Filter: 'FlateDecode', Length: packed.length }), packed)
    const page = paper.document.addPage([POINTS.width, POINTS.height])
    page.node.set(PDFName.of('Contents'), context.register(stream))
    const paperImage = backgrounds[number % backgrounds.length]
    if (paperImage === undefined) throw new RangeError('there is always a background')
    page.node.set(
      PDFName.of('Resources'),
      context.obj({ XObject: { Paper: paperImage, Ink: mask }, Font: { F: font } }),
    )
  }
  return paper.save()
}
