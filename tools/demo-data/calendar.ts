const DAY = 86_400_000

/** The day of an ISO text plus `days`, as `YYYY-MM-DD`. */
export const addDays = (isoDate: string, days: number): string =>
  new Date(Date.parse(isoDate.slice(0, 10)) + days * DAY).toISOString().slice(0, 10)

/** An instant plus `minutes`, in UTC with milliseconds. */
export const addMinutes = (instant: string, minutes: number): string =>
  new Date(Date.parse(instant) + Math.round(minutes * 60_000)).toISOString()

/** Whole days from one ISO date to another. */
export const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(to.slice(0, 10)) - Date.parse(from.slice(0, 10))) / DAY)

const formats = new Map<string, Intl.DateTimeFormat>()

const formatOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = formats.get(timeZone)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  formats.set(timeZone, format)
  return format
}

/** What a clock on the wall at the site shows. */
export interface LocalTime {
  /** `YYYY-MM-DD` */
  readonly date: string
  /** `HH:MM:SS` */
  readonly time: string
  /** `+07:00` */
  readonly offset: string
}

/** The local time of an instant in an IANA zone. */
export const localTime = (instant: string, timeZone: string): LocalTime => {
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(new Date(instant))
      .map((part) => [part.type, part.value]),
  )
  const date = `${parts.year}-${parts.month}-${parts.day}`
  const time = `${parts.hour}:${parts.minute}:${parts.second}`
  const minutes = Math.round((Date.parse(`${date}T${time}Z`) - Date.parse(instant)) / 60_000)
  const sign = minutes < 0 ? '-' : '+'
  const two = (value: number): string => String(value).padStart(2, '0')
  const absolute = Math.abs(minutes)
  return { date, time, offset: `${sign}${two(Math.floor(absolute / 60))}:${two(absolute % 60)}` }
}

/** The instant at which the clock at the site shows `date` and `time` (`HH:MM`). */
export const instantAt = (date: string, time: string, timeZone: string): string => {
  const guess = new Date(`${date}T${time}:00.000Z`).toISOString()
  const { offset } = localTime(guess, timeZone)
  return new Date(`${date}T${time}:00.000${offset}`).toISOString()
}
