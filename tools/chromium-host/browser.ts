import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { chromiumMissing, findChromium } from './chromium-binary.ts'
import { DevToolsConnection } from './devtools.ts'
import { launchOptions, switchValue } from './launch-options.ts'
import { createProfile, sweepProfiles } from './profile.ts'

/** Whether windows are on a screen. `VERIDESK_HEADLESS=1` keeps them off it. */
export const isHeaded =
  (process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)) &&
  process.env.VERIDESK_HEADLESS !== '1'

const blank = `data:text/html,<title>${encodeURIComponent(launchOptions.name)}</title>`
const initialSize = { width: 1280, height: 800 }

const binary = findChromium(process.env)
if (binary === null) {
  console.error(chromiumMissing(process.env))
  process.exit(1)
}

sweepProfiles()
const profile = createProfile()

// Chromium refuses to sandbox for root. Electron's own `--no-sandbox` is honored for that case alone.
const common = [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--test-type', `--user-data-dir=${profile.path}`]
const port = switchValue(launchOptions.switches, 'remote-debugging-port')

const flags = [
  ...common,
  ...(isHeaded ? [`--app=${blank}`, '--ozone-platform-hint=auto'] : ['--headless=new', 'about:blank']),
  ...(port === undefined ? [] : [`--remote-debugging-port=${port}`]),
  '--remote-debugging-pipe',
  `--window-size=${initialSize.width},${initialSize.height}`,
  // Pages reach this program, and a development server on this machine; no name resolves.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1',
  // The last four would load pages of Chromium's own address bar, which these windows do not have.
  '--disable-features=Translate,MediaRouter,OptimizationHints,AimEnabled,PreconnectToSearch,LensOverlay,PaintHolding,WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup,PreloadTopChromeWebUI',
  '--password-store=basic',
  '--use-mock-keychain',
  '--force-color-profile=srgb',
  '--disable-gpu',
  '--disable-quic',
  '--disable-sync',
  '--disable-breakpad',
  '--disable-extensions',
  '--disable-default-apps',
  '--disable-dev-shm-usage',
  '--disable-component-update',
  '--disable-search-engine-choice-screen',
  '--disable-background-networking',
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
  '--disable-back-forward-cache',
  '--no-first-run',
  '--no-default-browser-check',
]

const child: ChildProcess = spawn(binary, flags, { stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'] })
const [, , errors, commands, answers] = child.stdio as unknown as [null, null, Readable, Writable, Readable]

/** The running browser. */
export const connection = new DevToolsConnection(answers, commands)

let lastLine = ''
/** What Chromium said until it was ready: shown when it ends before that. */
let firstWords: string[] | null = []
errors.on('data', (data: Buffer) => {
  const lines = (lastLine + data.toString('utf8')).split('\n')
  lastLine = lines.pop() ?? ''
  firstWords?.push(...lines)
  // Playwright waits for the address on our own standard error.
  for (const line of lines)
    if (line.startsWith('DevTools listening on') || process.env.VERIDESK_HOST_DEBUG) process.stderr.write(`${line}\n`)
})

const hasEnded = () => child.exitCode !== null || child.signalCode !== null

/** Resolves when the browser's process has ended, by itself or by a signal. */
export const browserEnded: Promise<void> = new Promise((resolve) => {
  child.on('error', (error) => {
    console.error(`Chromium host: ${binary} could not be started: ${error.message}`)
    resolve()
  })
  child.on('exit', () => resolve())
})
void browserEnded.then(() => {
  if (firstWords !== null) {
    console.error(`Chromium host: ${binary} ended before it was ready.\n${firstWords.slice(-15).join('\n')}`)
    process.exit(1)
  }
  connection.close()
})

process.on('exit', () => {
  if (!hasEnded()) child.kill('SIGKILL')
  profile.remove()
})

/** Ends the browser: asks first, then insists. */
export async function closeBrowser(): Promise<void> {
  if (hasEnded()) return
  await Promise.race([connection.send('Browser.close').catch(() => {}), wait(500)])
  if (!hasEnded()) await Promise.race([once(child, 'exit'), wait(2_000)])
}

let firstPageIsFree = true
const firstPage: Promise<string> = new Promise((resolve) => {
  connection.on('Target.targetCreated', ({ targetInfo }) => {
    if (targetInfo.type === 'page' && !targetInfo.openerId) resolve(targetInfo.targetId)
  })
})
const started = connection.send('Target.setDiscoverTargets', { discover: true, filter: [{ type: 'page' }] })
void started.catch(() => {})

/** Resolves when the browser answers and has its first, empty page. */
export const browserReady: Promise<void> = started
  .then(() => firstPage)
  .then(() => {
    firstWords = null
  })
void browserReady.catch(() => {})

let opening: Promise<unknown> = Promise.resolve()

/** Gives an empty page in a window of its own: the browser's first one, then new ones. Resolves to the target's id. */
export function openPage(): Promise<string> {
  // One after the other: the browser does not say which start a new window belongs to.
  const opened = opening.then(openNextPage)
  opening = opened.catch(() => {})
  return opened
}

async function openNextPage(): Promise<string> {
  if (firstPageIsFree) {
    firstPageIsFree = false
    await browserReady
    return firstPage
  }
  if (!isHeaded) return (await connection.send('Target.createTarget', { url: 'about:blank', newWindow: true })).targetId
  // Target.createTarget gives a window with tabs; a second start on the same profile is handed to the running browser.
  const opened = new Promise<string>((resolve) => {
    connection.on('Target.targetCreated', ({ targetInfo }) => {
      if (targetInfo.type === 'page' && !targetInfo.openerId) resolve(targetInfo.targetId)
    })
  })
  spawn(binary as string, [...common, `--app=${blank}`], { stdio: 'ignore' }).unref()
  return opened
}
