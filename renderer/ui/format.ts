import type { Hundredths, Instant } from '../../shared/domain/ids.ts'

const counts = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** A whole number with thousands separators: `1,234`. */
export const formatCount = (count: number): string => counts.format(count)

/** A number and its noun: `1 batch`, `2 batches`. */
export const formatNoun = (count: number, singular: string, plural = `${singular}s`): string =>
  `${formatCount(count)} ${count === 1 ? singular : plural}`

/** Hundredths with two places and, if given, their unit: 123450 and `t` give `1,234.50 t`. Integer arithmetic only. */
export function formatHundredths(value: Hundredths, unit?: string): string {
  const magnitude = Math.abs(value)
  const whole = counts.format(Math.trunc(magnitude / 100))
  const places = String(magnitude % 100).padStart(2, '0')
  const figures = `${value < 0 ? '−' : ''}${whole}.${places}`
  return unit === undefined ? figures : `${figures} ${unit}`
}

/** Where instants are shown: the computer's own zone, or UTC. */
export type ZoneChoice = 'local' | 'utc'

/** The IANA name that a choice stands for. */
export const zoneName = (zone: ZoneChoice): string =>
  zone === 'utc' ? 'UTC' : Intl.DateTimeFormat().resolvedOptions().timeZone

const formatters = new Map<string, Intl.DateTimeFormat>()

const partsIn = (instant: Instant, timeZone: string): Readonly<Record<string, string>> | null => {
  const date = new Date(instant)
  if (Number.isNaN(date.getTime())) return null
  const formatter =
    formatters.get(timeZone) ??
    new Intl.DateTimeFormat('en-GB', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
      timeZoneName: 'shortOffset',
    })
  formatters.set(timeZone, formatter)
  return Object.fromEntries(formatter.formatToParts(date).map(({ type, value }) => [type, value]))
}

/** An instant in a time zone (IANA name) to the minute: `2026-11-20 21:33`. What is no instant is shown as it is. */
export function formatInstant(instant: Instant, timeZone: string): string {
  const parts = partsIn(instant, timeZone)
  if (parts === null) return instant
  return `${parts.year ?? ''}-${parts.month ?? ''}-${parts.day ?? ''} ${parts.hour ?? ''}:${parts.minute ?? ''}`
}

/** An instant to the second with its offset and, outside UTC, the UTC time behind it; for details and tooltips. */
export function formatInstantInFull(instant: Instant, timeZone: string): string {
  const parts = partsIn(instant, timeZone)
  if (parts === null) return instant
  const offset = (parts.timeZoneName ?? '').replace(/^GMT(\+0$)?/, 'UTC')
  const here = `${formatInstant(instant, timeZone)}:${parts.second ?? ''} ${offset}`
  if (offset === 'UTC') return here
  const utc = partsIn(instant, 'UTC')
  return `${here} (${utc?.hour ?? ''}:${utc?.minute ?? ''}:${utc?.second ?? ''} UTC)`
}

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

const span = (milliseconds: number): string => {
  if (milliseconds < hour) return `${String(Math.max(1, Math.floor(milliseconds / minute)))} min`
  if (milliseconds < day) return `${String(Math.floor(milliseconds / hour))} h`
  return `${formatCount(Math.floor(milliseconds / day))} d`
}

/** How long ago an instant was: `just now`, `5 min ago`, `3 h ago`, `12 d ago`; what lies ahead is `in 3 d`. */
export function formatAge(instant: Instant, now: number): string {
  const elapsed = now - Date.parse(instant)
  if (Number.isNaN(elapsed)) return instant
  if (Math.abs(elapsed) < minute) return 'just now'
  return elapsed > 0 ? `${span(elapsed)} ago` : `in ${span(-elapsed)}`
}

/** What a due date means today: words, and whether it is close (less than three days) or over. */
export function formatDue(
  dueAt: Instant | null,
  now: number,
): { readonly text: string; readonly urgency: 'none' | 'soon' | 'over' } {
  if (dueAt === null) return { text: '–', urgency: 'none' }
  const remaining = Date.parse(dueAt) - now
  if (remaining < 0) return { text: `${span(-remaining)} over`, urgency: 'over' }
  return { text: span(remaining), urgency: remaining < 3 * day ? 'soon' : 'none' }
}

/** Bytes in the unit that a person reads at a glance, powers of 1000: `4.2 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${String(bytes)} B`
  const units = ['kB', 'MB', 'GB', 'TB']
  let value = bytes / 1000
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${value >= 10 ? value.toFixed(0) : value.toFixed(1)} ${units[unit] ?? ''}`
}

/** Beginning and end of a long machine-made name: `BATCH-1f2e3d4c…9a8b`. Short ones stay whole. */
export function shortHash(value: string): string {
  const prefix = /^[A-Z]+-/.exec(value)?.[0] ?? ''
  const rest = value.slice(prefix.length)
  return rest.length <= 14 ? value : `${prefix}${rest.slice(0, 8)}…${rest.slice(-4)}`
}
