import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as fontkit from '@cantoo/fontkit'
import { PDFDocument, type PDFFont, type PDFPage, rgb } from 'pdf-lib'
import type { RegisterRow } from '../../shared/contract/views.ts'
import { formatHundredths } from '../../shared/domain/decimal.ts'
import { quantityUnit } from '../../shared/domain/standard.ts'
import { factLines, type RegisterFacts } from './register-facts.ts'

/** A4 across, in points. */
const page = { width: 841.89, height: 595.28, left: 36, right: 805.89, top: 548, bottom: 44 } as const
const rowHeight = 22
const ink = rgb(0.09, 0.13, 0.17)
const soft = rgb(0.33, 0.39, 0.44)
const line = rgb(0.8, 0.83, 0.85)
const words = (text: string): string => text.replaceAll('_', ' ')

interface Column {
  readonly heading: string
  readonly width: number
  readonly align?: 'right'
  /** Upper and lower line of the cell. */
  readonly text: (row: RegisterRow) => readonly [string, string]
}

const columns: readonly Column[] = [
  { heading: 'Decided (UTC)', width: 92, text: (row) => [row.decidedAt.slice(0, 19).replace('T', ' '), row.actorName] },
  { heading: 'Batch', width: 196, text: (row) => [row.batchHash, row.projectName] },
  { heading: 'Standard', width: 52, text: (row) => [row.standard ?? '–', ''] },
  {
    heading: 'Quantity',
    width: 66,
    align: 'right',
    text: (row) => [
      row.standard === null || row.quantity === null
        ? '–'
        : `${formatHundredths(row.quantity)} ${quantityUnit[row.standard]}`,
      '',
    ],
  },
  {
    heading: 'Decision',
    width: 104,
    text: (row) => [words(row.action), `${words(row.fromStatus)} to ${words(row.toStatus)}`],
  },
  {
    heading: 'Score',
    width: 38,
    align: 'right',
    text: (row) => [row.score === null ? '–' : formatHundredths(row.score), ''],
  },
  { heading: 'Reason', width: 130, text: (row) => [row.reason, row.opinion === null ? '' : `Opinion: ${row.opinion}`] },
  {
    heading: 'Certificate',
    width: 92,
    text: (row) => [row.certificateNumber ?? '–', `${row.contentHash.slice(0, 16)}…`],
  },
]

interface Faces {
  readonly regular: PDFFont
  readonly bold: PDFFont
  readonly known: ReadonlySet<number>
}

/** A report is a working paper: a character that the font lacks becomes a question mark here and is whole in the CSV. */
const printable = (text: string, { known }: Faces): string =>
  [...text.replaceAll('\n', ' ')]
    .map((character) => (known.has(character.codePointAt(0) ?? 0) ? character : '?'))
    .join('')

function fitted(text: string, width: number, font: PDFFont, size: number): string {
  if (font.widthOfTextAtSize(text, size) <= width) return text
  let kept = text
  while (kept !== '' && font.widthOfTextAtSize(`${kept}…`, size) > width) kept = kept.slice(0, -1)
  return `${kept.trimEnd()}…`
}

function drawHead(sheet: PDFPage, faces: Faces, facts: RegisterFacts): number {
  sheet.drawText('Decisions register', { x: page.left, y: page.top - 4, size: 16, font: faces.bold, color: ink })
  factLines(facts).forEach((text, index) => {
    sheet.drawText(printable(text, faces), {
      x: page.left,
      y: page.top - 24 - index * 11,
      size: 8,
      font: faces.regular,
      color: soft,
    })
  })
  return page.top - 24 - factLines(facts).length * 11 - 8
}

function drawHeadings(sheet: PDFPage, faces: Faces, y: number): number {
  let x: number = page.left
  for (const { heading, width, align } of columns) {
    const end = x + width - 8
    const start = align === 'right' ? end - faces.bold.widthOfTextAtSize(heading, 7.5) : x
    sheet.drawText(heading, { x: start, y: y - 9, size: 7.5, font: faces.bold, color: soft })
    x += width
  }
  sheet.drawLine({ start: { x: page.left, y: y - 14 }, end: { x: page.right, y: y - 14 }, thickness: 0.8, color: soft })
  return y - 16
}

function drawRow(sheet: PDFPage, faces: Faces, row: RegisterRow, y: number): void {
  let x: number = page.left
  for (const { width, align, text } of columns) {
    text(row).forEach((part, index) => {
      const size = index === 0 ? 7.5 : 6.5
      const shown = fitted(printable(part, faces), width - 8, faces.regular, size)
      const start = align === 'right' ? x + width - 8 - faces.regular.widthOfTextAtSize(shown, size) : x
      sheet.drawText(shown, {
        x: start,
        y: y - 9 - index * 9,
        size,
        font: faces.regular,
        color: index === 0 ? ink : soft,
      })
    })
    x += width
  }
  const bottom = y - rowHeight + 1
  sheet.drawLine({ start: { x: page.left, y: bottom }, end: { x: page.right, y: bottom }, thickness: 0.4, color: line })
}

/** The register as a PDF, A4 across, with the facts on its first page and page numbers on each. */
export async function registerPdf(
  rows: readonly RegisterRow[],
  facts: RegisterFacts,
  fontsDirectory: string,
): Promise<Uint8Array> {
  const document = await PDFDocument.create({ updateMetadata: false })
  document.registerFontkit(fontkit)
  const embed = async (file: string): Promise<PDFFont> =>
    document.embedFont(await readFile(join(fontsDirectory, file)), { subset: true })
  const regular = await embed('NotoSans-Regular.ttf')
  const faces: Faces = {
    regular,
    bold: await embed('NotoSans-SemiBold.ttf'),
    known: new Set(regular.getCharacterSet()),
  }
  const at = new Date(facts.generatedAt)
  document.setTitle(`Decisions register ${facts.period.from} to ${facts.period.to}`)
  document.setCreationDate(at)
  document.setModificationDate(at)
  document.setProducer('Veridesk')
  document.setCreator('Veridesk')

  let sheet = document.addPage([page.width, page.height])
  let y = drawHeadings(sheet, faces, drawHead(sheet, faces, facts))
  for (const row of rows) {
    if (y - rowHeight < page.bottom) {
      sheet = document.addPage([page.width, page.height])
      y = drawHeadings(sheet, faces, page.top + 12)
    }
    drawRow(sheet, faces, row, y)
    y -= rowHeight
  }
  if (rows.length === 0)
    sheet.drawText('No decision was taken in this period.', {
      x: page.left,
      y: y - 14,
      size: 9,
      font: faces.regular,
      color: soft,
    })
  const sheets = document.getPages()
  sheets.forEach((each, index) => {
    const text = `${index + 1} / ${sheets.length}   ${facts.dataSha256.slice(0, 16)}`
    each.drawText(text, { x: page.left, y: 24, size: 7, font: faces.regular, color: soft })
  })
  return document.save()
}
