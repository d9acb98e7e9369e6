import { rgb } from 'pdf-lib'
import { localTime } from '../calendar.ts'
import { openRandom } from '../random.ts'
import { faded, openPaper } from './pdf-sheet.ts'
import type { EvidenceRecipe } from './recipes.ts'

/** A laboratory's report on composition and moisture, or on carbon, on one A4 page. */
export const makeLaboratoryReport = async (
  recipe: Extract<EvidenceRecipe, { make: 'laboratory_report' }>,
): Promise<Uint8Array> => {
  const random = openRandom(recipe.seed, `laboratory:${recipe.number}`)
  const sampled = localTime(recipe.sampledAt, recipe.site.timeZone).date
  const paper = await openPaper({
    title: `Test report ${recipe.number}`,
    author: 'Kestrel Polymer and Soil Laboratory',
    producer: 'LabBook 7',
    madeAt: recipe.sampledAt,
  })
  const sheet = paper.addSheet([595.28, 841.89])
  sheet.box(0, 0, sheet.width, 74, { weight: 0, fill: rgb(0.07, 0.36, 0.36) })
  sheet.text('Kestrel Polymer and Soil Laboratory', 52, 46, { face: 'bold', size: 16, color: rgb(1, 1, 1) })
  sheet.text('TEST REPORT', 52, 116, { face: 'bold', size: 14 })
  sheet.textRight(recipe.number, sheet.width - 52, 116, { face: 'mono', size: 12 })
  const facts: readonly (readonly [string, string])[] = [
    ['Client', recipe.site.operator],
    ['Site', `${recipe.site.project}, ${recipe.site.place}`],
    ['Sample', `${recipe.material}, ${random.integer(6, 12)} increments, ${random.integer(18, 34)}.0 kg in all`],
    ['Taken', `${sampled}, by the client, sealed ${recipe.number.slice(-4)}-A`],
    ['Condition on receipt', 'Sealed bags, dry, seal intact'],
  ]
  for (const [index, [label, value]] of facts.entries()) {
    sheet.text(label, 52, 146 + index * 18, { size: 8.6, color: faded })
    sheet.text(value, 170, 146 + index * 18, { size: 9.6 })
  }
  const tenths = (low: number, high: number): number => random.integer(low, high) / 10
  const moisture = tenths(12, 44)
  const rows = recipe.carbon
    ? [
        ['Organic carbon, dry basis', 'ISO 29541', `${tenths(640, 790).toFixed(1)} %`],
        ['Hydrogen to organic carbon, molar', 'calculated', `0.${random.integer(21, 38)}`],
        ['Ash, dry basis', 'ISO 1171', `${tenths(90, 210).toFixed(1)} %`],
        ['Moisture as received', 'ISO 589', `${moisture.toFixed(1)} %`],
        ['Sum of 16 polycyclic aromatics', 'gas chromatography', `${tenths(12, 38).toFixed(1)} mg/kg`],
      ]
    : [
        ['Target polymer by infrared spectroscopy', 'in-house, FTIR', `${tenths(930, 978).toFixed(1)} %`],
        ['Other polymers', 'in-house, FTIR', `${tenths(8, 30).toFixed(1)} %`],
        ['Non-plastics', 'hand sorting', `${tenths(4, 22).toFixed(1)} %`],
        ['Moisture as received', 'ISO 15512', `${moisture.toFixed(1)} %`],
        ['Bulk density', 'ISO 60', `${random.integer(240, 390)} kg/m³`],
      ]
  sheet.box(52, 254, sheet.width - 104, 20, { weight: 0, fill: rgb(0.9, 0.95, 0.94) })
  sheet.text('Property', 60, 268, { size: 8, color: faded })
  sheet.text('Method', 300, 268, { size: 8, color: faded })
  sheet.textRight('Result', sheet.width - 60, 268, { size: 8, color: faded })
  for (const [index, [property = '', method = '', result = '']] of rows.entries()) {
    const y = 292 + index * 22
    sheet.text(property, 60, y, { size: 9.6 })
    sheet.text(method, 300, y, { size: 9.6 })
    sheet.textRight(result, sheet.width - 60, y, { face: 'mono', size: 10 })
    sheet.line(52, y + 7, sheet.width - 52, y + 7, { weight: 0.3, color: faded })
  }
  sheet.text(
    'Results refer to the sample as received. Expanded uncertainty of composition ± 1.5 percentage points (k = 2).',
    52,
    430,
    { size: 8.2 },
  )
  sheet.signature(random, 64, 482)
  sheet.line(52, 520, 220, 520)
  sheet.text('Responsible chemist', 52, 532, { size: 8, color: faded })
  sheet.stamp(['Kestrel', sampled, 'LABORATORY'], 300, 500, random.integer(-14, 14))
  return paper.save()
}

