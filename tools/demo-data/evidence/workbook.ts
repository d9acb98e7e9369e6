import writeXlsxFile, { type Row, type Sheet } from 'write-excel-file/node'
import { localTime } from '../calendar.ts'
import { decimalText } from './figures.ts'
import type { EvidenceRecipe } from './recipes.ts'

const heading = (value: string): Row => [{ value, fontWeight: 'bold', fontSize: 14 }]
const header = (values: readonly string[]): Row =>
  values.map((value) => ({ value, fontWeight: 'bold' as const, backgroundColor: '#DDE6EE' }))
const entry = (label: string, value: string | number): Row => [{ value: label }, { value }]

/** Local file headers and the central directory carry the clock of the machine (APPNOTE 4.4.6); a fixed day replaces it. */
const withoutClock = (archive: Uint8Array): Uint8Array => {
  const bytes = Buffer.from(archive)
  const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]))
  let at = bytes.readUInt32LE(end + 16)
  for (let entries = bytes.readUInt16LE(end + 10); entries > 0; entries -= 1) {
    const local = bytes.readUInt32LE(at + 42)
    // 2026-01-01 00:00 in MS-DOS form.
    bytes.writeUInt32LE(0x5c21_0000, at + 12)
    bytes.writeUInt32LE(0x5c21_0000, local + 10)
    at += 46 + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
  }
  return bytes
}

const write = async (sheets: Sheet<never>[]): Promise<Uint8Array> =>
  withoutClock(await writeXlsxFile(sheets).toBuffer())

/** The mass balance of a plant: a summary, and the loads that came in. */
export const makeMassBalance = async (
  recipe: Extract<EvidenceRecipe, { make: 'mass_balance' }>,
): Promise<Uint8Array> => {
  const { balance, loads, site } = recipe
  const intake = loads.reduce((sum, load) => sum + load.grossKg - load.tareKg, 0)
  const processed = balance.productKg + balance.residueKg + balance.lossKg
  const summary: Row[] = [
    heading('Mass balance'),
    entry('Operator', site.operator),
    entry('Project', `${site.project}, ${site.place}`),
    entry('Material', recipe.material),
    entry('Period start', recipe.periodStart),
    entry('Period end', recipe.periodEnd),
    [],
    header(['Line', 'kg']),
    entry('Opening stock', balance.openingKg),
    entry('Intake', intake),
    entry('Processed', processed),
    entry('Product', balance.productKg),
    entry('Residue to disposal', balance.residueKg),
    entry('Moisture and process loss', balance.lossKg),
    entry('Closing stock', balance.closingKg),
    [],
    entry('Yield (%)', Math.round((balance.productKg / processed) * 1000) / 10),
    entry('Factor (credit per tonne of product)', Number(decimalText(recipe.factorHundredths))),
    entry('Claimed quantity (t)', Number(decimalText(recipe.claimedHundredths))),
    [],
    entry('Prepared by', recipe.preparedBy),
  ]
  const intakeRows: Row[] = [
    header(['Ticket', 'Date', 'Vehicle', 'Material', 'Gross (kg)', 'Tare (kg)', 'Net (kg)']),
    ...loads.map((load): Row => {
      const { date } = localTime(load.weighedAt, site.timeZone)
      return [
        load.ticketNumber,
        date,
        load.vehicle,
        load.material,
        load.grossKg,
        load.tareKg,
        load.grossKg - load.tareKg,
      ]
    }),
    ['Total', null, null, null, null, null, { value: intake, fontWeight: 'bold' }],
  ]
  return write([
    { sheet: 'Summary', data: summary, columns: [{ width: 38 }, { width: 40 }] },
    {
      sheet: 'Intake',
      data: intakeRows,
      columns: [
        { width: 20 },
        { width: 13 },
        { width: 15 },
        { width: 30 },
        { width: 12 },
        { width: 12 },
        { width: 12 },
      ],
    },
  ])
}

/** The energy balance of a plant: a summary, and the readings it rests on. */
export const makeEnergyBalance = async (
  recipe: Extract<EvidenceRecipe, { make: 'energy_balance' }>,
): Promise<Uint8Array> => {
  const { balance, readings, site } = recipe
  const summary: Row[] = [
    heading('Energy balance'),
    entry('Operator', site.operator),
    entry('Project', `${site.project}, ${site.place}`),
    entry('Period start', recipe.periodStart),
    entry('Period end', recipe.periodEnd),
    [],
    header(['Line', 'Value']),
    entry('Opening reading', balance.openingReading),
    entry('Closing reading', balance.closingReading),
    entry('Multiplier', balance.multiplier),
    entry('Generation (kWh)', balance.generationKwh),
    entry('Own use (kWh)', balance.ownUseKwh),
    entry('Losses (kWh)', balance.lossKwh),
    entry('Export (kWh)', balance.exportKwh),
    entry('Claimed quantity (kWh)', balance.exportKwh),
    [],
    entry('Prepared by', recipe.preparedBy),
  ]
  const rows: Row[] = [
    header(['Record', 'Date', 'Previous', 'Current', 'Energy (kWh)']),
    ...readings.map(
      (reading): Row => [
        reading.number,
        localTime(reading.readAt, site.timeZone).date,
        reading.previous,
        reading.current,
        Math.round((reading.current - reading.previous) * balance.multiplier),
      ],
    ),
  ]
  return write([
    { sheet: 'Summary', data: summary, columns: [{ width: 30 }, { width: 40 }] },
    {
      sheet: 'Readings',
      data: rows,
      columns: [{ width: 20 }, { width: 13 }, { width: 14 }, { width: 14 }, { width: 14 }],
    },
  ])
}
