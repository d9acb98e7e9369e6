import { existsSync, renameSync } from 'node:fs'
import { hostname } from 'node:os'
import type { RequestOf } from '../../shared/contract/channels.ts'
import type { CloudProfile, CloudTest, SessionState } from '../../shared/contract/views.ts'
import { type AppError, fail, ok, type Result } from '../../shared/result.ts'
import { protocolVersion, schemaVersion } from '../../shared/wire/sync.ts'
import { createCloudClient } from '../cloud/cloud-client.ts'
import { memoryTokenStore } from '../cloud/tokens.ts'
import { outboxCounts } from '../outbox/list-outbox.ts'
import type { Clock } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import { readEnvironment } from './environment.ts'
import { type OpenWorkspace, openWorkspace, type WorkspaceListeners } from './open-workspace.ts'
import { keyProblem, readOrganizationFile } from './organization-file.ts'
import type { AsyncSecretStore } from './secret-store.ts'
import { personOf } from './workspace-facts.ts'
import { type WorkspaceFolder, workspaceFolder, workspaceName } from './workspace-folder.ts'
import { makeWorkspaceKey, openWorkspaceKey, protectionOf, type WorkspaceKey } from './workspace-key.ts'
import { readWorkstationFile, type WorkstationMemory, writeWorkstationFile } from './workstation-file.ts'

/** This computer: who is at the desk, and which workspace is open. */
export interface Workstation {
  /** Opens the last workspace, without the network. To be called once, first. */
  readonly start: () => Promise<void>
  /** The open workspace, or null. */
  readonly current: () => OpenWorkspace | null
  readonly state: () => SessionState
  readonly testCloud: (input: RequestOf<'session.testCloud'>) => Promise<Result<CloudTest>>
  readonly readOrganizationFile: (input: RequestOf<'session.readOrganizationFile'>) => Result<CloudProfile>
  /** `wrong_password`, `account_*`, `cloud_*`, `locked`, `wrong_passphrase`, `key_lost`, `database_*`; `blocked` while another person's unsent work is open. */
  readonly signIn: (input: RequestOf<'session.signIn'>) => Promise<Result<SessionState>>
  /** `wrong_passphrase`, `key_lost`, `database_*`. */
  readonly unlock: (input: RequestOf<'session.unlock'>) => Promise<Result<SessionState>>
  /** `wrong_password`, `account_*`, `cloud_*`. */
  readonly renew: (input: RequestOf<'session.renew'>) => Promise<Result<SessionState>>
  /** `blocked` while something unsent is here. */
  readonly signOut: (input: RequestOf<'session.signOut'>) => Promise<Result<SessionState>>
  /** Ends synchronization and closes what is open. */
  readonly close: () => Promise<void>
}

/** What the workstation is made of. */
export interface WorkstationOptions {
  readonly userDataDirectory: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly secrets: AsyncSecretStore
  readonly clock: Clock
  readonly log: Log
  readonly programVersion: string
  /** Person, workspace or need of a password changed. */
  readonly onSessionChanged: (state: SessionState) => void
  readonly onSyncState: WorkspaceListeners['onSyncState']
  readonly onBatchesChanged: WorkspaceListeners['onBatchesChanged']
  readonly fetch?: typeof globalThis.fetch
  readonly syncPeriodMilliseconds?: number
}

const notSignedIn = () => fail('not_signed_in', 'Nobody is signed in.', 'Sign in first.')

