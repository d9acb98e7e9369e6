import type { Instant } from '../../shared/domain/ids.ts'
import type { CaseContext } from '../database/case-context.ts'
import type { ReadHandle } from '../database/handles.ts'
import { queryBuilder } from '../database/query-builder.ts'
import { laterThan } from '../platform/clock.ts'

/**
 * Now by the cloud's clock, as far as it is known here: this computer's clock put right by the offset last measured, and never before
 * the last exchange with the cloud, so that a clock that is set back offline brings no ended grant to life again.
 */
export function trustedNow(
  read: ReadHandle,
  { clock, clockOffsetMilliseconds }: Pick<CaseContext, 'clock' | 'clockOffsetMilliseconds'>,
): Instant {
  const fact = read.first(
    queryBuilder.selectFrom('workspace_fact').select('value').where('key', '=', 'sync.last_pulled_at'),
  )
  const pulledAt: unknown = fact === undefined ? null : JSON.parse(fact.value)
  const now = clock.now()
  const latest = typeof pulledAt === 'string' && Date.parse(pulledAt) > Date.parse(now) ? pulledAt : now
  return laterThan(latest, clockOffsetMilliseconds ?? 0)
}
