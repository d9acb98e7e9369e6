import type * as Electron from 'electron'
import { originOf } from '../addresses.ts'
import { HostEmitter, hostEvent } from '../host-emitter.ts'
import { callHandler, ipcMain } from '../ipc-main.ts'
import { lifecycle } from '../lifecycle.ts'
import { makeCodec } from '../page/codec.ts'
import type { PageMessage } from '../page/messages.ts'
import { session } from '../session.ts'
import { NotImplementedError, refuseMissing, refuseMissingMembers } from '../unsupported.ts'
import { Page } from './page.ts'
import { toPrintParameters } from './print-options.ts'

type OpenHandler = Parameters<Electron.WebContents['setWindowOpenHandler']>[0]
type Implemented =
  | 'close'
  | 'executeJavaScript'
  | 'forcefullyCrashRenderer'
  | 'getTitle'
  | 'getURL'
  | 'getZoomFactor'
  | 'getZoomLevel'
  | 'isCrashed'
  | 'isDestroyed'
  | 'isLoading'
  | 'loadURL'
  | 'printToPDF'
  | 'reload'
  | 'reloadIgnoringCache'
  | 'send'
  | 'setWindowOpenHandler'
  | 'setZoomFactor'
  | 'setZoomLevel'

const events = [
  'blur',
  'destroyed',
  'did-fail-load',
  'did-finish-load',
  'did-navigate',
  'did-start-loading',
  'did-stop-loading',
  'dom-ready',
  'focus',
  'page-title-updated',
  'preload-error',
  'render-process-gone',
  'will-navigate',
  'will-prevent-unload',
  // There is no webview here, no redirect by a server, no frame that may navigate by itself, and no watch on a page that hangs.
  'did-attach-webview',
  'responsive',
  'unresponsive',
  'will-attach-webview',
  'will-frame-navigate',
  'will-redirect',
]

const { encode, decode } = makeCodec()
/** Electron's steps: each level is a fifth larger than the one before. */
const zoomStep = 1.2
let lastId = 0

/** What a window's preferences may say here. */
export interface ContentsOptions {
  readonly preload: string | null
  readonly backgroundColor: string | undefined
}

/** Stands for Electron's `WebContents`. */
export class WebContents extends HostEmitter implements Pick<Electron.WebContents, Implemented> {
  readonly id = ++lastId
  readonly session = session.defaultSession
  readonly mainFrame: Pick<Electron.WebFrameMain, 'url' | 'origin' | 'parent' | 'processId' | 'routingId'>
  /** The host's own: the target behind this object. */
  readonly page: Page
  #openHandler: OpenHandler | undefined
  #title = ''
  #zoom = 1
  #loading = false

  constructor(options: ContentsOptions) {
    super('webContents', events)
    const asElectron = this as unknown as Electron.WebContents
    this.page = new Page({
      ...options,
      contents: asElectron,
      contentsId: this.id,
      mayNavigate: (url) => {
        const event = hostEvent({ url, isMainFrame: true, isSameDocument: false })
        this.emit('will-navigate', event, url, false, true)
        return !event.defaultPrevented
      },
      closesAnyway: () => {
        const event = hostEvent({})
        this.emit('will-prevent-unload', event)
        return event.defaultPrevented
      },
    })
    const { page } = this
    this.mainFrame = refuseMissing('mainFrame', {
      get url() {
        return page.url
      },
      get origin() {
        return originOf(page.url)
      },
      parent: null,
      processId: 1,
      routingId: this.id,
    })
    this.#follow()
    lifecycle.emit('contents-created', this)
  }

