import type { CloudProfile } from '../../shared/contract/views.ts'
import type { DeviceId } from '../../shared/domain/ids.ts'
import type { Person } from '../../shared/domain/person.ts'
import type { SyncState } from '../../shared/domain/sync-state.ts'
import { ok, type Result } from '../../shared/result.ts'
import { type CloudClient, createCloudClient } from '../cloud/cloud-client.ts'
import { memoryTokenStore, type TokenStore } from '../cloud/tokens.ts'
import type { WorkspaceDatabase } from '../database/database.ts'
import { openWorkspaceDatabase } from '../database/open.ts'
import { deviceKeyOf } from '../handover/device-key.ts'
import { mendOverlays } from '../outbox/mend-overlays.ts'
import type { Clock } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import { openVault, type Vault } from '../platform/vault/vault.ts'
import { createSyncEngine } from '../sync/sync-engine.ts'
import type { SyncEngine } from '../sync/sync-engine-options.ts'
import { databaseTokenStore, personOf, readSessionFact, writeSessionFacts } from './workspace-facts.ts'
import { createWorkspaceFiles, type WorkspaceFiles } from './workspace-files.ts'
import type { WorkspaceFolder } from './workspace-folder.ts'
import type { WorkspaceKey } from './workspace-key.ts'

/** An open workspace: one person at one cloud. */
export interface OpenWorkspace {
  readonly folder: WorkspaceFolder
  readonly database: WorkspaceDatabase
  readonly vault: Vault
  readonly files: WorkspaceFiles
  readonly cloud: CloudClient
  readonly engine: SyncEngine
  readonly profile: CloudProfile
  readonly deviceId: DeviceId
  readonly deviceName: string
  readonly programVersion: string
  readonly protection: WorkspaceKey['protection']
  /** As the cloud last described them. */
  readonly person: () => Person
  /** True when nothing can be sent before the password is entered. */
  readonly needsPassword: () => boolean
  /** To be told when the password was entered. */
  readonly renewed: () => void
  /** The cloud's clock minus this computer's, as last measured. */
  readonly clockOffsetMilliseconds: () => number | null
  /** Ends synchronization and closes the database. */
  readonly close: () => Promise<void>
}

/** Whom an open workspace tells. */
export interface WorkspaceListeners {
  readonly onSyncState: (state: SyncState) => void
  readonly onBatchesChanged: (batchIds: readonly string[] | null) => void
  /** Person or need of a password changed. */
  readonly onSessionChanged: () => void
}

/** What opening a workspace takes. */
export interface OpenWorkspaceOptions {
  readonly folder: WorkspaceFolder
  readonly key: WorkspaceKey
  readonly clock: Clock
  readonly log: Log
  readonly deviceId: DeviceId
  readonly deviceName: string
  readonly programVersion: string
  /** What a sign-in brings; null when the workspace is opened again without one. */
  readonly signedIn: { readonly person: Person; readonly profile: CloudProfile; readonly tokens: TokenStore } | null
  /** Where the cloud is now, if the environment knows better than the workspace. */
  readonly profileNow: (kept: CloudProfile) => CloudProfile
  readonly listeners: WorkspaceListeners
  readonly fetch?: typeof globalThis.fetch
  readonly syncPeriodMilliseconds?: number
}

/** Parts of files that nobody went on with for this long are removed. */
const stalePartMilliseconds = 30 * 24 * 60 * 60 * 1000

/** Opens database, vault, cloud and synchronization of a workspace, without the network. Null where nobody ever signed in to it. */
export function openWorkspace(options: OpenWorkspaceOptions): Result<OpenWorkspace | null> {
  const { folder, key, clock, log, listeners, deviceId, signedIn } = options
  const opened = openWorkspaceDatabase({
    path: folder.database,
    keyHex: key.keyHex,
    clock,
    backupDirectory: folder.backups,
    log,
  })
  if (!opened.ok) return opened
  const database = opened.value
  database.write(mendOverlays)
  const tokens = databaseTokenStore(database)
  if (signedIn !== null) {
    writeSessionFacts(database, {
      'session.person': signedIn.person,
      'session.cloud': signedIn.profile,
      'session.tokens': signedIn.tokens.read(),
    })
  }
  const keptPerson = readSessionFact(database, 'session.person')
  const keptProfile = readSessionFact(database, 'session.cloud')
  if (keptPerson === null || keptProfile === null) {
    database.close()
    return ok(null)
  }
  let person: Person = keptPerson
  const profile = options.profileNow(keptProfile)
  let needsPassword = tokens.read() === null
  const cloud = createCloudClient({
    url: profile.url,
    publishableKey: profile.publishableKey,
    clock,
    personId: person.id,
    tokens: closableStore(tokens, () => closed),
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
  })
  let closed = false
  const vault = openVault({
    directory: folder.vault,
    keyHex: key.keyHex,
    onAltered: (sha256) => engine.noteAlteredFile(sha256),
  })
  const engine = createSyncEngine({
    database,
    cloud,
    vault,
    clock,
    log,
    person,
    device: {
      deviceId,
      deviceName: options.deviceName,
      programVersion: options.programVersion,
      signingKey: deviceKeyOf(database).publicKey,
    },
    settleContext: () => ({ clock, person, deviceId }),
    onState: listeners.onSyncState,
    onBatchesChanged: listeners.onBatchesChanged,
    onHandshake(answer) {
      const now = personOf(answer)
      const same = JSON.stringify(now) === JSON.stringify(person)
      if (same && !needsPassword) return
      person = now
      needsPassword = false
      if (!same) writeSessionFacts(database, { 'session.person': now })
      listeners.onSessionChanged()
    },
    onSessionExpired() {
      if (needsPassword) return
      needsPassword = true
      listeners.onSessionChanged()
    },
    ...(options.syncPeriodMilliseconds === undefined ? {} : { periodMilliseconds: options.syncPeriodMilliseconds }),
  })
  const files = createWorkspaceFiles({ vault, database, engine, clock })
  vault.sweep(stalePartMilliseconds).catch(() => log.warn('vault.not_swept'))
  return ok({
    folder,
    database,
    vault,
    files,
    cloud,
    engine,
    profile,
    deviceId,
    deviceName: options.deviceName,
    programVersion: options.programVersion,
    protection: key.protection,
    person: () => person,
    needsPassword: () => needsPassword,
    renewed() {
      needsPassword = false
      engine.sessionRenewed()
    },
    clockOffsetMilliseconds: () => engine.state().clockOffsetMilliseconds,
    async close() {
      await engine.stop()
      closed = true
      database.close()
    },
  })
}

/** A token that is renewed just while the workspace closes has nowhere to go but memory. */
function closableStore(store: TokenStore, isClosed: () => boolean): TokenStore {
  const afterwards = memoryTokenStore()
  return {
    read: () => (isClosed() ? afterwards.read() : store.read()),
    write: (value) => (isClosed() ? afterwards.write(value) : store.write(value)),
  }
}
