import type { CalendarDate } from '../../../shared/domain/ids.ts'

/** A span of days, both ends included. */
export interface Period {
  readonly from: CalendarDate
  readonly to: CalendarDate
}

/** The periods that are offered by name. */
export type PeriodName = 'this_month' | 'last_month' | 'this_quarter' | 'this_year'

/** What each is called. */
export const periodLabels: readonly { readonly value: PeriodName; readonly label: string }[] = [
  { value: 'this_month', label: 'This month' },
  { value: 'last_month', label: 'Last month' },
  { value: 'this_quarter', label: 'This quarter' },
  { value: 'this_year', label: 'This year' },
]

const dateOf = (year: number, month: number, day: number): CalendarDate =>
  new Date(Date.UTC(year, month, day)).toISOString().slice(0, 10)

/** The days of a named period around a day, in UTC as the register counts them. */
export function periodOf(name: PeriodName, today: CalendarDate): Period {
  const [year = 0, month = 1] = today.split('-').map(Number)
  switch (name) {
    case 'this_month':
      return { from: dateOf(year, month - 1, 1), to: dateOf(year, month, 0) }
    case 'last_month':
      return { from: dateOf(year, month - 2, 1), to: dateOf(year, month - 1, 0) }
    case 'this_quarter': {
      const first = Math.floor((month - 1) / 3) * 3
      return { from: dateOf(year, first, 1), to: dateOf(year, first + 3, 0) }
    }
    case 'this_year':
      return { from: dateOf(year, 0, 1), to: dateOf(year, 12, 0) }
  }
}

/** The name of a period, or null for days that were chosen one by one. */
export const nameOfPeriod = (period: Period, today: CalendarDate): PeriodName | null =>
  periodLabels.find(({ value }) => {
    const named = periodOf(value, today)
    return named.from === period.from && named.to === period.to
  })?.value ?? null
