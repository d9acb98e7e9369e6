import { pathToFileURL } from 'node:url'
import type * as Electron from 'electron'
import { HostEmitter, hostEvent } from '../host-emitter.ts'
import { lifecycle } from '../lifecycle.ts'
import { refuseMissingMembers } from '../unsupported.ts'
import { WebContents } from './web-contents.ts'
import { WindowFrame } from './window-frame.ts'
import { checkWindowOptions, preloadOf } from './window-options.ts'

const events = [
  'blur',
  'close',
  'closed',
  'enter-full-screen',
  'focus',
  'hide',
  'leave-full-screen',
  'maximize',
  'minimize',
  'page-title-updated',
  'ready-to-show',
  'resize',
  'resized',
  'restore',
  'show',
  'unmaximize',
  // Chromium does not say that a window was moved, no page hangs unseen, and no session ends.
  'move',
  'moved',
  'responsive',
  'session-end',
  'unresponsive',
]

const windows = new Map<number, BrowserWindow>()
let focused: BrowserWindow | null = null
let lastId = 0

/** Stands for Electron's `BrowserWindow`: a window of Chromium without tabs, or a headless page. */
export class BrowserWindow extends HostEmitter {
  readonly id = ++lastId
  readonly webContents: WebContents
  readonly #frame: WindowFrame
  #title: string
  #isShown: boolean
  #closing: Promise<boolean> | undefined

  constructor(options: Electron.BrowserWindowConstructorOptions = {}) {
    super('BrowserWindow', events)
    checkWindowOptions(options)
    this.#title = options.title ?? ''
    this.#isShown = options.show ?? true
    this.webContents = new WebContents({ preload: preloadOf(options), backgroundColor: options.backgroundColor })
    this.#frame = new WindowFrame(this.webContents.page, options)
    windows.set(this.id, this)
    this.#follow()
    lifecycle.emit('window-created', this)
  }

  static getAllWindows(): BrowserWindow[] {
    return [...windows.values()]
  }

  static getFocusedWindow(): BrowserWindow | null {
    return focused
  }

  static fromId(id: number): BrowserWindow | null {
    return windows.get(id) ?? null
  }

  static fromWebContents(contents: WebContents): BrowserWindow | null {
    return BrowserWindow.getAllWindows().find((window) => window.webContents === contents) ?? null
  }

