import { rgb } from 'pdf-lib'
import { openRandom } from '../random.ts'
import { grouped } from './figures.ts'
import { faded, openPaper, type Sheet } from './pdf-sheet.ts'
import type { EvidenceRecipe } from './recipes.ts'

const table = (sheet: Sheet, y: number, columns: readonly number[], rows: readonly (readonly string[])[]): void => {
  const right = sheet.width - 60
  for (const [index, row] of rows.entries()) {
    const line = y + index * 19
    if (index === 0) sheet.box(60, line - 13, right - 60, 19, { weight: 0, fill: rgb(0.91, 0.93, 0.96) })
    for (const [column, value] of row.entries()) {
      sheet.textRight(value, columns[column] ?? right, line, {
        face: index === 0 ? 'sans' : 'mono',
        size: index === 0 ? 7.6 : 9,
        ...(index === 0 ? { color: faded } : {}),
      })
    }
    sheet.line(60, line + 6, right, line + 6, { weight: 0.3, color: faded })
  }
}

/** A calibration certificate of a weighbridge or an energy meter, on one A4 page. */
export const makeCalibrationCertificate = async (
  recipe: Extract<EvidenceRecipe, { make: 'calibration_certificate' }>,
): Promise<Uint8Array> => {
  const { instrument, site } = recipe
  const random = openRandom(recipe.seed, `calibration:${instrument.certificateNumber}`)
  const paper = await openPaper({
    title: `Calibration certificate ${instrument.certificateNumber}`,
    author: instrument.laboratory,
    producer: 'CalDesk 11',
    madeAt: `${instrument.calibratedOn}T10:00:00.000Z`,
  })
  const sheet = paper.addSheet([595.28, 841.89])
  const navy = rgb(0.1, 0.22, 0.42)
  sheet.box(34, 34, sheet.width - 68, sheet.height - 68, { weight: 1.6, color: navy })
  sheet.box(39, 39, sheet.width - 78, sheet.height - 78, { weight: 0.4, color: navy })
  sheet.textCentered(instrument.laboratory, sheet.width / 2, 82, { face: 'bold', size: 17, color: navy })
  sheet.textCentered('Mass, force and electrical calibration', sheet.width / 2, 97, { size: 8.6, color: faded })
  sheet.textCentered('CALIBRATION CERTIFICATE', sheet.width / 2, 140, { face: 'bold', size: 15 })
  sheet.textCentered(instrument.certificateNumber, sheet.width / 2, 157, { face: 'mono', size: 11 })

  const facts: readonly (readonly [string, string])[] = [
    ['Customer', site.operator],
    ['Place of calibration', `${site.project}, ${site.place}`],
    ['Instrument', instrument.description],
    ['Equipment id', instrument.id],
    ['Serial number', instrument.serial],
    ['Date of calibration', instrument.calibratedOn],
    ['Valid until', instrument.validUntil],
    [
      'Ambient conditions',
      `${random.integer(24, 31)}.${random.integer(0, 9)} °C, ${random.integer(52, 78)} % relative humidity`,
    ],
  ]
  for (const [index, [label, value]] of facts.entries()) {
    const y = 196 + index * 19
    sheet.text(label, 60, y, { size: 8.6, color: faded })
    sheet.text(value, 200, y, { face: index > 2 && index < 7 ? 'mono' : 'sans', size: 10 })
  }
  const columns = [170, 280, 400, sheet.width - 64]
  sheet.text('Results', 60, 372, { face: 'bold', size: 11 })
  if (recipe.subject === 'weighbridge') {
    const loads = [0, 1000, 10_000, 20_000, 40_000, 60_000]
    table(sheet, 396, columns, [
      ['Test load (kg)', 'Indication (kg)', 'Error (kg)', 'Permissible error (kg)'],
      ...loads.map((load) => {
        const permissible = load <= 10_000 ? 10 : load <= 40_000 ? 20 : 30
        const error = load === 0 ? 0 : random.integer(-1, 1) * (load > 20_000 ? 10 : 5)
        return [grouped(load), grouped(load + error), String(error), `± ${permissible}`]
      }),
    ])
  } else {
    table(sheet, 396, columns, [
      ['Load (% of rated)', 'Power factor', 'Error (%)', 'Permissible error (%)'],
      ...[
        ['5', '1.0'],
        ['10', '0.5 ind.'],
        ['50', '1.0'],
        ['100', '1.0'],
        ['100', '0.8 cap.'],
      ].map(([load = '', factor = '']) => [load, factor, (random.integer(-22, 22) / 100).toFixed(2), '± 0.50']),
    ])
  }
  sheet.text(
    'Standards used: reference class M1 masses and a class 0.1 reference meter, traceable to the national standard.',
    60,
    548,
    { size: 8.4 },
  )
  sheet.text(
    'The expanded uncertainty is stated for a coverage factor k = 2. All errors lie within the permissible error.',
    60,
    562,
    { size: 8.4 },
  )
  sheet.text('This certificate may be copied only in full.', 60, 576, { size: 8.4 })
  sheet.signature(random, 76, 640)
  sheet.line(60, 678, 230, 678)
  sheet.text('Calibrated by', 60, 690, { size: 8, color: faded })
  sheet.signature(random, 344, 640)
  sheet.line(330, 678, sheet.width - 60, 678)
  sheet.text('Approved by, head of laboratory', 330, 690, { size: 8, color: faded })
  sheet.stamp(
    [instrument.laboratory.split(' ').slice(0, 2).join(' '), instrument.calibratedOn, 'LABORATORY'],
    296,
    660,
    random.integer(-18, 12),
  )
  sheet.textCentered('Page 1 of 1', sheet.width / 2, sheet.height - 52, { size: 7.6, color: faded })
  return paper.save()
}
