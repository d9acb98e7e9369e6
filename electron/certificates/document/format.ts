import { formatHundredths } from '../../../shared/domain/decimal.ts'
import type { Hundredths } from '../../../shared/domain/ids.ts'

// Written by hand and not by Intl: a signed document has one calendar and one set of digits, whatever the computer is set to.

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const

/** `2026-11-20`, or an instant, as `20 November 2026`. */
export function formatDay(day: string): string {
  const match = /^(\d{4})-(\d\d)-(\d\d)/.exec(day)
  const month = months[Number(match?.[2]) - 1]
  if (match === null || month === undefined) throw new Error('Not a day')
  return `${Number(match[3])} ${month} ${match[1]}`
}

/** An instant as `20 November 2026, 21:33:00 UTC`. */
export function formatInstant(instant: string): string {
  const time = /T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/.exec(instant)?.[1]
  if (time === undefined) throw new Error('Not a UTC instant')
  return `${formatDay(instant)}, ${time} UTC`
}

/** Hundredths as `1,234.50`. */
export function formatAmount(value: Hundredths): string {
  const [whole = '0', places = '00'] = formatHundredths(value).split('.')
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${places}`
}

/** Hundredths of a per cent as `5 %` or `2.5 %`. */
export function formatPercent(value: Hundredths): string {
  return `${formatHundredths(value).replace(/\.?0+$/, '')} %`
}

/** Bytes as `84 kB` or `2.4 MB`, decimal units. */
export function formatSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  if (bytes < 999_500) return `${Math.round(bytes / 1000)} kB`
  const tenths = Math.round(bytes / 100_000)
  return `${Math.floor(tenths / 10)}.${tenths % 10} MB`
}
