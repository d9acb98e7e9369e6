import type { Hundredths } from './ids.ts'

/** Reads a decimal with at most two places, such as `-12.5` or `25.50`. Null when it is none, or beyond what an integer holds safely. */
export function parseHundredths(text: string): Hundredths | null {
  const match = /^(-?)(\d{1,13})(?:\.(\d{1,2}))?$/.exec(text.trim())
  if (match === null) return null
  const [, sign, whole = '0', places = ''] = match
  const value = Number(whole) * 100 + Number(places.padEnd(2, '0'))
  return value === 0 ? 0 : sign === '-' ? -value : value
}

/** Writes hundredths as a decimal with two places, `-12.50`: the form that the cloud takes and content hashes contain. */
export function formatHundredths(value: Hundredths): string {
  const digits = Math.abs(value).toString().padStart(3, '0')
  return `${value < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}
