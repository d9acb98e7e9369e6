import type { OutboxState } from '../../shared/domain/sync-state.ts'
import type { PushResult } from '../../shared/wire/sync.ts'
import { type AuditActor, type AuditEvent, appendAuditEvents } from '../audit-trail/append-audit-events.ts'
import type { WriteHandle } from '../database/handles.ts'
import { refreshOverlay } from './batch-overlay.ts'
import { listOfUnsettled } from './change-states.ts'

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

/** Takes in the fate of one change; see `settleMutations`. */
export const settleMutation = (handle: WriteHandle, actor: AuditActor, result: PushResult): void =>
  settleMutations(handle, actor, [result])

interface Unsettled {
  readonly sequence: number
  readonly mutation_id: string
  readonly batch_id: string
  readonly kind: string
  readonly state: string
  readonly summary: string
}

/**
 * Takes in the fates of changes, in the order sent. Rows of applied ones leave the overlay, because the caller has put the cloud's own
 * rows into the mirror in this transaction. Later changes that build on a parked one wait. An answer to a change that is settled
 * already, or that nobody knows, changes nothing.
 */
export function settleMutations(handle: WriteHandle, actor: AuditActor, results: readonly PushResult[]): void {
  const now = actor.clock.now()
  const open = findUnsettled(handle, results)
  const settle = handle.prepare(
    'update outbox set state = ?, result = ?, last_error = ?, settled_at = ?, next_attempt_at = null where sequence = ?',
  )
  const release = handle.prepare(
    "update outbox set state = 'queued' where batch_id = ? and state = 'waiting' and body ->> 'after_mutation_id' = ?",
  )
  // As a rule nothing waits, and then nobody is looked for.
  let someWait = handle.prepare("select 1 from outbox where state = 'waiting' limit 1").get() !== undefined
  const batchIds = new Set<string>()
  const applied: string[] = []
  const events: AuditEvent[] = []
  for (const result of results) {
    const id = result.mutation_id
    const change = open.get(id)
    if (change === undefined) continue
    open.delete(id)
    const state = stateFrom(result)
    const refused = state === 'applied' ? null : { code: result.code ?? result.status, ...words(result) }
    const error = refused === null ? null : JSON.stringify(refused)
    settle.run(state, JSON.stringify(result), error, state === 'waiting' ? null : now, change.sequence)
    if (state === 'applied') {
      applied.push(id)
      if (someWait) release.run(change.batch_id, id)
    } else {
      parkFollowers(handle, id)
      someWait = true
    }
    batchIds.add(change.batch_id)
    events.push({
      action: auditAction[state as keyof typeof auditAction],
      entity: 'change',
      entityId: id,
      entityLabel: change.summary,
      before: { state: change.state },
      after: { state, kind: change.kind, batch_id: change.batch_id, code: result.code },
      by: 'system',
    })
  }
  letGo(handle, applied)
  refreshOverlay(handle, batchIds)
  appendAuditEvents(handle, actor, events)
}

/** The changes that are answered and whose fate is open, by id. */
function findUnsettled(handle: WriteHandle, results: readonly PushResult[]): Map<string, Unsettled> {
  const rows = handle
    .prepare(
      `select sequence, mutation_id, batch_id, kind, state, summary from outbox
      where mutation_id in (select value from json_each(?)) and state in (${listOfUnsettled})`,
    )
    .all(JSON.stringify(results.map(({ mutation_id }) => mutation_id))) as Unsettled[]
  return new Map(rows.map((row) => [row.mutation_id, row]))
}

/** The cloud's own rows have taken the place of what these changes made. A file goes up once the cloud has the row that names it. */
function letGo(handle: WriteHandle, mutationIds: readonly string[]): void {
  if (mutationIds.length === 0) return
  const list = JSON.stringify(mutationIds)
  handle.prepare('delete from pending_row where mutation_id in (select value from json_each(?))').run(list)
  handle
    .prepare(
      // By state, of which few wait: no index leads from a change to its files.
      `update upload set state = 'ready' where state = 'waiting' and mutation_id in (select value from json_each(?))`,
    )
    .run(list)
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
