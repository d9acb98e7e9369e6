import type { StaleData } from '../../shared/domain/data-age.ts'
import { formatAge, formatInstant } from '../ui/format.ts'

/** The age of stale data in words: `Data as of 2026-11-22 09:10, 3 h old`. */
export const dataAgeWords = (stale: StaleData, now: number, zone: string): string =>
  `Data as of ${formatInstant(stale.asOf, zone)}, ${formatAge(stale.asOf, now).replace(/ ago$/, ' old')}`

/** What stale data means, and what to do. */
export const dataAgeAdvice = ({ reason }: StaleData): string =>
  reason === 'cloud_stalled'
    ? 'The cloud answers, but does not pass on everything that is changed there. Decide with care, and tell whoever runs the cloud.'
    : 'The connection stands, but nothing has arrived since. Sync now; if it stays so, save the sync log and send it to support.'