  #follow(): void {
    const { page } = this.webContents
    let announced = false
    const readyToShow = () => {
      if (announced) return
      announced = true
      this.emit('ready-to-show', hostEvent({}))
    }
    page.on('painted', readyToShow)
    page.on('loaded', readyToShow)
    page.on('closed', () => this.#closed())
    page.on('message', (message) => {
      if (message.kind !== 'window') return
      if (message.event === 'resize') void this.#frame.refresh().catch(() => {})
      else this.#focusChanged(message.event === 'focus')
    })
    this.webContents.on('page-title-updated', (event: object, title: string, explicit: boolean) => {
      this.#title = title
      this.emit('page-title-updated', event, title, explicit)
    })
    this.#frame.on('resized', () => {
      this.emit('resize', hostEvent({}))
      this.emit('resized', hostEvent({}))
    })
    this.#frame.on('changed', (before, now) => {
      if (now === 'maximized') this.emit('maximize')
      else if (now === 'minimized') this.emit('minimize')
      else if (now === 'fullscreen') this.emit('enter-full-screen')
      else if (before === 'maximized') this.emit('unmaximize')
      else if (before === 'fullscreen') this.emit('leave-full-screen')
      else this.emit('restore')
    })
  }

  #focusChanged(hasFocus: boolean): void {
    if (hasFocus) focused = this
    else if (focused === this) focused = null
    this.emit(hasFocus ? 'focus' : 'blur', hostEvent({}))
  }

  #closed(): void {
    windows.delete(this.id)
    if (focused === this) focused = null
    this.emit('closed')
    if (windows.size === 0) lifecycle.emit('all-windows-closed')
  }

  loadURL(url: string): Promise<void> {
    return this.webContents.loadURL(url)
  }

  loadFile(path: string): Promise<void> {
    return this.webContents.loadURL(pathToFileURL(path).href)
  }

  /** Asks the program, then the page; both may refuse. */
  close(): void {
    void this.tryToClose()
  }

  /** The host's own: closes, and resolves to whether nobody refused. */
  tryToClose(): Promise<boolean> {
    this.#closing ??= this.#askAndClose().finally(() => {
      this.#closing = undefined
    })
    return this.#closing
  }

  async #askAndClose(): Promise<boolean> {
    if (this.isDestroyed()) return true
    // The program may want to remember where the window stands now.
    await this.#frame.settled.catch(() => {})
    await this.#frame.refresh().catch(() => {})
    const event = hostEvent({})
    this.emit('close', event)
    if (event.defaultPrevented) return false
    return this.webContents.page.close()
  }

  destroy(): void {
    void this.webContents.page.destroy()
  }

  isDestroyed(): boolean {
    return this.webContents.isDestroyed()
  }

  show(): void {
    this.showInactive()
    this.focus()
  }

  showInactive(): void {
    if (this.#frame.state === 'minimized') this.#frame.setState('normal')
    if (this.#isShown) return
    this.#isShown = true
    this.emit('show')
  }

  /** Chromium cannot take a window off the screen and keep its page: it is minimized. */
  hide(): void {
    if (!this.#isShown) return
    this.#frame.setState('minimized')
    this.#isShown = false
    this.emit('hide')
  }

  focus(): void {
    this.#frame.focus()
  }

  isFocused(): boolean {
    return focused === this
  }

  isVisible(): boolean {
    return this.#isShown && this.#frame.state !== 'minimized'
  }

  minimize(): void {
    this.#frame.setState('minimized')
  }

  isMinimized(): boolean {
    return this.#frame.state === 'minimized'
  }

  maximize(): void {
    this.#frame.setState('maximized')
  }

  unmaximize(): void {
    this.restore()
  }

  isMaximized(): boolean {
    return this.#frame.state === 'maximized'
  }

  restore(): void {
    this.#frame.setState('normal')
  }

  setFullScreen(on: boolean): void {
    this.#frame.setState(on ? 'fullscreen' : 'normal')
  }

  isFullScreen(): boolean {
    return this.#frame.state === 'fullscreen'
  }

  isNormal(): boolean {
    return this.#frame.state === 'normal'
  }

  getBounds(): Electron.Rectangle {
    return this.#frame.bounds
  }

  getNormalBounds(): Electron.Rectangle {
    return this.#frame.bounds
  }

  setBounds(bounds: Partial<Electron.Rectangle>): void {
    this.#frame.setBounds(bounds)
  }

  getSize(): number[] {
    const { width, height } = this.#frame.bounds
    return [width, height]
  }

  setSize(width: number, height: number): void {
    this.#frame.setBounds({ width, height })
  }

  getPosition(): number[] {
    const { x, y } = this.#frame.bounds
    return [x, y]
  }

  setPosition(x: number, y: number): void {
    this.#frame.setBounds({ x, y })
  }

  getTitle(): string {
    return this.#title
  }

  /** Chromium takes a window's title from its document. */
  setTitle(title: string): void {
    this.#title = title
    void this.webContents.page.evaluate(`document.title = ${JSON.stringify(title)}`).catch(() => {})
  }

  setBackgroundColor(color: string): void {
    const { page } = this.webContents
    void page.ready.then(() => page.setBackgroundColor(color)).catch(() => {})
  }

  /** There is no menu bar to remove. */
  removeMenu(): void {}

  /** @throws Error when it is to be shown: there is none. */
  setMenuBarVisibility(visible: boolean): void {
    if (visible) throw new Error('Chromium host: there is no menu bar to show')
  }
}
refuseMissingMembers('BrowserWindow', BrowserWindow)

/** Stands for Electron's `webContents` module. */
export const webContents = {
  getAllWebContents: (): WebContents[] => BrowserWindow.getAllWindows().map((window) => window.webContents),
  fromId: (id: number): WebContents | undefined => webContents.getAllWebContents().find((entry) => entry.id === id),
  fromDevToolsTargetId: (targetId: string): WebContents | undefined =>
    webContents.getAllWebContents().find((entry) => entry.page.targetId === targetId),
}
