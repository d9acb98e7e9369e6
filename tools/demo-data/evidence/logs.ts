import { addDays, addMinutes, localTime } from '../calendar.ts'
import { openRandom } from '../random.ts'
import type { EvidenceRecipe } from './recipes.ts'

const csv = (rows: readonly (readonly (string | number)[])[]): Uint8Array => {
  const cell = (value: string | number): string => {
    const text = String(value)
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  }
  return Buffer.from(`${rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`, 'utf8')
}

/** The transport log of a period: each load that came in, and the product that went out. */
export const makeTransportLog = (recipe: Extract<EvidenceRecipe, { make: 'transport_log' }>): Uint8Array => {
  const random = openRandom(recipe.seed, `transport:${recipe.site.project}`)
  const { site } = recipe
  const rows: (readonly (string | number)[])[] = [
    [
      'direction',
      'date',
      'vehicle',
      'driver',
      'carrier',
      'origin',
      'destination',
      'distance_km',
      'departure',
      'arrival',
      'document',
      'net_kg',
    ],
  ]
  for (const load of recipe.loads) {
    const minutes = Math.round((load.distanceKm / random.integer(26, 42)) * 60)
    const departure = localTime(addMinutes(load.weighedAt, -minutes - random.integer(4, 18)), site.timeZone)
    const arrival = localTime(addMinutes(load.weighedAt, -random.integer(2, 9)), site.timeZone)
    rows.push([
      'in',
      departure.date,
      load.vehicle,
      load.driver,
      load.carrier,
      load.origin,
      site.project,
      load.distanceKm,
      departure.time.slice(0, 5),
      arrival.time.slice(0, 5),
      load.ticketNumber,
      load.grossKg - load.tareKg,
    ])
  }
  let left = recipe.productKg
  let note = random.integer(1200, 8800)
  while (left > 0) {
    const net = Math.min(left, random.integer(900, 1300) * 10)
    const last = recipe.loads.at(random.integer(0, recipe.loads.length - 1)) ?? recipe.loads[0]
    const hour = String(random.integer(7, 14)).padStart(2, '0')
    rows.push([
      'out',
      addDays(recipe.periodEnd, -random.integer(0, 9)),
      last?.vehicle ?? '',
      last?.driver ?? '',
      last?.carrier ?? '',
      site.project,
      recipe.buyer,
      random.integer(18, 160),
      `${hour}:${random.integer(10, 59)}`,
      `${Number(hour) + 3}:${random.integer(10, 59)}`,
      `DN-${note}`,
      net,
    ])
    left -= net
    note += random.integer(1, 6)
  }
  return csv(rows)
}

/** What a data logger exports: energy per hour, adding up to the readings. */
export const makeIntervalExport = (recipe: Extract<EvidenceRecipe, { make: 'interval_export' }>): Uint8Array => {
  const random = openRandom(recipe.seed, `intervals:${recipe.site.project}`)
  const rows: (readonly (string | number)[])[] = [
    ['meter', 'interval_start_utc', 'interval_minutes', 'export_kwh', 'quality'],
  ]
  for (const reading of recipe.readings) {
    const total = Math.round((reading.current - reading.previous) * recipe.multiplier)
    const shape = Array.from({ length: 48 }, () => 0.4 + random.next())
    const sum = shape.reduce((left, right) => left + right, 0)
    let given = 0
    for (const [index, share] of shape.entries()) {
      const value = index === shape.length - 1 ? total - given : Math.floor((total * share) / sum)
      given += value
      rows.push([recipe.instrument.serial, addMinutes(reading.readAt, (index - 48) * 60), 60, value, 'measured'])
    }
  }
  return csv(rows)
}