  #follow(): void {
    const { page } = this
    page.on('navigated', (url) => {
      this.emit('did-navigate', hostEvent({}), url, 200, 'OK')
      if (this.#zoom !== 1) void this.#applyZoom()
    })
    page.on('dom-ready', () => this.emit('dom-ready', hostEvent({})))
    page.on('loaded', () => {
      this.#loading = false
      this.emit('did-finish-load', hostEvent({}))
      this.emit('did-stop-loading', hostEvent({}))
    })
    page.on('crashed', (reason, exitCode) => this.emit('render-process-gone', hostEvent({}), { reason, exitCode }))
    page.on('closed', () => this.emit('destroyed'))
    page.on('message', (message) => void this.#receive(message))
  }

  async #receive(message: PageMessage): Promise<void> {
    switch (message.kind) {
      case 'invoke': {
        const { id, channel } = message
        try {
          const value = await callHandler(channel, this.#ipcEvent(), decode(message.given) as unknown[])
          await this.page.post({ kind: 'answer', id, value: encode(value) })
        } catch (error) {
          await this.page.post({ kind: 'failure', id, message: error instanceof Error ? error.message : String(error) })
        }
        return
      }
      case 'send':
        ipcMain.emit(message.channel, this.#ipcEvent(), ...(decode(message.given) as unknown[]))
        return
      case 'open':
        this.#open(message)
        return
      case 'title':
        this.#title = message.title
        this.emit('page-title-updated', hostEvent({}), message.title, true)
        return
      case 'preload-error':
        this.emit('preload-error', hostEvent({}), '', new Error(message.message))
        return
      case 'window':
        if (message.event !== 'resize') this.emit(message.event)
    }
  }

  #ipcEvent() {
    const { mainFrame } = this
    return hostEvent({ type: 'frame', sender: this, senderFrame: mainFrame, frameId: this.id, processId: 1 })
  }

  #open(asked: { readonly url: string; readonly frameName: string; readonly features: string }): void {
    const { url, frameName, features } = asked
    const details = {
      url,
      frameName,
      features,
      disposition: 'foreground-tab',
      referrer: { url: '', policy: 'default' },
    }
    const answer = this.#openHandler?.(details as Electron.HandlerDetails)
    if (answer?.action !== 'deny') throw new NotImplementedError(`a window opened by a page (${url})`)
  }

  send(channel: string, ...given: unknown[]): void {
    void this.page.post({ kind: 'event', channel, given: encode(given) })
  }

  getURL(): string {
    return this.page.url
  }

  getTitle(): string {
    return this.#title
  }

  isDestroyed(): boolean {
    return this.page.isClosed
  }

  isCrashed(): boolean {
    return this.page.isCrashed
  }

  isLoading(): boolean {
    return this.#loading
  }

  setWindowOpenHandler(handler: OpenHandler): void {
    this.#openHandler = handler
  }

  async loadURL(url: string): Promise<void> {
    this.#loading = true
    this.emit('did-start-loading', hostEvent({}))
    try {
      await this.page.navigate(url)
    } catch (error) {
      this.#loading = false
      this.emit('did-fail-load', hostEvent({}), -2, error instanceof Error ? error.message : '', url, true)
      throw error
    }
  }

  reload(): void {
    void this.page.reload(false)
  }

  reloadIgnoringCache(): void {
    void this.page.reload(true)
  }

  executeJavaScript(code: string, userGesture = false): Promise<unknown> {
    return this.page.evaluate(code, userGesture)
  }

  async printToPDF(options: Electron.PrintToPDFOptions): Promise<Buffer> {
    await this.page.ready
    const { data } = await this.page.session.send('Page.printToPDF', toPrintParameters(options ?? {}))
    return Buffer.from(data, 'base64')
  }

  /** Gives of Electron's NativeImage the ways to a PNG. */
  async capturePage(): Promise<Pick<Electron.NativeImage, 'toPNG' | 'toDataURL' | 'isEmpty'>> {
    await this.page.ready
    const { data } = await this.page.session.send('Page.captureScreenshot', { format: 'png' })
    return refuseMissing('nativeImage', {
      toPNG: () => Buffer.from(data, 'base64'),
      toDataURL: () => `data:image/png;base64,${data}`,
      isEmpty: () => false,
    })
  }

  getZoomFactor(): number {
    return this.#zoom
  }

  setZoomFactor(factor: number): void {
    if (!(factor > 0)) throw new Error("'zoomFactor' must be a double greater than 0.0")
    this.#zoom = factor
    void this.#applyZoom()
  }

  getZoomLevel(): number {
    return Math.log(this.#zoom) / Math.log(zoomStep)
  }

  setZoomLevel(level: number): void {
    this.setZoomFactor(zoomStep ** level)
  }

  async #applyZoom(): Promise<void> {
    await this.page.evaluate(`document.documentElement.style.zoom = '${this.#zoom}'`).catch(() => {})
  }

  forcefullyCrashRenderer(): void {
    void this.page.session.send('Page.crash').catch(() => {})
  }

  close(): void {
    void this.page.close()
  }
}
refuseMissingMembers('webContents', WebContents)
