import type { Instant, MutationId } from '../../shared/domain/ids.ts'
import type { MutationDto } from '../../shared/wire/sync.ts'
import type { WriteHandle } from '../database/handles.ts'
import { listOf } from '../database/lists.ts'
import { queryBuilder } from '../database/query-builder.ts'
import { type Clock, laterThan } from '../platform/clock.ts'
import { markAsSent, refreshOverlay } from './batch-overlay.ts'

/**
 * Longer than any hold or pause between two tries. A due time further off comes from a clock that was wrong when it was written or is
 * wrong now, and does not count: nothing may wait for a year because of it.
 */
const longestWaitMilliseconds = 24 * 60 * 60 * 1000

interface Candidate {
  readonly sequence: number
  readonly batch_id: string
  readonly state: string
  readonly due_at: string | null
}

interface Taken {
  readonly sequence: number
  readonly batch_id: string
  readonly body: string
}

/**
 * Marks what is due as being sent and hands out the frozen bodies, oldest first, at most `limit`. Changes to one batch never overtake
 * each other: behind one that is held, pausing or on its way, the batch's later ones stay. Parked changes hold nobody up.
 */
export function takeForPush(handle: WriteHandle, clock: Clock, limit: number): readonly MutationDto[] {
  const now = clock.now()
  const furthest = laterThan(now, longestWaitMilliseconds)
  // State by state, since each is in order by its index: what waits is not sorted anew for every call.
  const candidates = handle
    .prepare(
      `select sequence, batch_id, state, coalesce(next_attempt_at, hold_until) as due_at from outbox where state = 'held'
      union all select sequence, batch_id, state, next_attempt_at from outbox where state = 'queued'
      union all select sequence, batch_id, state, null from outbox where state = 'sending'
      order by sequence`,
    )
    .iterate() as IterableIterator<Candidate>
  const taken: number[] = []
  const busyBatches = new Set<string>()
  for (const { sequence, batch_id, state, due_at } of candidates) {
    if (busyBatches.has(batch_id)) continue
    const due = state !== 'sending' && (due_at === null || due_at <= now || due_at > furthest)
    if (due) taken.push(sequence)
    else busyBatches.add(batch_id)
    if (taken.length === limit) break
  }
  if (taken.length === 0) return []
  const rows = handle
    .prepare(
      `update outbox set state = 'sending', attempts = attempts + 1, hold_until = null, next_attempt_at = null
      where sequence in (select value from json_each(?)) returning sequence, batch_id, body`,
    )
    .all(JSON.stringify(taken)) as Taken[]
  markAsSent(
    handle,
    rows.map(({ batch_id }) => batch_id),
  )
  // What an update returns comes in no order of its own.
  return rows.toSorted((left, right) => left.sequence - right.sequence).map(({ body }) => JSON.parse(body))
}

/** Why a push did not get through, for the sync center. */
export interface PushFailure {
  readonly code: string
  readonly message: string
  readonly action: string | null
}

/** Puts changes back whose push did not get through, to be sent again as they are. The cloud knows a repeat by its id. */
export function returnToQueue(
  handle: WriteHandle,
  mutationIds: readonly MutationId[],
  failure: PushFailure,
  nextAttemptAt: Instant | null,
): void {
  const rows = handle.all(
    queryBuilder
      .updateTable('outbox')
      .set({ state: 'queued', last_error: JSON.stringify(failure), next_attempt_at: nextAttemptAt })
      .where('mutation_id', 'in', listOf(mutationIds))
      .where('state', '=', 'sending')
      .returning('batch_id'),
  )
  backInTheQueue(handle, rows)
}

/** At the start: what was on its way when the program ended is sent again. Answers how many there were. */
export function recoverSending(handle: WriteHandle): number {
  const rows = handle.all(
    queryBuilder.updateTable('outbox').set({ state: 'queued' }).where('state', '=', 'sending').returning('batch_id'),
  )
  backInTheQueue(handle, rows)
  return rows.length
}

/** While a change was on its way, the one that it builds on may have been parked: then it waits too. */
function backInTheQueue(handle: WriteHandle, rows: readonly { readonly batch_id: string }[]): void {
  const batchIds = [...new Set(rows.map(({ batch_id }) => batch_id))]
  const wait = handle.prepare(
    `update outbox set state = 'waiting', hold_until = null
    where batch_id = ?1 and state in ('held', 'queued') and body ->> 'after_mutation_id' in (
      select mutation_id from outbox where batch_id = ?1 and state in ('conflict', 'rejected', 'waiting'))`,
  )
  for (const batchId of batchIds) {
    while (wait.run({ 1: batchId }).changes > 0);
  }
  refreshOverlay(handle, batchIds)
}
