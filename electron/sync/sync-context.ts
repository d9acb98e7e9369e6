import type { Person } from '../../shared/domain/person.ts'
import type { SyncProgress } from '../../shared/domain/sync-state.ts'
import type { CloudClient } from '../cloud/cloud-client.ts'
import type { WorkspaceDatabase } from '../database/database.ts'
import type { Clock } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import type { Vault } from '../platform/vault/vault.ts'
import type { ChangedBatches } from './changed-batches.ts'
import type { RunJournal } from './run-journal.ts'

/** What each step of a synchronization is given. */
export interface SyncContext {
  readonly database: WorkspaceDatabase
  readonly cloud: CloudClient
  readonly vault: Vault
  readonly clock: Clock
  readonly log: Log
  readonly person: Person
  readonly changed: ChangedBatches
  /** Of synchronizations. */
  readonly journal: RunJournal
  /** Of evidence fetched beside them. */
  readonly fileJournal: RunJournal
  /** Rows per page asked of the cloud. */
  readonly pageRows: number
  readonly report: (progress: SyncProgress) => void
}

/** Lets calls of the window be answered before the next stretch of work: the worker has one thread. */
export const yieldToCalls = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/**
 * Lets a request that was just made reach the network before work that holds the thread, so that the cloud answers meanwhile. The
 * session, the library and the sockets each pass it on in a turn of their own; a page waited 12 ms for its answer without these.
 */
export async function letRequestOut(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await yieldToCalls()
}
