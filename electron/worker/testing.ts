import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import type { ChannelName, EventName } from '../../shared/contract/channel-names.ts'
import type { RequestOf, ResponseOf } from '../../shared/contract/channels.ts'
import type { CloudProfile } from '../../shared/contract/views.ts'
import type { Person } from '../../shared/domain/person.ts'
import type { Result } from '../../shared/result.ts'
import { loadCertificateFonts } from '../certificates/document/certificate-fonts.ts'
import { memoryTokenStore } from '../cloud/tokens.ts'
import { type FixtureOptions, insertFixture, people } from '../database/testing.ts'
import { systemClock } from '../platform/clock.ts'
import { createHostileReader } from '../platform/hostile/hostile-reader.ts'
import { type Log, silentLog } from '../platform/log.ts'
import { type OpenWorkspace, openWorkspace } from '../workspace/open-workspace.ts'
import type { AsyncSecretStore } from '../workspace/secret-store.ts'
import { workspaceFolder, workspaceName } from '../workspace/workspace-folder.ts'
import { makeWorkspaceKey } from '../workspace/workspace-key.ts'
import { createWorkstation } from '../workspace/workstation.ts'
import { readWorkstationFile, writeWorkstationFile } from '../workspace/workstation-file.ts'
import { answerChannel, createChannelHandlers } from './channel-handlers.ts'
import { createOpenFiles, type OpenFiles } from './open-files.ts'
import { connectPort, type Services } from './port-rpc.ts'
import type { MainServices } from './services.ts'

/** A cloud that nobody answers for. */
const profile: CloudProfile = {
  name: 'Nowhere',
  url: 'http://127.0.0.1:9',
  publishableKey: 'sb_publishable_test',
  source: 'entered',
}

/** A keychain that belongs to whoever runs the tests. */
export const testSecrets: AsyncSecretStore = {
  available: async () => true,
  encrypt: async (text) => Buffer.from(`sealed ${text}`),
  decrypt: async (bytes) => Buffer.from(bytes).toString().slice('sealed '.length),
}

const resources = join(import.meta.dirname, '../../resources')

/** Everything that the worker thread is made of, on this thread, with a main process that a test plays. */
export interface TestProgram {
  readonly folder: string
  /** Answers a call as the worker does. */
  readonly call: <Channel extends ChannelName>(
    channel: Channel,
    input: RequestOf<Channel>,
  ) => Promise<Result<ResponseOf<Channel>>>
  /** The open workspace; throws where nobody is signed in. */
  readonly workspace: () => OpenWorkspace
  /** Ends synchronization, so that nothing but the test touches the database. */
  readonly rest: () => Promise<void>
  readonly openFiles: OpenFiles
  /** What the window was told, in order. */
  readonly announced: { readonly event: EventName; readonly payload: unknown }[]
  /** Where the person saves the next file; null: the person cancels. */
  saveTo: string | null
  /** Names that were offered for files to save. */
  readonly offeredNames: string[]
  readonly dispose: () => Promise<void>
}

/** Leaves a workspace behind as an earlier start of the program does: signed in to, with the rows of the fixture. */
export async function leaveWorkspace(folder: string, person: Person, fixture: FixtureOptions): Promise<void> {
  const memory = readWorkstationFile(folder)
  const place = workspaceFolder(folder, workspaceName(profile, person.id))
  const key = await makeWorkspaceKey(place.key, testSecrets, null)
  if (!key.ok) throw new Error(key.error.message)
  const opened = openWorkspace({
    folder: place,
    key: key.value,
    clock: systemClock,
    log: silentLog,
    deviceId: memory.deviceId,
    deviceName: 'test',
    programVersion: '0.0.0',
    signedIn: { person, profile, tokens: memoryTokenStore() },
    profileNow: (kept) => kept,
    listeners: { onSyncState: () => {}, onBatchesChanged: () => {}, onSessionChanged: () => {} },
  })
  if (!opened.ok || opened.value === null) throw new Error('The workspace was not opened')
  opened.value.database.write((handle) => insertFixture(handle, fixture), 'normal')
  await opened.value.close()
  const lastWorkspace = { folder: place.name, email: person.email, cloud: profile }
  writeWorkstationFile(folder, { ...memory, lastWorkspace })
}

/** Starts the parts of the worker: with a workspace that opens by itself, or without one. The caller disposes of them. */
export async function openTestProgram({
  person = people.auditor,
  fixture = null,
  log = silentLog,
}: {
  readonly person?: Person
  /** Null: nobody is signed in. */
  readonly fixture?: FixtureOptions | null
  readonly log?: Log
} = {}): Promise<TestProgram> {
  const folder = mkdtempSync(join(tmpdir(), 'veridesk-worker-'))
  if (fixture !== null) await leaveWorkspace(folder, person, fixture)
  const announced: { event: EventName; payload: unknown }[] = []
  const announce = (event: EventName, payload: unknown): void => {
    announced.push({ event, payload })
  }
  const workstation = createWorkstation({
    userDataDirectory: folder,
    environment: {},
    secrets: testSecrets,
    clock: systemClock,
    log,
    programVersion: '0.0.0',
    onSessionChanged: (state) => announce('session.changed', state),
    onSyncState: (state) => announce('sync.changed', state),
    onBatchesChanged: (batchIds) => announce('batches.changed', { batchIds }),
  })
  const { port1, port2 } = new MessageChannel()
  const openFiles = createOpenFiles()
  const fontsDirectory = join(resources, 'fonts')
  connectPort<MainServices, Services>(port2, {
    secretAvailable: testSecrets.available,
    encryptSecret: ({ text }) => testSecrets.encrypt(text),
    decryptSecret: ({ bytes }) => testSecrets.decrypt(bytes),
    resolveProxy: async () => 'DIRECT',
    chooseSavePath: async ({ fileName }) => {
      program.offeredNames.push(fileName)
      return program.saveTo
    },
    applyTheme: async () => null,
    announce: async () => null,
  })
  const hostileChildPath = join(import.meta.dirname, 'hostile-child.ts')
  const handlers = createChannelHandlers({
    data: {
      userDataDirectory: folder,
      resourcesDirectory: resources,
      hostileChildPath,
      appVersion: '0.0.0',
      host: 'test',
      environment: {},
    },
    main: connectPort<Services, MainServices>(port1, {}).call,
    log,
    workstation,
    openFiles,
    hostileReader: createHostileReader({ childPath: hostileChildPath }),
    fonts: () => loadCertificateFonts(fontsDirectory),
    fontsDirectory,
    announce,
  })
  await workstation.start()
  const workspace = (): OpenWorkspace => {
    const open = workstation.current()
    if (open === null) throw new Error('Nobody is signed in')
    return open
  }
  const program: TestProgram = {
    folder,
    call: (channel, input) => answerChannel(handlers, log, { channel, input }) as never,
    workspace,
    rest: async () => {
      workspace().engine.setOffline(true)
      await workspace().engine.settled()
    },
    openFiles,
    announced,
    saveTo: null,
    offeredNames: [],
    dispose: async () => {
      await workstation.close()
      port1.close()
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
  return program
}

/** Overwrites an open database from behind the roots of its tables on: whoever asks for many rows meets the damage. */
export function damageDatabase(path: string): void {
  const start = 640 * 1024
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.alloc(statSync(path).size - start, 0xa5), 0, undefined, start)
  closeSync(file)
}
