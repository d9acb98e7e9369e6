import { randomBytes } from 'node:crypto'
import type { Protocol } from 'devtools-protocol/types/protocol.d.ts'
import type * as Electron from 'electron'
import { originOf, schemeOf, toBrowserUrl, toProgramUrl } from './addresses.ts'
import type { DevToolsSession } from './devtools.ts'
import { decidePermissions } from './permissions.ts'
import { handlerFor } from './protocol.ts'
import {
  askBeforeRequest,
  askHeadersReceived,
  type RequestFacts,
  wantsHeaders,
  webRequestChanges,
} from './web-request.ts'

type Paused = Protocol.Fetch.RequestPausedEvent

/** The pipe takes 100 MB in one message, and bytes grow by a third on it. */
const largestAnswer = 64 * 1024 * 1024
const answerPath = '/.host/answer/'

/** What the requests of one page need to know of its window. */
export interface PageOwner {
  readonly contents: Electron.WebContents
  readonly contentsId: number
  readonly mainFrameId: string
  /** Whether the main frame may go there; asks the program's `will-navigate` for what a page itself began. */
  mayNavigate(url: string): boolean
}

/** Answers the requests of one page, from the program's protocol handlers where the scheme is the program's. */
export class PageRequests {
  readonly #session: DevToolsSession
  readonly #owner: PageOwner
  readonly #longAnswers = new Map<string, string>()
  #lastId = 0

  constructor(session: DevToolsSession, owner: PageOwner) {
    this.#session = session
    this.#owner = owner
  }

  /** Begins to answer. Before this, nothing of the page is intercepted. */
  async start(): Promise<void> {
    this.#session.on('Fetch.requestPaused', (paused) => void this.#handle(paused))
    webRequestChanges.on('changed', () => void this.#enable().catch(() => {}))
    await this.#enable()
  }

  /** Keeps a message that is too long to be pushed; gives the path it can be fetched from, once. */
  keepAnswer(text: string): string {
    const key = randomBytes(16).toString('hex')
    this.#longAnswers.set(key, text)
    return answerPath + key
  }

  async #enable(): Promise<void> {
    await this.#session.send('Fetch.enable', {
      patterns: [
        { urlPattern: '*' },
        ...(wantsHeaders() ? [{ urlPattern: '*', requestStage: 'Response' as const }] : []),
      ],
    })
  }

  async #handle(paused: Paused): Promise<void> {
    const { requestId } = paused
    try {
      if (paused.responseStatusCode !== undefined) await this.#received(paused, paused.responseStatusCode)
      else if (paused.responseErrorReason !== undefined)
        await this.#session.send('Fetch.continueRequest', { requestId })
      else await this.#requested(paused)
    } catch (error) {
      // A request that the page gave up in the meantime is unknown to Chromium; that alone is no failure.
      if (error instanceof Error && /InterceptionId|has ended/.test(error.message)) return
      console.error(`Chromium host: no answer for ${toProgramUrl(paused.request.url)}:`, error)
      await this.#fail(requestId, 'Failed').catch(() => {})
    }
  }

  #facts(paused: Paused): RequestFacts {
    return {
      id: ++this.#lastId,
      url: toProgramUrl(paused.request.url),
      method: paused.request.method,
      resourceType: this.#resourceType(paused),
      webContentsId: this.#owner.contentsId,
    }
  }

  #resourceType(paused: Paused): RequestFacts['resourceType'] {
    switch (paused.resourceType) {
      case 'Document':
        return paused.frameId === this.#owner.mainFrameId ? 'mainFrame' : 'subFrame'
      case 'Stylesheet':
        return 'stylesheet'
      case 'Script':
        return 'script'
      case 'Image':
        return 'image'
      case 'Font':
        return 'font'
      case 'Media':
        return 'media'
      case 'XHR':
      case 'Fetch':
        return 'xhr'
      default:
        return 'other'
    }
  }

  async #received(paused: Paused, responseCode: number): Promise<void> {
    const { requestId, responseHeaders = [] } = paused
    const seen = await askHeadersReceived(this.#facts(paused), responseCode, responseHeaders)
    if (seen === null) return this.#fail(requestId, 'BlockedByResponse')
    await this.#session.send('Fetch.continueResponse', { requestId, responseCode, responseHeaders: [...seen] })
  }

  async #requested(paused: Paused): Promise<void> {
    const { requestId } = paused
    const { pathname } = new URL(paused.request.url)
    if (pathname.startsWith(answerPath)) return this.#longAnswer(requestId, pathname.slice(answerPath.length))
    const facts = this.#facts(paused)
    if (facts.resourceType === 'mainFrame' && !this.#owner.mayNavigate(facts.url))
      return this.#fail(requestId, 'Aborted')
    const wanted = await askBeforeRequest(facts)
    if (wanted.cancel) return this.#fail(requestId, 'BlockedByClient')
    if (wanted.redirectURL !== undefined) {
      const responseHeaders = [{ name: 'location', value: toBrowserUrl(wanted.redirectURL) }]
      return this.#session.send('Fetch.fulfillRequest', { requestId, responseCode: 307, responseHeaders })
    }
    if (facts.resourceType === 'mainFrame')
      await decidePermissions(this.#owner.contents, originOf(facts.url), facts.url)
    const handler = handlerFor(schemeOf(facts.url))
    if (!handler) return this.#session.send('Fetch.continueRequest', { requestId })
    await this.#answer(paused, facts, await handler(this.#asRequest(paused, facts)))
  }

  #asRequest(paused: Paused, facts: RequestFacts): Request {
    const { method, headers, postDataEntries, hasPostData } = paused.request
    if (method === 'GET' || method === 'HEAD' || !hasPostData) return new Request(facts.url, { method, headers })
    const parts = (postDataEntries ?? []).map((entry) => Buffer.from(entry.bytes ?? '', 'base64'))
    return new Request(facts.url, { method, headers, body: Buffer.concat(parts) })
  }

  async #answer(paused: Paused, facts: RequestFacts, response: Response): Promise<void> {
    const { requestId } = paused
    const own = [...response.headers].map(([name, value]) => ({ name, value }))
    const seen = await askHeadersReceived(facts, response.status, own)
    if (seen === null) return this.#fail(requestId, 'BlockedByResponse')
    const body = Buffer.from(await response.arrayBuffer())
    if (body.length > largestAnswer)
      throw new Error(`${body.length} bytes are too many for one answer (at most ${largestAnswer}): ask for ranges`)
    await this.#session.send('Fetch.fulfillRequest', {
      requestId,
      responseCode: response.status,
      responseHeaders: seen.map(({ name, value }) => ({
        name,
        value: name.toLowerCase() === 'location' ? toBrowserUrl(value) : value,
      })),
      body: body.toString('base64'),
    })
  }

  async #longAnswer(requestId: string, key: string): Promise<void> {
    const text = this.#longAnswers.get(key)
    if (text === undefined) return this.#fail(requestId, 'Failed')
    this.#longAnswers.delete(key)
    const body = Buffer.from(text).toString('base64')
    const responseHeaders = [
      { name: 'content-type', value: 'application/json' },
      { name: 'cache-control', value: 'no-store' },
    ]
    await this.#session.send('Fetch.fulfillRequest', { requestId, responseCode: 200, responseHeaders, body })
  }

  async #fail(requestId: string, errorReason: Protocol.Network.ErrorReason): Promise<void> {
    await this.#session.send('Fetch.failRequest', { requestId, errorReason })
  }
}
