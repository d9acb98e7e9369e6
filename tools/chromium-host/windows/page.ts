import { EventEmitter } from 'node:events'
import type * as Electron from 'electron'
import { schemeOf, toBrowserUrl, toProgramUrl } from '../addresses.ts'
import { connection, openPage } from '../browser.ts'
import type { DevToolsSession } from '../devtools.ts'
import { nativeTheme } from '../native-theme.ts'
import type { HostMessage, PageMessage } from '../page/messages.ts'
import { isolatedWorld, mainWorldSource, names, preloadSource } from '../page/scripts.ts'
import { PageRequests } from '../page-requests.ts'
import { handlerFor } from '../protocol.ts'

/** Longer messages are fetched by the page: a call through the pipe takes three times as long for them. */
const longMessage = 256 * 1024

interface Happenings {
  navigated: [url: string]
  'dom-ready': []
  painted: []
  loaded: []
  crashed: [reason: Electron.RenderProcessGoneDetails['reason'], exitCode: number]
  message: [message: PageMessage]
  'close-refused': []
  closed: []
}

/** What a page is made with. */
export interface PageOptions {
  readonly contents: Electron.WebContents
  readonly contentsId: number
  /** Source of the preload script. */
  readonly preload: string | null
  readonly backgroundColor: string | undefined
  /** Asks the program about a navigation that the page began. */
  readonly mayNavigate: (url: string) => boolean
  /** Whether a page that would rather stay is closed all the same. */
  readonly closesAnyway: () => boolean
}

const crashReason = (status: string): Electron.RenderProcessGoneDetails['reason'] => {
  if (status === 'oom') return 'oom'
  if (status === 'killed') return 'killed'
  if (status === 'launch failed') return 'launch-failed'
  return 'crashed'
}

const parseColor = (color: string) => {
  const digits = /^#([0-9a-f]{6})$/i.exec(color)?.[1]
  if (digits === undefined) throw new Error(`Chromium host: write the color '${color}' as #rrggbb`)
  const value = Number.parseInt(digits, 16)
  return { r: value >> 16, g: (value >> 8) & 255, b: value & 255, a: 1 }
}

/** One target of the browser with the two worlds in it. */
export class Page extends EventEmitter<Happenings> {
  targetId = ''
  url = ''
  isClosed = false
  isCrashed = false
  #session: DevToolsSession | undefined
  #requests: PageRequests | undefined
  #context: number | undefined
  #expectedUrl = ''
  readonly ready: Promise<void>

  constructor(options: PageOptions) {
    super()
    this.ready = this.#start(options)
    this.ready.catch((error: unknown) => {
      if (!this.isClosed) console.error('Chromium host: a window could not be made:', error)
    })
  }