/** A meter-reading record on one A5 page. */
export const makeMeterReading = async (
  recipe: Extract<EvidenceRecipe, { make: 'meter_reading' }>,
): Promise<Uint8Array> => {
  const { site, instrument, reading, multiplier } = recipe
  const random = openRandom(recipe.seed, `reading:${reading.number}`)
  const taken = localTime(reading.readAt, site.timeZone)
  const paper = await openPaper({
    title: `Meter reading record ${reading.number}`,
    author: site.operator,
    producer: 'MeterBook 2',
    madeAt: reading.readAt,
  })
  const sheet = paper.addSheet([419.53, 595.28])
  const right = sheet.width - 30
  sheet.text(site.operator.toUpperCase(), 30, 42, { face: 'bold', size: 13 })
  sheet.text(`${site.project}, ${site.place}`, 30, 55, { size: 7.6, color: faded })
  sheet.line(30, 63, right, 63, { weight: 1.4 })
  sheet.text('METER READING RECORD', 30, 84, { face: 'bold', size: 12 })
  sheet.textRight('Control no.', right, 76, { size: 7, color: faded })
  sheet.textRight(reading.number, right, 91, { face: 'mono', size: 13, color: rgb(0.72, 0.09, 0.09) })
  const rows: readonly (readonly [string, string])[] = [
    ['Date and time', `${taken.date} ${taken.time} UTC${taken.offset}`],
    ['Meter', `${instrument.id}  ${instrument.description}`],
    ['Serial number', instrument.serial],
    ['Register', '1.8.0 active energy export'],
    ['Multiplier', `x ${multiplier}`],
    ['Calibrated', `${instrument.calibratedOn}   valid until ${instrument.validUntil}`],
    ['Certificate', instrument.certificateNumber],
    ['Seals', `${random.hex(6).toUpperCase()}, ${random.hex(6).toUpperCase()}, intact`],
  ]
  for (const [index, [label, value]] of rows.entries()) {
    const y = 122 + index * 19
    sheet.text(label, 30, y, { size: 7.6, color: faded })
    sheet.text(value, 118, y, { face: 'mono', size: 9 })
    sheet.line(118, y + 4, right, y + 4, { weight: 0.3, color: faded, dashes: [1, 2] })
  }
  sheet.box(30, 286, right - 30, 96, { weight: 1 })
  const figures: readonly (readonly [string, string])[] = [
    ['Previous reading', reading.previous.toFixed(1)],
    ['This reading', reading.current.toFixed(1)],
    ['Energy since (kWh)', String(Math.round((reading.current - reading.previous) * multiplier))],
  ]
  for (const [index, [label, value]] of figures.entries()) {
    sheet.text(label, 40, 308 + index * 28, { face: index === 2 ? 'bold' : 'sans', size: 10 })
    sheet.textRight(value, right - 12, 308 + index * 28, { face: 'mono', size: index === 2 ? 14 : 12 })
  }
  sheet.signature(random, 44, 416)
  sheet.line(30, 452, 180, 452)
  sheet.text(`Read by: ${recipe.reader}`, 30, 463, { size: 7.4 })
  sheet.stamp(
    [site.operator.split(' ').slice(0, 2).join(' '), taken.date, 'OPERATIONS'],
    290,
    436,
    random.integer(-14, 14),
  )
  return paper.save()
}