/** Makes the workstation. Nothing is opened until `start`. */
export function createWorkstation(options: WorkstationOptions): Workstation {
  const { userDataDirectory, clock, log, secrets } = options
  const environment = readEnvironment(options.environment, log)
  let memory = readWorkstationFile(userDataDirectory)
  let workspace: OpenWorkspace | null = null
  let locked: { readonly email: string; readonly cloudName: string } | null = null
  let notice: AppError | null = null
  let keychainAvailable = false

  const remember = (change: Partial<WorkstationMemory>) => {
    memory = { ...memory, ...change }
    writeWorkstationFile(userDataDirectory, memory)
  }

  /** The clouds to choose from: the managed one alone where there is one. */
  const clouds = (): readonly CloudProfile[] => {
    if (environment.managed !== null) return [environment.managed]
    const offered = environment.offered
    return [
      ...offered,
      ...memory.clouds.filter(
        ({ url, source }) => source !== 'demo' && source !== 'managed' && !offered.some((one) => one.url === url),
      ),
    ]
  }

  /** The demo cloud and a managed one are wherever the environment says they are now. */
  const profileNow = (kept: CloudProfile): CloudProfile => {
    if (kept.source === 'managed') return environment.managed ?? kept
    if (kept.source === 'demo') return environment.offered.find(({ source }) => source === 'demo') ?? kept
    return kept
  }

  const state = (): SessionState => {
    if (workspace !== null)
      return {
        kind: 'signed_in',
        person: workspace.person(),
        cloud: workspace.profile,
        deviceId: memory.deviceId,
        needsPassword: workspace.needsPassword(),
        protection: workspace.protection,
      }
    if (locked !== null) return { kind: 'locked', ...locked }
    return {
      kind: 'signed_out',
      clouds: clouds(),
      lastCloudUrl: memory.lastCloudUrl,
      lastEmail: memory.lastEmail,
      demoPeople: environment.demoPeople,
      notice: notice === null ? null : { code: notice.code, message: notice.message, action: notice.action ?? null },
      keychainAvailable,
    }
  }
  const announce = (): Result<SessionState> => {
    const now = state()
    options.onSessionChanged(now)
    return ok(now)
  }

  const open = (
    folder: WorkspaceFolder,
    key: WorkspaceKey,
    signedIn: Parameters<typeof openWorkspace>[0]['signedIn'],
  ): Result<OpenWorkspace | null> =>
    openWorkspace({
      folder,
      key,
      clock,
      log,
      deviceId: memory.deviceId,
      deviceName: hostname(),
      programVersion: options.programVersion,
      signedIn,
      profileNow,
      listeners: {
        onSyncState: options.onSyncState,
        onBatchesChanged: options.onBatchesChanged,
        onSessionChanged: () => {
          if (workspace !== null) options.onSessionChanged(state())
        },
      },
      ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
      ...(options.syncPeriodMilliseconds === undefined
        ? {}
        : { syncPeriodMilliseconds: options.syncPeriodMilliseconds }),
    })

  const enter = (opened: OpenWorkspace) => {
    workspace = opened
    locked = null
    notice = null
    opened.engine.start()
  }

  const closeCurrent = async () => {
    const closing = workspace
    workspace = null
    await closing?.close()
  }

  /** Opens the last workspace with its key. What keeps it from opening is said on the sign-in screen, with nothing deleted. */
  const reopen = async (passphrase: string | null): Promise<Result<SessionState>> => {
    const last = memory.lastWorkspace
    if (last === null) return notSignedIn()
    const folder = workspaceFolder(userDataDirectory, last.folder)
    const key = await openWorkspaceKey(folder.key, secrets, passphrase)
    if (!key.ok) return key
    const opened = open(folder, key.value, null)
    if (!opened.ok) return opened
    if (opened.value === null) return notSignedIn()
    enter(opened.value)
    return announce()
  }

  /** The key of a workspace, new or known. One that the keychain gave away for good makes room, kept beside, and says so. */
  const keyFor = async (folder: WorkspaceFolder, passphrase: string | null): Promise<Result<WorkspaceKey>> => {
    if (!existsSync(folder.key) && !existsSync(folder.database))
      return makeWorkspaceKey(folder.key, secrets, passphrase)
    const key = existsSync(folder.key)
      ? await openWorkspaceKey(folder.key, secrets, passphrase)
      : fail('key_lost', 'The file with the key of the local data is gone.')
    if (key.ok || key.error.code !== 'key_lost') return key
    const aside = `${folder.directory}.locked-${clock.now().replaceAll(/[:.]/g, '-')}`
    renameSync(folder.directory, aside)
    log.error('workspace.key_lost')
    return fail(
      'key_lost',
      `${key.error.message} The data is kept in ${aside}; without its key nobody can read it.`,
      'Sign in again: everything that the cloud holds is fetched anew. What was not sent is only in that folder.',
    )
  }

  return {
    async start() {
      keychainAvailable = await secrets.available()
      const last = memory.lastWorkspace
      if (last === null) return
      const folder = workspaceFolder(userDataDirectory, last.folder)
      if (!existsSync(folder.key)) {
        remember({ lastWorkspace: null })
        return
      }
      if (protectionOf(folder.key) === 'passphrase') {
        locked = { email: last.email, cloudName: last.cloud.name }
        return
      }
      const opened = await reopen(null)
      if (!opened.ok) {
        notice = opened.error
        log.error('workspace.not_opened', { code: opened.error.code })
      }
    },
    current: () => workspace,
    state,
    async testCloud({ cloud }) {
      const problem = keyProblem(cloud.publishableKey)
      if (problem !== null) return problem
      return ok(await clientOf(options, cloud, memoryTokenStore()).testConnection())
    },
    readOrganizationFile: ({ text }) => readOrganizationFile(text),
    async signIn({ cloud: asked, email, password, passphrase }) {
      const profile = environment.managed ?? asked
      const problem = keyProblem(profile.publishableKey)
      if (problem !== null) return problem
      const tokens = memoryTokenStore()
      const cloud = clientOf(options, profile, tokens)
      const signedIn = await cloud.signIn(email, password)
      if (!signedIn.ok) return signedIn
      // The password alone opens nothing: the cloud says whether this person is let in.
      const handshake = await cloud.handshake({
        protocol_version: protocolVersion,
        schema_version: schemaVersion,
        device_id: memory.deviceId,
        device_name: hostname().slice(0, 200),
        program_version: options.programVersion,
      })
      if (!handshake.ok) return handshake
      const person = personOf(handshake.value)
      const folder = workspaceFolder(userDataDirectory, workspaceName(profile, person.id))
      // Somebody else is at the desk still: their work is not to wait unnoticed behind another person's.
      if (workspace !== null && workspace.folder.name !== folder.name && unsentOf(workspace) > 0)
        return blockedByUnsent(unsentOf(workspace))
      const key = await keyFor(folder, passphrase)
      if (!key.ok) return key
      await closeCurrent()
      const opened = open(folder, key.value, { person, profile, tokens })
      if (!opened.ok) {
        announce()
        return opened
      }
      if (opened.value === null) throw new Error('A workspace that was signed in to has a person')
      remember({
        clouds: [profile, ...memory.clouds.filter(({ url }) => url !== profile.url)].slice(0, 20),
        lastWorkspace: { folder: folder.name, email: person.email, cloud: profile },
        lastCloudUrl: profile.url,
        lastEmail: person.email,
      })
      enter(opened.value)
      return announce()
    },
    async unlock({ passphrase }) {
      if (locked === null) return workspace === null ? notSignedIn() : ok(state())
      const opened = await reopen(passphrase)
      if (opened.ok || opened.error.code === 'wrong_passphrase' || opened.error.code === 'database_locked')
        return opened
      // It does not open with the right passphrase either: the sign-in screen says why.
      locked = null
      notice = opened.error
      announce()
      return opened
    },
    async renew({ password }) {
      const open = workspace
      if (open === null) return notSignedIn()
      const renewed = await open.cloud.signIn(open.person().email, password)
      if (!renewed.ok) return renewed
      open.renewed()
      return announce()
    },
    async signOut({ keepUnsent }) {
      if (workspace === null) {
        locked = null
        remember({ lastWorkspace: null })
        return announce()
      }
      const unsent = unsentOf(workspace)
      if (unsent > 0 && !keepUnsent) return blockedByUnsent(unsent)
      const { cloud } = workspace
      await workspace.engine.stop()
      cloud.signOut()
      await closeCurrent()
      notice = null
      remember({ lastWorkspace: null })
      return announce()
    },
    close: closeCurrent,
  }
}

const blockedByUnsent = (unsent: number) =>
  fail(
    'blocked',
    unsent === 1 ? 'One change has not been sent.' : `${unsent} changes have not been sent.`,
    'Send them first, or sign out and leave them here, encrypted, until you sign in again.',
    { unsent },
  )

const clientOf = (options: WorkstationOptions, profile: CloudProfile, tokens: ReturnType<typeof memoryTokenStore>) =>
  createCloudClient({
    url: profile.url,
    publishableKey: profile.publishableKey,
    clock: options.clock,
    tokens,
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
  })

/** Changes and files of which the cloud does not know yet, or which it did not take. */
function unsentOf({ database }: OpenWorkspace): number {
  const counts = outboxCounts(database.read)
  const files = database.read.first(
    database.build
      .selectFrom('upload')
      .select((select) => select.fn.countAll<number>().as('files'))
      .where('state', 'in', ['ready', 'sending']),
  )
  const { held, queued, sending, conflict, rejected, waiting } = counts
  return held + queued + sending + conflict + rejected + waiting + (files?.files ?? 0)
}
