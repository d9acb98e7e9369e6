import { ok, type Result } from '../../shared/result.ts'
import type { Polled } from '../cloud/poll.ts'
import { liveStates } from '../outbox/change-states.ts'
import { listScopes } from './scopes.ts'
import type { SyncContext } from './sync-context.ts'

/** True while no change waits to be sent: then what is new can be asked for at once. */
export const nothingToSend = ({ database }: SyncContext): boolean =>
  database.read.first(
    database.build.selectFrom('outbox').select('sequence').where('state', 'in', liveStates).limit(1),
  ) === undefined

/**
 * Asks what is new in all scopes that were fetched before. Null where that cannot be asked in one call: before a handshake, when
 * another one is due, of an older cloud, and while nothing was fetched yet.
 */
export async function pollScopes(context: SyncContext, signal: AbortSignal): Promise<Result<Polled | null>> {
  const { cloud, database, journal, pageRows } = context
  if (!cloud.canPoll()) return ok(null)
  const cursors: Record<string, string> = {}
  for (const { scope, state, cursor } of listScopes(database.read))
    if (state === 'live' && cursor !== null) cursors[scope] = cursor
  if (Object.keys(cursors).length === 0) return ok(null)
  return journal.measure(
    { kind: 'poll' },
    (traffic) => cloud.poll({ cursors, limit: pageRows }, { signal, traffic }),
    (polled) => ({ rowsIn: rowsOf(polled) }),
  )
}

function rowsOf(polled: Polled | null): number {
  let rows = 0
  for (const page of polled?.pages.values() ?? []) if (page !== null && page !== 'stale') rows += page.changes.length
  return rows
}
