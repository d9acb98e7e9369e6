import type { RequestOf } from '../../shared/contract/channels.ts'
import type { OutboxItem, OutboxState } from '../../shared/domain/sync-state.ts'
import { fail, ok, type Result } from '../../shared/result.ts'
import { appendAuditEvents } from '../audit-trail/append-audit-events.ts'
import type { CaseContext } from '../database/case-context.ts'
import { transact } from '../database/database.ts'
import type { WriteHandle } from '../database/handles.ts'
import { queryBuilder } from '../database/query-builder.ts'
import type { Row } from '../database/tables.ts'
import { refreshOverlay } from './batch-overlay.ts'
import { toOutboxState } from './change-states.ts'
import { giveUp } from './give-up.ts'
import { findOutboxItem } from './list-outbox.ts'
import { sendAgain } from './send-again.ts'

/**
 * What the person says about one local change. `send_now` ends the hold or the pause between two tries. `take_theirs` gives a parked
 * change up, and those that build on it; they stay readable, and can be taken up again. `decide_again` does the same and keeps what was
 * said at hand for a new decision. `retry` sends a parked one again, as a new change that replaces it.
 * Answers with the change as it then is; for `retry` with the new one.
 */
export function resolveOutboxItem(
  context: CaseContext,
  { mutationId, choice }: RequestOf<'outbox.resolve'>,
): Result<OutboxItem> {
  return transact(context.database, (handle) => {
    const change = handle.first(queryBuilder.selectFrom('outbox').selectAll().where('mutation_id', '=', mutationId))
    if (change === undefined) return fail('not_found', 'There is no such change.')
    const resolved = resolve(handle, context, change, choice)
    if (!resolved.ok) return resolved
    refreshOverlay(handle, [change.batch_id])
    const item = findOutboxItem(handle, resolved.value)
    return item === undefined ? fail('not_found', 'There is no such change.') : ok(item)
  })
}

type Choice = RequestOf<'outbox.resolve'>['choice']

function resolve(handle: WriteHandle, context: CaseContext, change: Row<'outbox'>, choice: Choice): Result<string> {
  const state = toOutboxState(change.state)
  if (!allowed[choice].includes(state)) return fail('blocked', refusals[choice])
  switch (choice) {
    case 'send_now':
      return sendNow(handle, context, change)
    case 'take_theirs':
      giveUp(handle, context, change, 'taken_theirs')
      return ok(change.mutation_id)
    case 'decide_again':
      giveUp(handle, context, change, 'decide_again')
      return ok(change.mutation_id)
    case 'retry':
      return sendAgain(handle, context, change)
  }
}

const allowed: Readonly<Record<Choice, readonly OutboxState[]>> = {
  send_now: ['held', 'queued'],
  take_theirs: ['conflict', 'rejected', 'waiting'],
  decide_again: ['conflict', 'rejected', 'waiting'],
  retry: ['conflict', 'rejected', 'waiting'],
}

const refusals: Readonly<Record<Choice, string>> = {
  send_now: 'Only a change that waits to be sent can be sent now.',
  take_theirs: 'Only a change that is in conflict, refused or waiting can be given up.',
  decide_again: 'Only a change that is in conflict, refused or waiting can be decided again.',
  retry: 'Only a change that is in conflict, refused or waiting can be sent again.',
}

function sendNow(handle: WriteHandle, context: CaseContext, change: Row<'outbox'>): Result<string> {
  handle.run(
    queryBuilder
      .updateTable('outbox')
      .set({ state: 'queued', hold_until: null, next_attempt_at: null })
      .where('mutation_id', '=', change.mutation_id),
  )
  appendAuditEvents(handle, context, [event(change, 'change.released', 'queued')])
  return ok(change.mutation_id)
}

const event = (change: Row<'outbox'>, action: string, state: OutboxState) => ({
  action,
  entity: 'change',
  entityId: change.mutation_id,
  entityLabel: change.summary,
  before: { state: change.state },
  after: { state, kind: change.kind, batch_id: change.batch_id },
})
