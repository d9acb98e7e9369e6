import type { StorageState } from '../../shared/contract/views.ts'
import type { Sha256 } from '../../shared/domain/ids.ts'
import type { Person } from '../../shared/domain/person.ts'
import type { SyncState } from '../../shared/domain/sync-state.ts'
import type { Result } from '../../shared/result.ts'
import type { CloudClient, HandshakeAnswer } from '../cloud/cloud-client.ts'
import type { WorkspaceDatabase } from '../database/database.ts'
import type { Clock } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import type { Vault } from '../platform/vault/vault.ts'
import type { SettleContext } from './push.ts'
import type { DeviceFacts } from './run-once.ts'

/** Keeps the workstation in step with its cloud. All methods answer at once; the work goes on beside the calls of the window. */
export interface SyncEngine {
  /** Begins: a first run now, then one every half minute and whenever something is due to be sent. */
  readonly start: () => void
  /** Ends what is under way and everything planned. What was on its way is sent again next time. */
  readonly stop: () => Promise<void>
  /** Runs now, or once more after the run under way. */
  readonly now: () => SyncState
  /** Compares this copy with the cloud in a run of its own, or in the next one. */
  readonly checkCopy: () => SyncState
  /** Ends the run under way; the next one by itself is some minutes away. */
  readonly cancel: () => SyncState
  /**
   * Holds the run under way where it is, and everything that would begin, until it is lifted; or lifts it. The work goes on meanwhile.
   * `now`, `checkCopy`, `cancel` and a switch to offline lift it too, and so does a restart.
   */
  readonly setPaused: (paused: boolean) => SyncState
  readonly setOffline: (offline: boolean) => SyncState
  readonly state: () => SyncState
  /** To be told after every local change: plans its sending. */
  readonly outboxChanged: () => void
  /** To be told when this computer woke from sleep: gives up what is under way over connections that are dead, and runs at once. */
  readonly woke: () => void
  /** To be told when the session was renewed with the password. */
  readonly sessionRenewed: () => void
  /** Brings a file of evidence or a certificate here. */
  readonly ensureFile: (sha256: Sha256) => Promise<Result<{ readonly byteSize: number }>>
  /** To be told by the vault: a stored file is not what was stored. */
  readonly noteAlteredFile: (sha256: Sha256) => void
  /** To be told when a file is read from: what is used now does not leave. */
  readonly touchFile: (sha256: Sha256) => void
  readonly storage: () => Promise<StorageState>
  /** Chooses how much space files may take; what is above it leaves now, what fits below it comes. */
  readonly setFileBudget: (bytes: number) => Promise<Result<StorageState>>
  /** To be told when other files are wanted than before: what is missing is fetched now. */
  readonly filesWanted: () => void
  /** Resolves when nothing is under way. */
  readonly settled: () => Promise<void>
}

/** What the engine is made of. */
export interface SyncEngineOptions {
  readonly database: WorkspaceDatabase
  readonly cloud: CloudClient
  readonly vault: Vault
  readonly clock: Clock
  readonly log: Log
  readonly person: Person
  readonly device: DeviceFacts
  readonly settleContext: () => SettleContext
  readonly onState: (state: SyncState) => void
  /** Null: too many to name. */
  readonly onBatchesChanged: (batchIds: readonly string[] | null) => void
  readonly onHandshake: (answer: HandshakeAnswer) => void
  /** The cloud wants the password. */
  readonly onSessionExpired: () => void
  readonly pageRows?: number
  readonly periodMilliseconds?: number
  readonly lookForSleepMilliseconds?: number
  readonly healthEveryMilliseconds?: number
  readonly random?: () => number
  /** True where this computer has a network at all. */
  readonly hasNetwork?: () => boolean
}
