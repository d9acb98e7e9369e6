import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import type { CertificateFonts } from '../certificates/document/certificate-fonts.ts'
import { createProxiedNetwork } from '../cloud/network-proxy.ts'
import { storageFailure } from '../database/storage-error.ts'
import { systemClock } from '../platform/clock.ts'
import { createHostileReader } from '../platform/hostile/hostile-reader.ts'
import { openFileLog } from '../platform/log.ts'
import { createWorkstation } from '../workspace/workstation.ts'
import { answerChannel, createChannelHandlers } from './channel-handlers.ts'
import { createOpenFiles } from './open-files.ts'
import { connectPort } from './port-rpc.ts'
import type { MainServices, WorkerData, WorkerServices } from './services.ts'

/* The composition root of the database thread: the only thread that writes, and the only one that talks to the cloud. */

if (parentPort === null) throw new Error('This is the entry of a worker thread')
const data = workerData as WorkerData
const log = openFileLog({ path: join(data.userDataDirectory, 'logs', 'worker.log'), clock: systemClock })
const fontsDirectory = join(data.resourcesDirectory, 'fonts')
let fonts: Promise<CertificateFonts> | null = null

const services: WorkerServices = {
  channel: async (call) => {
    await started
    return answerChannel(handlers, log, call)
  },
  describeFile: async ({ token }) => openFiles.describe(token),
  readFile: ({ token, start, end }) => openFiles.read(token, start, end),
  woke: async () => {
    workstation.current()?.engine.woke()
    return null
  },
  shutdown: async () => {
    await workstation.close()
    return null
  },
}

const { call: main } = connectPort<WorkerServices, MainServices>(parentPort, services)
const openFiles = createOpenFiles()
const announce: Parameters<typeof createChannelHandlers>[0]['announce'] = (event, payload) => {
  void main('announce', { event, payload })
}
const network = createProxiedNetwork({
  environment: data.environment,
  resolveProxy: (url) => main('resolveProxy', { url }),
  clock: systemClock,
  log,
})
const workstation = createWorkstation({
  userDataDirectory: data.userDataDirectory,
  environment: data.environment,
  secrets: {
    available: () => main('secretAvailable', null),
    encrypt: (text) => main('encryptSecret', { text }),
    decrypt: (bytes) => main('decryptSecret', { bytes }),
  },
  clock: systemClock,
  log,
  programVersion: data.appVersion,
  fetch: network.fetch,
  onSessionChanged: (state) => announce('session.changed', state),
  onSyncState: (state) => announce('sync.changed', state),
  onBatchesChanged: (batchIds) => announce('batches.changed', { batchIds }),
})
const handlers = createChannelHandlers({
  data,
  main,
  log,
  workstation,
  openFiles,
  hostileReader: createHostileReader({ childPath: data.hostileChildPath }),
  fonts: () => {
    fonts ??= import('./documents.ts').then(({ loadCertificateFonts }) => loadCertificateFonts(fontsDirectory))
    return fonts
  },
  fontsDirectory,
  announce,
})
const started = workstation.start()

// Work beside the calls may meet the same: it must not end the thread, which still has to tell the person.
process.on('unhandledRejection', (error) => {
  const failure = storageFailure(error)
  if (failure === null) throw error
  log.error('database.failed', { channel: null, code: failure.code })
})
