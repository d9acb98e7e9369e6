import type { Instant } from './ids.ts'
import type { SyncState } from './sync-state.ts'

/** That the register on this computer is older than it looks, and why. */
export interface StaleData {
  /** Everything that was changed before this is here. */
  readonly asOf: Instant
  readonly milliseconds: number
  /** `not_received`: nothing arrived though the connection stands. `cloud_stalled`: the cloud does not pass on what is changed. */
  readonly reason: 'not_received' | 'cloud_stalled'
}

/** The workstation asks every half minute: this long without an answer, with a connection, is no coincidence. */
export const staleAfterMilliseconds = 5 * 60_000

/**
 * The age of the data where a person would not expect it: the program believes itself online, and the last pull that went through
 * is long ago; or the cloud's own feed has fallen behind, so that pulls go through and bring nothing. Null while all is well, before
 * the first copy is complete, and where the connection already says that nothing is received.
 */
export function staleData(
  sync: Pick<SyncState, 'connection' | 'lastPulledAt' | 'feedStalledSince'>,
  now: number,
): StaleData | null {
  const { connection, feedStalledSince, lastPulledAt } = sync
  if (lastPulledAt === null) return null
  const sincePull = now - Date.parse(lastPulledAt)
  const sinceFeed = feedStalledSince === null ? 0 : now - Date.parse(feedStalledSince)
  if (feedStalledSince !== null && sinceFeed >= staleAfterMilliseconds && sinceFeed >= sincePull)
    return { asOf: feedStalledSince, milliseconds: sinceFeed, reason: 'cloud_stalled' }
  const believed = connection.kind === 'online' || connection.kind === 'connecting'
  if (!believed || sincePull < staleAfterMilliseconds) return null
  return { asOf: lastPulledAt, milliseconds: sincePull, reason: 'not_received' }
}
