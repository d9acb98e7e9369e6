import type { OutboxState } from '../../shared/domain/sync-state.ts'
import type { PushResult } from '../../shared/wire/sync.ts'
import { type AuditActor, appendAuditEvents } from '../audit-trail/append-audit-events.ts'
import type { WriteHandle } from '../database/handles.ts'
import { queryBuilder } from '../database/query-builder.ts'
import { refreshOverlay } from './batch-overlay.ts'
import { unsettledStates } from './change-states.ts'

/** The cloud's word for a change that came before the one it builds on was applied: no fate, it may be sent again. */
const earlierNotApplied = 'earlier_not_applied'

/** Where a change is with this answer of the cloud. */
export function stateFrom(result: PushResult): OutboxState {
  switch (result.status) {
    case 'applied':
    case 'duplicate':
      return 'applied'
    case 'conflict':
      return result.code === earlierNotApplied ? 'waiting' : 'conflict'
    case 'rejected':
      return 'rejected'
  }
}

const auditAction = {
  applied: 'change.applied',
  conflict: 'change.conflicted',
  waiting: 'change.waiting',
  rejected: 'change.rejected',
} as const satisfies Partial<Record<OutboxState, string>>

/**
 * Takes in the fate of one change. Rows of an applied one leave the overlay, because the caller has put the cloud's own rows into the
 * mirror in this transaction. Later changes that build on a parked one wait. An answer to a change that is settled already, or that
 * nobody knows, changes nothing.
 */
export function settleMutation(handle: WriteHandle, actor: AuditActor, result: PushResult): void {
  const change = handle.first(
    queryBuilder
      .selectFrom('outbox')
      .select(['mutation_id', 'batch_id', 'kind', 'state', 'summary'])
      .where('mutation_id', '=', result.mutation_id)
      .where('state', 'in', unsettledStates),
  )
  if (change === undefined) return
  const state = stateFrom(result)
  const now = actor.clock.now()
  const refused = state === 'applied' ? null : { code: result.code ?? result.status, ...words(result) }
  handle.run(
    queryBuilder
      .updateTable('outbox')
      .set({
        state,
        result: JSON.stringify(result),
        last_error: refused === null ? null : JSON.stringify(refused),
        settled_at: state === 'waiting' ? null : now,
        next_attempt_at: null,
      })
      .where('mutation_id', '=', result.mutation_id),
  )
  if (state === 'applied') {
    handle.run(queryBuilder.deleteFrom('pending_row').where('mutation_id', '=', result.mutation_id))
    // A file goes up once the cloud has the row that names it.
    handle.run(
      queryBuilder
        .updateTable('upload')
        .set({ state: 'ready' })
        .where('mutation_id', '=', result.mutation_id)
        .where('state', '=', 'waiting'),
    )
    handle
      .prepare(
        "update outbox set state = 'queued' where batch_id = ? and state = 'waiting' and body ->> 'after_mutation_id' = ?",
      )
      .run(change.batch_id, result.mutation_id)
  } else {
    parkFollowers(handle, result.mutation_id)
  }
  refreshOverlay(handle, [change.batch_id])
  appendAuditEvents(handle, actor, [
    {
      action: auditAction[state as keyof typeof auditAction],
      entity: 'change',
      entityId: result.mutation_id,
      entityLabel: change.summary,
      before: { state: change.state },
      after: { state, kind: change.kind, batch_id: change.batch_id, code: result.code },
      by: 'system',
    },
  ])
}

const words = ({ message, action }: PushResult) => ({
  message: message ?? 'The cloud did not take this change.',
  action,
})

/** Unsent changes that build on a parked one, and those that build on them, wait with it. */
function parkFollowers(handle: WriteHandle, mutationId: string): void {
  const follow = handle.prepare(
    `update outbox set state = 'waiting', hold_until = null
    where state in ('held', 'queued') and body ->> 'after_mutation_id' = ?
      and batch_id = (select batch_id from outbox where mutation_id = ?) returning mutation_id`,
  )
  const open = [mutationId]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const row of follow.all(next, next)) open.push((row as { mutation_id: string }).mutation_id)
  }
}
