import { ok, type Result } from '../../shared/result.ts'
import { appliedLimit } from '../../shared/wire/sync.ts'
import type { HandshakeAnswer } from '../cloud/cloud-client.ts'
import { listApplied, requeueLost } from '../outbox/requeue-lost.ts'
import { readFact, writeFact } from './facts.ts'
import type { SettleContext } from './push.ts'
import { type SyncContext, yieldToCalls } from './sync-context.ts'

/**
 * A cloud that was restored from a backup may not hold what it once said it had applied. In another epoch, and after a cursor that was
 * ahead of the cloud, it is asked which of the applied changes its ledger knows; the others are queued again. This comes before the
 * push, so that they go out before anything that was made on top of them. Cut off anywhere, it is done again: the epoch is kept by the
 * pull that follows.
 */
export async function findLostChanges(
  context: SyncContext,
  settleContext: SettleContext,
  handshake: HandshakeAnswer,
  signal: AbortSignal,
): Promise<Result<void>> {
  const { database, cloud, log } = context
  const sameLife = readFact(database.read, database, 'sync.server_epoch') === handshake.server_epoch
  if (sameLife && readFact(database.read, database, 'sync.ledger_unsure') !== true) return ok(undefined)
  const applied = listApplied(database.read)
  if (applied.length > 0 && readFact(database.read, database, 'sync.ledger_unsure') !== true)
    database.write((handle) => writeFact(handle, database, 'sync.ledger_unsure', true))
  let found = 0
  for (let offset = 0; offset < applied.length; offset += appliedLimit) {
    const asked = applied.slice(offset, offset + appliedLimit)
    const answer = await cloud.applied(asked, { signal })
    if (!answer.ok) {
      // An older cloud cannot say. It is asked again at each synchronization; meanwhile all else goes on.
      if (answer.error.code !== 'cloud_incompatible') return answer
      log.warn('sync.ledger_not_asked', { changes: applied.length })
      return ok(undefined)
    }
    const known = new Set(answer.value)
    const lost = asked.filter((id) => !known.has(id))
    if (lost.length === 0) continue
    for (const batchId of database.write((handle) => requeueLost(handle, settleContext, lost)))
      context.changed.add(batchId)
    found += lost.length
    await yieldToCalls()
  }
  database.write((handle) => writeFact(handle, database, 'sync.ledger_unsure', false), 'normal')
  if (found > 0) log.warn('sync.changes_lost_by_restore', { count: found })
  return ok(undefined)
}
