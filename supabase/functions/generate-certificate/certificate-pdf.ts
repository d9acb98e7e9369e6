import * as fontkit from '@cantoo/fontkit'
import { PDFDocument, type PDFPage, rgb } from 'pdf-lib'
import { create } from 'qrcode'
import { notoSansRegular } from './fonts/noto-sans-regular.ts'
import { notoSansSemiBold } from './fonts/noto-sans-semi-bold.ts'
import type { RetirementFacts } from './retirement-facts.ts'
import { breakLines, type Face, REPLACEMENT, readFace, setLines, showable } from './type-setting.ts'

/** A4 upright, in points. */
const sheet = { width: 595.28, height: 841.89, left: 56, right: 539.28 } as const
const ink = rgb(0.09, 0.13, 0.17)
const soft = rgb(0.36, 0.42, 0.47)
const accent = rgb(0.05, 0.42, 0.36)
const rule = rgb(0.82, 0.85, 0.87)
const tint = rgb(0.94, 0.97, 0.96)

interface Faces {
  readonly regular: Face
  readonly bold: Face
}

const bytesOf = (text: string): Uint8Array => Uint8Array.from(atob(text), (character) => character.charCodeAt(0))

const person = (name: string, organization: string | null): string =>
  organization === null || organization === '' || organization === name ? name : `${name}, ${organization}`

const drawQrCode = (page: PDFPage, text: string, x: number, top: number, size: number): void => {
  const { modules } = create(text, { errorCorrectionLevel: 'M' })
  const edge = size / modules.size
  for (let row = 0; row < modules.size; row += 1)
    for (let column = 0; column < modules.size; column += 1)
      if (modules.get(row, column) !== 0)
        page.drawRectangle({
          x: x + column * edge,
          y: top - (row + 1) * edge,
          // A hair wider than a module, or screens show light seams between them.
          width: edge + 0.04,
          height: edge + 0.04,
          color: ink,
        })
}

const drawHead = (page: PDFPage, { regular, bold }: Faces, facts: RetirementFacts): number => {
  page.drawRectangle({ x: 0, y: sheet.height - 10, width: sheet.width, height: 10, color: accent })
  setLines(page, { face: bold, size: 26, color: ink }, ['Retirement certificate'], sheet.left, 766)
  return setLines(page, { face: regular, size: 11, color: soft }, [`No. ${facts.certificate_id}`], sheet.left, 745)
}

const drawFigures = (page: PDFPage, { regular, bold }: Faces, facts: RetirementFacts): void => {
  const width = (sheet.right - sheet.left - 16) / 2
  const figures = [
    ['plastic credits', facts.plastic_credits],
    ['carbon credits', facts.carbon_credits],
  ] as const
  for (const [index, [unit, figure]] of figures.entries()) {
    const x = sheet.left + index * (width + 16)
    page.drawRectangle({ x, y: 586, width, height: 72, color: tint })
    setLines(page, { face: bold, size: 26, color: accent }, [figure], x + 16, 622)
    setLines(page, { face: regular, size: 10.5, color: soft }, [`${unit} retired`], x + 16, 602)
  }
}

const rowsOf = (facts: RetirementFacts): readonly (readonly [string, string])[] => [
  ['Retired by', person(facts.buyer_name, facts.buyer_organization)],
  ['Retired on', facts.retirement_date],
  ['Purpose', facts.retirement_reason ?? 'Not stated'],
  ['Project', facts.project_name],
  ['Place', facts.project_location],
  ['Recycler', person(facts.recycler_name, facts.recycler_organization)],
  ['Standard', facts.standard],
  ['Batch', facts.batch_hash],
  ['Retirement', facts.retirement_id],
]

const drawRows = (page: PDFPage, { regular, bold }: Faces, facts: RetirementFacts): number => {
  let y = 556
  for (const [label, value] of rowsOf(facts)) {
    const setting = { face: bold, size: 10.5, color: ink }
    const lines = breakLines(setting, value, sheet.right - sheet.left - 110, label === 'Purpose' ? 4 : 2)
    setLines(page, { face: regular, size: 10.5, color: soft }, [label], sheet.left, y)
    y = setLines(page, setting, lines, sheet.left + 110, y) - 5
    page.drawLine({
      start: { x: sheet.left, y: y + 12 },
      end: { x: sheet.right, y: y + 12 },
      thickness: 0.5,
      color: rule,
    })
    y -= 5
  }
  return y
}

const drawFoot = (page: PDFPage, { regular, bold }: Faces, url: string, isIncomplete: boolean): void => {
  drawQrCode(page, url, sheet.left, 190, 92)
  const text = { face: regular, size: 9, color: soft }
  const [x, width] = [sheet.left + 112, sheet.right - sheet.left - 112]
  let y = setLines(page, { ...text, face: bold, color: ink }, ['What this certificate is'], x, 182)
  y = setLines(
    page,
    text,
    breakLines(
      text,
      'It records that these credits were taken out of circulation for good. It is no verification statement and gives no ' +
        'opinion on the batch; that is the certificate of the accredited auditor. It is not a credit and cannot be traded.',
      width,
      5,
    ),
    x,
    y,
  )
  y = setLines(page, { ...text, face: bold, color: ink }, ['Check it in the register'], x, y - 4)
  y = setLines(page, text, breakLines(text, url, width, 2), x, y)
  if (isIncomplete)
    setLines(
      page,
      text,
      breakLines(
        text,
        `${REPLACEMENT} stands for a character that this typeface does not have. The document's properties hold the text in full.`,
        width,
        2,
      ),
      x,
      y - 4,
    )
}

/**
 * The certificate of a retirement, A4, one page. Equal facts give equal bytes. `url` is where the register shows it.
 * Names in scripts that the typeface does not have are shown with replacement characters, never with other letters, and
 * stand in full in the document's properties.
 */
export const certificatePdf = async (facts: RetirementFacts, url: string): Promise<Uint8Array<ArrayBuffer>> => {
  const document = await PDFDocument.create({ updateMetadata: false })
  document.registerFontkit(fontkit)
  const faces: Faces = {
    regular: readFace(await document.embedFont(bytesOf(notoSansRegular), { subset: true })),
    bold: readFace(await document.embedFont(bytesOf(notoSansSemiBold), { subset: true })),
  }
  const at = new Date(facts.created_at)
  document.setTitle(`Retirement certificate ${facts.certificate_id}`, { showInWindowTitleBar: true })
  document.setSubject(
    rowsOf(facts)
      .map(([label, value]) => `${label}: ${value.toWellFormed()}`)
      .join('; '),
  )
  document.setAuthor('Veridesk')
  document.setCreator('Veridesk')
  document.setProducer('Veridesk')
  document.setLanguage('en')
  document.setCreationDate(at)
  document.setModificationDate(at)

  const page = document.addPage([sheet.width, sheet.height])
  drawHead(page, faces, facts)
  const opening = { face: faces.regular, size: 11.5, color: ink }
  const sentence = `${person(facts.buyer_name, facts.buyer_organization)} has retired the following credits of project ${facts.project_name} for good, on ${facts.retirement_date}.`
  setLines(page, opening, breakLines(opening, sentence, sheet.right - sheet.left, 3), sheet.left, 714)
  drawFigures(page, faces, facts)
  drawRows(page, faces, facts)
  const isIncomplete = rowsOf(facts).some(
    ([, value]) => showable(faces.bold, value).includes(REPLACEMENT) && !value.includes(REPLACEMENT),
  )
  drawFoot(page, faces, url, isIncomplete)
  return new Uint8Array(await document.save())
}
