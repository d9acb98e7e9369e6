import type { WorkspaceDatabase } from '../database/database.ts'
import type { Clock } from '../platform/clock.ts'

/** Milliseconds until a held change may go or a returned one is to be tried again; null when nothing waits for a time. */
export function nextDue(database: WorkspaceDatabase, clock: Clock): number | null {
  const now = clock.now()
  const row = database.read.first(
    database.build
      .selectFrom('outbox')
      .select((select) =>
        select.fn
          .min<string | null>(
            select
              .case()
              .when('state', '=', 'held')
              .then(select.ref('hold_until'))
              .else(select.ref('next_attempt_at'))
              .end(),
          )
          .as('due'),
      )
      .where('state', 'in', ['held', 'queued'])
      .where((or) => or.or([or('hold_until', '>', now), or('next_attempt_at', '>', now)])),
  )
  if (row?.due === null || row?.due === undefined) return null
  return Math.max(50, Date.parse(row.due) - Date.parse(now) + 20)
}
