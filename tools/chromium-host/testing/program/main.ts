import { join } from 'node:path'
import { app, BrowserWindow, ipcMain, nativeTheme, protocol, session } from 'electron'
import { z } from 'zod'
import { registerChannels } from '../../../../electron/ipc/register-channels.ts'
import {
  bundleEntry,
  bundleOrigin,
  bundleScheme,
  createBundleHandler,
  type EvidenceRequest,
} from '../../../../electron/shell/bundle-protocol.ts'
import { applySecurity } from '../../../../electron/shell/security.ts'
import { createWindow } from '../../../../electron/shell/window.ts'
import type { WindowBounds } from '../../../../electron/shell/window-bounds.ts'
import { ok } from '../../../../shared/result.ts'

/** What happened, for the tests to read in the main process. */
const happenings: unknown[] = []
/** Calls a test makes in the main process. */
Object.assign(globalThis, { happenings })

const note = (level: string) => (event: string, fields?: object) => void happenings.push({ level, event, ...fields })
const log = { info: note('info'), warn: note('warn'), error: note('error') }

const evidenceSize = 3_000_000
const evidence = Uint8Array.from({ length: evidenceSize }, (_, index) => index % 251)

const resolveEvidence = async ({ token, range }: EvidenceRequest) => {
  if (token !== 'sample') return { status: 404 as const, headers: { 'content-type': 'text/plain' }, body: null }
  const headers = { 'content-type': 'application/pdf', 'content-disposition': 'inline; filename="ticket.pdf"' }
  if (!range) return { status: 200 as const, headers, body: evidence }
  if (range.start >= evidenceSize)
    return { status: 416 as const, headers: { ...headers, 'content-range': `bytes */${evidenceSize}` }, body: null }
  const end = Math.min(range.end ?? evidenceSize - 1, evidenceSize - 1)
  return {
    status: 206 as const,
    headers: { ...headers, 'content-range': `bytes ${range.start}-${end}/${evidenceSize}` },
    body: evidence.subarray(range.start, end + 1),
  }
}

const channels = {
  'number.double': { request: z.strictObject({ value: z.int() }) } as {
    readonly request: z.ZodObject<{ value: z.ZodInt }>
    readonly response?: number
  },
  'number.break': { request: z.strictObject({}) } as { readonly request: z.ZodObject; readonly response?: number },
}

app.setPath('userData', process.env.VERIDESK_USER_DATA ?? app.getPath('temp'))
if (!app.requestSingleInstanceLock({ opened: 'second.pdf' })) app.quit()
else {
  app.on('second-instance', (_event, argv, folder, data) => happenings.push({ event: 'second', argv, folder, data }))
  protocol.registerSchemesAsPrivileged([
    bundleScheme,
    { scheme: 'foreign', privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ])
  await app.whenReady()
  applySecurity(app, session.defaultSession, log)
  protocol.handle(
    'app',
    createBundleHandler({ rendererFolder: join(import.meta.dirname, 'renderer'), resolveEvidence }),
  )
  protocol.handle(
    'foreign',
    () => new Response('<title>Foreign</title><div id="root">here</div>', { headers: { 'content-type': 'text/html' } }),
  )
  session.defaultSession.webRequest.onHeadersReceived({ urls: ['app://bundle/style.css'] }, (details, answer) =>
    answer({ responseHeaders: { ...details.responseHeaders, 'x-seen-by': ['main'] } }),
  )
  session.defaultSession.webRequest.onBeforeRequest({ urls: ['app://bundle/forbidden*'] }, (_details, answer) =>
    answer({ cancel: true }),
  )
  ipcMain.handle('echo', (_event, value) => value)
  ipcMain.handle('fail', () => {
    throw new RangeError('the handler failed')
  })
  ipcMain.on('note', (event, value) => {
    happenings.push({ event: 'note', value })
    event.sender.send('noted', value)
  })

  let bounds: WindowBounds | null = null
  const window = createWindow({
    title: 'Host program',
    preload: join(import.meta.dirname, 'preload.cjs'),
    backgroundColor: '#102030',
    store: {
      load: () => bounds,
      save: (saved) => {
        bounds = saved
      },
    },
  })
  registerChannels({
    ipcMain,
    channels,
    handlers: {
      'number.double': async ({ value }) => ok(value * 2),
      'number.break': async () => {
        throw new Error('a secret detail')
      },
    },
    trusted: { contentsId: () => window.webContents.id, origins: [bundleOrigin] },
    log,
    contractVersion: 7,
  })
  window.webContents.on('render-process-gone', (_event, details) =>
    happenings.push({ event: 'gone', reason: details.reason }),
  )
  window.once('show', () => happenings.push({ event: 'shown' }))
  nativeTheme.on('updated', () => happenings.push({ event: 'theme', dark: nativeTheme.shouldUseDarkColors }))
  app.on('window-all-closed', () => app.quit())
  Object.assign(globalThis, { BrowserWindow })
  await window.loadURL(bundleEntry)
}
