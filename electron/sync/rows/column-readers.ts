import type { SqliteValue } from './mirror-table.ts'

/** A field of a row that is not what the protocol says. The row is parked and reported; the rows around it go on. */
export class FieldRefused extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'FieldRefused'
  }
}

/** Checks a field of a row of the cloud and answers with what is stored for it. Throws `FieldRefused`. */
export type ColumnReader = (value: unknown) => SqliteValue

const idPattern = /^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/
const sha256Pattern = /^[0-9a-f]{64}$/
const datePattern = /^\d{4}-\d{2}-\d{2}$/
const decimalPattern = /^-?\d+\.\d{2}$/

/** Any text. */
export const text: ColumnReader = (value) => {
  if (typeof value !== 'string') throw new FieldRefused('not a text')
  return value
}

/** A UUID. */
export const id: ColumnReader = (value) => {
  if (typeof value !== 'string' || !idPattern.test(value)) throw new FieldRefused('not an id')
  return value
}

/** SHA-256 in lower-case hexadecimal digits. */
export const sha256: ColumnReader = (value) => {
  if (typeof value !== 'string' || !sha256Pattern.test(value)) throw new FieldRefused('not a SHA-256')
  return value
}

/** A calendar day. */
export const date: ColumnReader = (value) => {
  if (typeof value !== 'string' || !datePattern.test(value)) throw new FieldRefused('not a date')
  return value
}

/** An instant with an offset (RFC 3339), stored as UTC with milliseconds. */
export const instant: ColumnReader = (value) => {
  if (typeof value !== 'string' || value.length < 20) throw new FieldRefused('not an instant')
  const milliseconds = Date.parse(value)
  if (Number.isNaN(milliseconds)) throw new FieldRefused('not an instant')
  return new Date(milliseconds).toISOString()
}

/** A decimal with two places as text, stored as an integer of hundredths. */
export const hundredths: ColumnReader = (value) => {
  if (typeof value !== 'string' || !decimalPattern.test(value)) throw new FieldRefused('not a decimal')
  const point = value.length - 3
  const integer = Number(value.slice(0, point) + value.slice(point + 1))
  if (!Number.isSafeInteger(integer)) throw new FieldRefused('a decimal too large')
  // "-0.00" is zero.
  return integer === 0 ? 0 : integer
}

/** A whole number between two bounds, both included. */
export const integer =
  (smallest: number, largest = Number.MAX_SAFE_INTEGER): ColumnReader =>
  (value) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < smallest || value > largest)
      throw new FieldRefused('not a whole number in its range')
    return value
  }

/** A number between two bounds, both included. */
export const number =
  (smallest: number, largest: number): ColumnReader =>
  (value) => {
    if (typeof value !== 'number' || !(value >= smallest && value <= largest))
      throw new FieldRefused('not a number in its range')
    return value
  }

/** One of some words. */
export const oneOf = (words: readonly string[]): ColumnReader => {
  const known = new Set(words)
  return (value) => {
    if (typeof value !== 'string' || !known.has(value)) throw new FieldRefused('not one of the known words')
    return value
  }
}

/** A list, stored as JSON. */
export const listOf =
  (item: ColumnReader): ColumnReader =>
  (value) => {
    if (!Array.isArray(value)) throw new FieldRefused('not a list')
    return JSON.stringify(value.map(item))
  }

/** A field that may be null. */
export const nullable =
  (reader: ColumnReader): ColumnReader =>
  (value) =>
    value === null ? null : reader(value)
