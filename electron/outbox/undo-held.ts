import type { MutationId } from '../../shared/domain/ids.ts'
import { fail, ok, type Result } from '../../shared/result.ts'
import type { WriteHandle } from '../database/handles.ts'
import { queryBuilder } from '../database/query-builder.ts'
import type { Row } from '../database/tables.ts'
import type { Clock } from '../platform/clock.ts'
import { refreshOverlay } from './batch-overlay.ts'

/**
 * Takes back a change that was never sent: held, or queued without a try, and in no file that was handed over. The change stays readable, its rows leave the overlay. The
 * caller appends the compensating event. A change that another one builds on is `blocked` until that one is taken back.
 */
export function undoHeld(handle: WriteHandle, clock: Clock, mutationId: MutationId): Result<Row<'outbox'>> {
  const change = handle.first(queryBuilder.selectFrom('outbox').selectAll().where('mutation_id', '=', mutationId))
  if (change === undefined) return fail('not_found', 'There is no such change.')
  const neverSent = change.state === 'held' || (change.state === 'queued' && change.attempts === 0)
  if (!neverSent) {
    return fail(
      'blocked',
      'This was sent already and cannot be taken back.',
      'Decide again; the history keeps both decisions.',
    )
  }
  if (change.handed_over_at !== null) {
    return fail(
      'blocked',
      'This is in a file that was handed over, and somebody may have submitted it.',
      'Decide again; the history keeps both decisions.',
    )
  }
  const follower = handle
    .prepare(
      `select 1 from outbox where batch_id = ? and state in ('held', 'queued', 'sending', 'waiting')
        and body ->> 'after_mutation_id' = ?`,
    )
    .get(change.batch_id, mutationId)
  if (follower !== undefined) {
    return fail('blocked', 'A later change builds on this one.', 'Take the later one back first.')
  }
  handle.run(
    queryBuilder
      .updateTable('outbox')
      .set({ state: 'undone', settled_at: clock.now(), hold_until: null })
      .where('mutation_id', '=', mutationId),
  )
  handle.run(queryBuilder.deleteFrom('pending_row').where('mutation_id', '=', mutationId))
  refreshOverlay(handle, [change.batch_id])
  return ok(change)
}
