import { rgb } from 'pdf-lib'
import { addMinutes, localTime } from '../calendar.ts'
import { openRandom } from '../random.ts'
import { grouped } from './figures.ts'
import { faded, openPaper } from './pdf-sheet.ts'
import type { EvidenceRecipe } from './recipes.ts'

/** A weighbridge ticket on one A5 page, as a scale house prints it. */
export const makeWeighbridgeTicket = async (
  recipe: Extract<EvidenceRecipe, { make: 'weighbridge_ticket' }>,
): Promise<Uint8Array> => {
  const { site, instrument, load } = recipe
  const random = openRandom(recipe.seed, `ticket:${load.ticketNumber}`)
  const full = localTime(load.weighedAt, site.timeZone)
  const emptyAt = addMinutes(load.weighedAt, load.minutesOnSite)
  const empty = localTime(emptyAt, site.timeZone)
  const paper = await openPaper({
    title: `Weighbridge ticket ${load.ticketNumber}`,
    author: site.operator,
    producer: 'ScaleHouse 4.2',
    madeAt: emptyAt,
  })
  const sheet = paper.addSheet([419.53, 595.28])
  const right = 419.53 - 30

  sheet.text(site.operator.toUpperCase(), 30, 42, { face: 'bold', size: 13 })
  sheet.text(`${site.project}, ${site.place}`, 30, 55, { size: 7.6, color: faded })
  sheet.line(30, 63, right, 63, { weight: 1.4 })
  sheet.text('WEIGHBRIDGE TICKET', 30, 83, { face: 'bold', size: 12 })
  sheet.text('Original', 30, 95, { size: 7, color: faded })
  sheet.textRight('Control no.', right, 76, { size: 7, color: faded })
  sheet.textRight(load.ticketNumber, right, 91, { face: 'mono', size: 14, color: rgb(0.72, 0.09, 0.09) })

  const rows: readonly (readonly [string, string])[] = [
    ['Date', full.date],
    ['Vehicle', load.vehicle],
    ['Driver', load.driver],
    ['Carrier', load.carrier],
    ['Material', load.material],
    ['Origin', `${load.origin} (${load.distanceKm} km)`],
    ['Destination', recipe.destination],
  ]
  for (const [index, [label, value]] of rows.entries()) {
    const y = 122 + index * 18
    sheet.text(label, 30, y, { size: 7.6, color: faded })
    sheet.text(value, 118, y, { face: 'mono', size: 9.4 })
    sheet.line(118, y + 4, right, y + 4, { weight: 0.3, color: faded, dashes: [1, 2] })
  }

  sheet.box(30, 258, right - 30, 100, { weight: 1 })
  sheet.box(30, 258, right - 30, 18, { weight: 0, fill: rgb(0.92, 0.93, 0.94) })
  sheet.text('Weighing', 38, 270, { size: 7.4, color: faded })
  sheet.text('Time', 150, 270, { size: 7.4, color: faded })
  sheet.textRight('Weight', right - 12, 270, { size: 7.4, color: faded })
  const weights: readonly (readonly [string, string, number])[] = [
    ['Gross', full.time, load.grossKg],
    ['Tare', empty.time, load.tareKg],
    ['NET', '', load.netKg],
  ]
  for (const [index, [label, time, weight]] of weights.entries()) {
    const y = 293 + index * 25
    const strong = label === 'NET'
    if (strong) sheet.line(38, y - 16, right - 8, y - 16, { weight: 0.8 })
    sheet.text(label, 38, y, { face: strong ? 'bold' : 'sans', size: strong ? 12 : 10 })
    sheet.text(time, 150, y, { face: 'mono', size: 9.4 })
    sheet.textRight(`${grouped(weight)} kg`, right - 12, y, { face: 'mono', size: strong ? 15 : 12 })
  }

  const facts: readonly (readonly [string, string])[] = [
    ['Weighing equipment', `${instrument.id}  ${instrument.description}`],
    ['Serial number', instrument.serial],
    ['Calibrated', `${instrument.calibratedOn}   valid until ${instrument.validUntil}`],
    ['Certificate', instrument.certificateNumber],
    ['Issuer', `${site.operator}, scale house`],
  ]
  for (const [index, [label, value]] of facts.entries()) {
    const y = 380 + index * 14
    sheet.text(label, 30, y, { size: 7, color: faded })
    sheet.text(value, 118, y, { face: 'mono', size: 7.8 })
  }

  sheet.signature(random, 44 + random.integer(0, 10), 462)
  sheet.line(30, 498, 180, 498)
  sheet.text(`Weighed by: ${recipe.weigher}`, 30, 508, { size: 7.4 })
  sheet.signature(random, 226 + random.integer(0, 12), 464)
  sheet.line(216, 498, right, 498)
  sheet.text(`Driver: ${load.driver}`, 216, 508, { size: 7.4 })
  sheet.stamp(
    [site.operator.split(' ').slice(0, 2).join(' '), full.date, 'SCALE HOUSE'],
    176 + random.integer(-6, 10),
    462,
    random.integer(-16, 14),
  )

  sheet.barCode(load.ticketNumber, 30, 530, 190)
  sheet.text(load.ticketNumber, 30, 565, { face: 'mono', size: 7 })
  sheet.textRight('Not valid without signature and stamp.', right, 565, { size: 6.4, color: faded })
  sheet.textRight(`Printed ${empty.date} ${empty.time} UTC${empty.offset}`, right, 574, { size: 6.4, color: faded })
  return paper.save()
}
