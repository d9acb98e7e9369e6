import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  app,
  type BrowserWindow,
  dialog,
  ipcMain,
  nativeTheme,
  powerMonitor,
  protocol,
  safeStorage,
  session,
} from 'electron'
import type { ChannelName } from '../shared/contract/channel-names.ts'
import { channels, contractVersion, type Events } from '../shared/contract/channels.ts'
import { proxyVariables } from './cloud/network-proxy.ts'
import { type Handlers, registerChannels } from './ipc/register-channels.ts'
import { makeSendEvent } from './ipc/send-event.ts'
import { systemClock } from './platform/clock.ts'
import { openFileLog } from './platform/log.ts'
import { boundsFile } from './shell/bounds-file.ts'
import { bundleEntry, bundleOrigin, bundleScheme, createBundleHandler } from './shell/bundle-protocol.ts'
import { applySecurity } from './shell/security.ts'
import { createWindow } from './shell/window.ts'
import { serveOpenFile } from './worker/serve-open-file.ts'
import type { MainServices } from './worker/services.ts'
import { startWorker, type WorkerClient } from './worker/worker-client.ts'

/* The composition root of the main process: everything is wired here, and nothing imports this file. */

/** `--self-test`: looks at every part in an empty folder and an unseen window, prints a report and ends. */
const isSelfTest = process.argv.includes('--self-test')
const userDataDirectory = isSelfTest
  ? mkdtempSync(join(tmpdir(), 'veridesk-self-test-'))
  : (process.env.VERIDESK_USER_DATA ?? app.getPath('userData'))
mkdirSync(userDataDirectory, { recursive: true })
app.setPath('userData', userDataDirectory)
const log = openFileLog({ path: join(userDataDirectory, 'logs', 'veridesk.log'), clock: systemClock })
const outDirectory = join(import.meta.dirname, '..')
const hostileChildPath = join(import.meta.dirname, 'hostile-child.js')
const resourcesDirectory = app.isPackaged
  ? join(process.resourcesPath, 'resources')
  : join(app.getAppPath(), 'resources')
const developmentOrigin = app.isPackaged ? undefined : process.env.ELECTRON_RENDERER_URL

/** Only what is meant for this program, and the proxies of this computer, go on to the database thread. */
const ownEnvironment = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value]) =>
    (name.startsWith('VERIDESK_') || proxyVariables.some((variable) => variable === name)) && value !== undefined
      ? [[name, value]]
      : [],
  ),
)

let window: BrowserWindow | null = null
let worker: WorkerClient | null = null
const sendEvent = makeSendEvent<Events>(() => window?.webContents ?? null)

const services: MainServices = {
  // The basic backend keeps the key beside the data in the open: no protection, so a passphrase is asked for there.
  secretAvailable: async () => safeStorage.isEncryptionAvailable() && !keychainIsPlain(),
  encryptSecret: async ({ text }) => new Uint8Array(safeStorage.encryptString(text)),
  decryptSecret: async ({ bytes }) => safeStorage.decryptString(Buffer.from(bytes)),
  // Waits for Electron, which knows the system's settings: the thread may ask before the window is there.
  resolveProxy: async ({ url }) => {
    await app.whenReady()
    return session.defaultSession.resolveProxy(url)
  },
  chooseSavePath: async ({ fileName, title }) => {
    const options = { title, defaultPath: join(app.getPath('documents'), fileName) }
    const answer = window === null ? await dialog.showSaveDialog(options) : await dialog.showSaveDialog(window, options)
    return answer.canceled || answer.filePath === '' ? null : answer.filePath
  },
  applyTheme: async ({ theme }) => {
    nativeTheme.themeSource = theme
    return null
  },
  announce: async ({ event, payload }) => {
    sendEvent(event, payload as never)
    return null
  },
}

function keychainIsPlain(): boolean {
  return (
    process.platform === 'linux' &&
    safeStorage.getSelectedStorageBackend() === 'basic_text' &&
    process.env.VERIDESK_ALLOW_PLAIN_KEYCHAIN !== '1'
  )
}

/** Opens the window; resolves when its page has been loaded. */
async function openWindow(client: WorkerClient): Promise<BrowserWindow> {
  // The database thread answers every channel; which type goes with which name is checked where it composes its handlers.
  const handlers = Object.fromEntries(
    Object.keys(channels).map((channel) => [
      channel,
      (input: unknown) => client.channel(channel as ChannelName, input),
    ]),
  ) as unknown as Handlers<typeof channels>
  registerChannels({
    ipcMain,
    channels,
    handlers,
    trusted: {
      contentsId: () => window?.webContents.id ?? null,
      origins: developmentOrigin === undefined ? [bundleOrigin] : [bundleOrigin, new URL(developmentOrigin).origin],
    },
    log,
    contractVersion,
  })
  protocol.handle(
    bundleScheme.scheme,
    createBundleHandler({
      rendererFolder: join(outDirectory, 'renderer'),
      resolveEvidence: (request) => serveOpenFile(client, request),
    }),
  )
  const opened = createWindow({
    title: 'Veridesk',
    preload: join(outDirectory, 'preload', 'preload.cjs'),
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#14181D' : '#FFFFFF',
    store: boundsFile(join(userDataDirectory, 'window.json')),
    hidden: isSelfTest,
  })
  window = opened
  opened.on('closed', () => {
    window = null
  })
  await opened.loadURL(developmentOrigin ?? bundleEntry)
  return opened
}

async function runSelfTest(client: WorkerClient, loaded: Promise<BrowserWindow>): Promise<void> {
  const { selfTest } = await import('./shell/self-test.ts')
  const report = await selfTest({
    app,
    window: loaded,
    keychain: safeStorage,
    hostileChildPath,
    folder: userDataDirectory,
    contractVersion,
  })
  await client.shutdown()
  rmSync(userDataDirectory, { recursive: true, force: true, maxRetries: 5 })
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`, () => app.exit(report.ok ? 0 : 1))
}

function workerLost(reason: string): void {
  log.error('worker.lost', { reason })
  // Its report says so, and nobody is there to close a box.
  if (isSelfTest) return
  dialog.showErrorBox(
    'Veridesk has to close',
    'The part that holds your data stopped working. What you saved is safe. Start Veridesk again; if it happens again, send the log file to support.',
  )
  app.exit(1)
}

if (app.requestSingleInstanceLock()) {
  protocol.registerSchemesAsPrivileged([bundleScheme])
  app.on('second-instance', () => {
    if (window?.isMinimized()) window.restore()
    window?.focus()
  })
  app.on('window-all-closed', () => app.quit())
  // Quitting waits until the database thread has put down what it holds.
  let ended = false
  app.on('will-quit', (event) => {
    if (ended || worker === null) return
    event.preventDefault()
    void worker.shutdown().finally(() => {
      ended = true
      app.quit()
    })
  })
  // Before the program is ready: opening the database and starting the browser take their time side by side.
  const client = startWorker(
    join(import.meta.dirname, 'worker.js'),
    {
      userDataDirectory,
      resourcesDirectory,
      hostileChildPath,
      appVersion: app.getVersion(),
      host: process.versions.electron === undefined ? 'Chromium host' : `Electron ${process.versions.electron}`,
      environment: ownEnvironment,
    },
    services,
    workerLost,
  )
  worker = client
  void app.whenReady().then(() => {
    powerMonitor.on('resume', client.woke)
    applySecurity(app, session.defaultSession, log, { developmentOrigin })
    const loaded = openWindow(client)
    if (isSelfTest) void runSelfTest(client, loaded)
  })
} else {
  app.quit()
}