  /** The target's protocol session. */
  get session(): DevToolsSession {
    if (!this.#session) throw new Error('Chromium host: the window is not made yet')
    return this.#session
  }

  async #start(options: PageOptions): Promise<void> {
    this.targetId = await openPage()
    const { sessionId } = await connection.send('Target.attachToTarget', { targetId: this.targetId, flatten: true })
    const session = connection.session(sessionId)
    this.#session = session
    this.#listen(session, options)
    this.#requests = new PageRequests(session, {
      contents: options.contents,
      contentsId: options.contentsId,
      mainFrameId: this.targetId,
      mayNavigate: (url) => url === this.#expectedUrl || !handlerFor(schemeOf(this.url)) || options.mayNavigate(url),
    })
    const { product } = await connection.send('Browser.getVersion')
    const source = preloadSource(options.preload, product.slice(product.indexOf('/') + 1))
    await Promise.all([
      session.send('Page.enable'),
      session.send('Page.setLifecycleEventsEnabled', { enabled: true }),
      session.send('Runtime.enable'),
      session.send('Inspector.enable'),
      this.#requests.start(),
      session.send('Runtime.addBinding', { name: names.binding, executionContextName: isolatedWorld }),
      session.send('Page.addScriptToEvaluateOnNewDocument', { source: mainWorldSource() }),
      session.send('Page.addScriptToEvaluateOnNewDocument', { worldName: isolatedWorld, source }),
      this.#followTheme(),
      options.backgroundColor === undefined ? undefined : this.setBackgroundColor(options.backgroundColor),
    ])
  }

  #listen(session: DevToolsSession, options: PageOptions): void {
    session.on('Runtime.executionContextCreated', ({ context }) => {
      if (context.name === isolatedWorld && context.auxData.frameId === this.targetId) this.#context = context.id
    })
    session.on('Runtime.executionContextDestroyed', ({ executionContextId }) => {
      if (executionContextId === this.#context) this.#context = undefined
    })
    session.on('Runtime.bindingCalled', ({ name, payload, executionContextId }) => {
      if (name === names.binding && executionContextId === this.#context) this.emit('message', JSON.parse(payload))
    })
    session.on('Page.frameNavigated', ({ frame }) => {
      if (frame.parentId) return
      this.url = toProgramUrl(frame.url + (frame.urlFragment ?? ''))
      this.isCrashed = false
      this.emit('navigated', this.url)
    })
    session.on('Page.navigatedWithinDocument', ({ frameId, url }) => {
      if (frameId === this.targetId) this.url = toProgramUrl(url)
    })
    session.on('Page.domContentEventFired', () => this.emit('dom-ready'))
    session.on('Page.loadEventFired', () => {
      if (this.url !== '' && this.url !== 'about:blank' && schemeOf(this.url) !== 'data') this.emit('loaded')
    })
    session.on('Page.lifecycleEvent', ({ frameId, name }) => {
      if (frameId === this.targetId && name === 'firstContentfulPaint') this.emit('painted')
    })
    session.on('Page.windowOpen', ({ url, windowName, windowFeatures }) => {
      const features = windowFeatures.join(',')
      this.emit('message', { kind: 'open', url: toProgramUrl(url), frameName: windowName, features })
    })
    session.on('Page.javascriptDialogOpening', ({ type }) => {
      if (type !== 'beforeunload') return
      const accept = options.closesAnyway()
      void session.send('Page.handleJavaScriptDialog', { accept }).catch(() => {})
      if (!accept) this.emit('close-refused')
    })
    connection.on('Target.targetDestroyed', ({ targetId }) => {
      if (targetId === this.targetId) this.#ended()
    })
    connection.on('Target.targetCrashed', ({ targetId, status, errorCode }) => {
      if (targetId !== this.targetId || this.isCrashed) return
      this.isCrashed = true
      this.#context = undefined
      this.emit('crashed', crashReason(status), errorCode)
    })
    nativeTheme.on('updated', () => void this.#followTheme().catch(() => {}))
  }

  async #followTheme(): Promise<void> {
    const value = nativeTheme.shouldUseDarkColors ? 'dark' : 'light'
    await this.#session?.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value }] })
  }

  /** Color shown where the page paints nothing, `#rrggbb`. */
  async setBackgroundColor(color: string): Promise<void> {
    await this.session.send('Emulation.setDefaultBackgroundColorOverride', { color: parseColor(color) })
  }

  /** Sends a message to the preload's world; without a page there it is lost, as in Electron. */
  async post(message: HostMessage): Promise<void> {
    const context = this.#context
    if (context === undefined) return
    let text = JSON.stringify(message)
    if (text.length > longMessage && this.#requests && handlerFor(schemeOf(this.url)))
      text = JSON.stringify({ kind: 'fetch', path: this.#requests.keepAnswer(text) } satisfies HostMessage)
    await this.session
      .send('Runtime.callFunctionOn', {
        functionDeclaration: `text => ${names.receiver}(text)`,
        arguments: [{ value: text }],
        executionContextId: context,
        silent: true,
      })
      .catch(() => {})
  }

  /** Runs a script in the page's own world; its value crosses as JSON. */
  async evaluate(expression: string, userGesture = false): Promise<unknown> {
    await this.ready
    const answer = await this.session.send('Runtime.evaluate', {
      expression,
      userGesture,
      awaitPromise: true,
      returnByValue: true,
    })
    if (answer.exceptionDetails) throw new Error(answer.exceptionDetails.exception?.description ?? 'The script failed')
    return answer.result.value
  }

  /** Goes to an address and waits for its load event. @throws Error with Chromium's code when it cannot be loaded. */
  async navigate(url: string): Promise<void> {
    await this.ready
    this.#expectedUrl = url
    const loaded = new Promise<void>((resolve) => this.once('loaded', resolve))
    const { errorText } = await this.session.send('Page.navigate', { url: toBrowserUrl(url) })
    if (errorText) throw new Error(`${errorText.replace('net::', '')} loading '${url}'`)
    await loaded
  }

  /** Loads the same address again. */
  async reload(ignoreCache: boolean): Promise<void> {
    await this.ready
    this.#expectedUrl = this.url
    await this.session.send('Page.reload', { ignoreCache })
  }

  /** Asks the page to close; resolves to whether it did. */
  async close(): Promise<boolean> {
    await this.ready.catch(() => {})
    if (this.isClosed) return true
    const ended = new Promise<boolean>((resolve) => {
      this.once('closed', () => resolve(true))
      this.once('close-refused', () => resolve(false))
    })
    if (this.isCrashed) await this.destroy()
    else await this.session.send('Page.close').catch(() => {})
    return ended
  }

  /** Closes the page without asking it. */
  async destroy(): Promise<void> {
    await connection.send('Target.closeTarget', { targetId: this.targetId }).catch(() => {})
    this.#ended()
  }

  #ended(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.#context = undefined
    this.emit('closed')
  }
}

// A popup that got past the page's own refusal (a link with a target, a fresh frame's window.open) does not survive.
connection.on('Target.targetCreated', ({ targetInfo }) => {
  if (targetInfo.type === 'page' && targetInfo.openerId)
    void connection.send('Target.closeTarget', { targetId: targetInfo.targetId }).catch(() => {})
})
