import { spawn } from 'node:child_process'
import type * as Electron from 'electron'
import { browserEnded, browserReady, closeBrowser, isHeaded } from './browser.ts'
import { HostEmitter, hostEvent } from './host-emitter.ts'
import { launchOptions, switchValue } from './launch-options.ts'
import { lifecycle } from './lifecycle.ts'
import { Paths } from './paths.ts'
import { refuseAllPermissions } from './permissions.ts'
import { refuseDownloads } from './session.ts'
import { SingleInstance } from './single-instance.ts'
import { refuseMissing, refuseMissingMembers } from './unsupported.ts'
import { BrowserWindow } from './windows/browser-window.ts'

type Implemented =
  | 'enableSandbox'
  | 'exit'
  | 'focus'
  | 'getAppPath'
  | 'getLocale'
  | 'getName'
  | 'getSystemLocale'
  | 'getVersion'
  | 'hasSingleInstanceLock'
  | 'isPackaged'
  | 'isReady'
  | 'name'
  | 'quit'
  | 'relaunch'
  | 'releaseSingleInstanceLock'
  | 'requestSingleInstanceLock'
  | 'setName'
  | 'setPath'
  | 'whenReady'

const events = [
  'before-quit',
  'browser-window-created',
  'quit',
  'ready',
  'second-instance',
  'web-contents-created',
  'will-quit',
  'window-all-closed',
  // Of macOS, of a desktop that opens files by the program, of processes and dialogs that this host does not have.
  'activate',
  'certificate-error',
  'child-process-gone',
  'login',
  'open-file',
  'open-url',
  'select-client-certificate',
]

const commandLine = refuseMissing('app.commandLine', {
  hasSwitch: (name: string): boolean => switchValue(launchOptions.switches, name) !== undefined,
  getSwitchValue: (name: string): string => switchValue(launchOptions.switches, name) ?? '',
})

class App extends HostEmitter implements Pick<Electron.App, Implemented> {
  name = launchOptions.name
  readonly isPackaged = false
  readonly commandLine = commandLine
  /** Electron has a dock on macOS alone. */
  readonly dock = undefined
  readonly #paths = new Paths(process.env)
  readonly #instance = new SingleInstance()
  readonly #arguments = process.argv.slice(2)
  readonly #ready: Promise<void>
  #isReady = false
  #isQuitting = false
  #hasEnded = false

  constructor() {
    super('app', events)
    this.#ready = Promise.all([browserReady, refuseAllPermissions(), refuseDownloads()]).then(() => {
      this.#isReady = true
      this.emit('ready', hostEvent({}), {})
    })
    this.#ready.catch(() => {})
    void browserEnded.then(() => this.#browserEnded())
    lifecycle.on('window-created', (window) => this.emit('browser-window-created', hostEvent({}), window))
    lifecycle.on('contents-created', (contents) => this.emit('web-contents-created', hostEvent({}), contents))
    lifecycle.on('all-windows-closed', () => {
      if (this.#isQuitting) return
      if (this.listenerCount('window-all-closed') > 0) this.emit('window-all-closed')
      else this.quit()
    })
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => this.quit())
    process.on('exit', () => this.#instance.release())
  }

  whenReady(): Promise<void> {
    return this.#ready
  }

  isReady(): boolean {
    return this.#isReady
  }

  getName(): string {
    return this.name
  }

  setName(name: string): void {
    this.name = name
  }

  getVersion(): string {
    return launchOptions.version
  }

  getAppPath(): string {
    return launchOptions.appPath
  }

  getLocale(): string {
    return 'en-US'
  }

  getSystemLocale(): string {
    return new Intl.DateTimeFormat().resolvedOptions().locale
  }

  getPath(name: string): string {
    return this.#paths.get(name, this.name)
  }

  setPath(name: string, path: string): void {
    this.#paths.set(name, path)
  }

  /** Every window here is sandboxed in any case. */
  enableSandbox(): void {}

  focus(): void {
    BrowserWindow.getAllWindows()[0]?.focus()
  }

  requestSingleInstanceLock(data?: Record<string, unknown>): boolean {
    const start = { argv: process.argv, workingDirectory: process.cwd(), data: data ?? null }
    return this.#instance.request(this.getPath('userData'), start, (second) => {
      this.emit('second-instance', hostEvent({}), second.argv, second.workingDirectory, second.data)
    })
  }

  hasSingleInstanceLock(): boolean {
    return this.#instance.isHeld
  }

  releaseSingleInstanceLock(): void {
    this.#instance.release()
  }

  /** Starts the program again when this process has ended. */
  relaunch(options: { readonly args?: string[]; readonly execPath?: string } = {}): void {
    process.on('exit', () => {
      const command = options.args ?? this.#arguments
      const [node, host] = [process.execPath, new URL('./main.ts', import.meta.url).pathname]
      if (options.execPath) spawn(options.execPath, command, { detached: true, stdio: 'ignore' }).unref()
      else spawn(node, [host, ...command], { detached: true, stdio: 'ignore' }).unref()
    })
  }

  quit(): void {
    if (this.#isQuitting) return
    const event = hostEvent({})
    this.emit('before-quit', event)
    if (event.defaultPrevented) return
    this.#isQuitting = true
    void this.#closeAllAndEnd()
  }

  exit(code = 0): void {
    this.#hasEnded = true
    process.exit(code)
  }

  async #closeAllAndEnd(): Promise<void> {
    for (const window of BrowserWindow.getAllWindows())
      if (!(await window.tryToClose())) {
        this.#isQuitting = false
        return
      }
    const event = hostEvent({})
    this.emit('will-quit', event)
    if (event.defaultPrevented) {
      this.#isQuitting = false
      return
    }
    await this.#end(0)
  }

  async #end(code: number): Promise<void> {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.emit('quit', hostEvent({}), code)
    await this.#instance.told
    await closeBrowser()
    process.exit(code)
  }

  async #browserEnded(): Promise<void> {
    if (this.#hasEnded) return
    // In a headed window the person closed the last window; without a screen nobody can, so something went wrong.
    for (const window of BrowserWindow.getAllWindows()) await window.webContents.page.destroy()
    await this.#end(isHeaded || this.#isQuitting ? 0 : 1)
  }
}
refuseMissingMembers('app', App)

/** Stands for Electron's `app`. */
export const app = new App()
