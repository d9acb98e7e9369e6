import { EventEmitter } from 'node:events'
import type * as Electron from 'electron'
import { refuseMissingMembers } from './unsupported.ts'

type BeforeRequest = Parameters<Electron.WebRequest['onBeforeRequest']>[0]
type HeadersReceived = Parameters<Electron.WebRequest['onHeadersReceived']>[0]

interface Registered<Listener> {
  readonly matches: (url: string) => boolean
  readonly listener: NonNullable<Listener>
}

/** Facts of one request, as the listeners of `webRequest` see them. */
export interface RequestFacts {
  readonly id: number
  readonly url: string
  readonly method: string
  readonly resourceType: Electron.OnBeforeRequestListenerDetails['resourceType']
  readonly webContentsId: number
}

/** Headers in order, a name as often as it has values. */
export type HeaderList = readonly { readonly name: string; readonly value: string }[]

const matcher = (patterns: readonly string[]): ((url: string) => boolean) => {
  const expressions = patterns.map((pattern) => {
    const literal = pattern === '<all_urls>' ? '*' : pattern
    return new RegExp(`^${literal.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*')}$`)
  })
  return (url) => expressions.some((expression) => expression.test(url))
}

const register = <Listener>(first: unknown, second: unknown): Registered<Listener> | null => {
  if (typeof first === 'function') return { matches: () => true, listener: first as unknown as NonNullable<Listener> }
  if (first === null || typeof second !== 'function') return null
  const { urls, excludeUrls = [] } = first as Electron.WebRequestFilter
  const included = matcher(urls)
  const excluded = matcher(excludeUrls)
  return { matches: (url) => included(url) && !excluded(url), listener: second as unknown as NonNullable<Listener> }
}

let beforeRequest: Registered<BeforeRequest> | null = null
let headersReceived: Registered<HeadersReceived> | null = null

/** Tells open windows that answers of the network are wanted, too. */
export const webRequestChanges = new EventEmitter()

/** Whether answers have to be shown to the program before a page sees them. */
export const wantsHeaders = (): boolean => headersReceived !== null

class WebRequest {
  onBeforeRequest(first: Electron.WebRequestFilter | BeforeRequest, second?: BeforeRequest): void {
    beforeRequest = register<BeforeRequest>(first, second)
  }

  onHeadersReceived(first: Electron.WebRequestFilter | HeadersReceived, second?: HeadersReceived): void {
    headersReceived = register<HeadersReceived>(first, second)
    webRequestChanges.emit('changed')
  }
}
refuseMissingMembers('webRequest', WebRequest)

/** Stands for `session.webRequest`. */
export const webRequest = new WebRequest()

/** Asks the program about a request before it is made. */
export async function askBeforeRequest(facts: RequestFacts): Promise<Electron.CallbackResponse> {
  const registered = beforeRequest
  if (!registered?.matches(facts.url)) return {}
  return new Promise((resolve) => {
    const details = { ...facts, timestamp: Date.now(), referrer: '', uploadData: [] }
    registered.listener(details as Electron.OnBeforeRequestListenerDetails, resolve)
  })
}

/** Shows an answer's headers to the program; gives the headers the page shall see, or null when the answer is refused. */
export async function askHeadersReceived(
  facts: RequestFacts,
  status: number,
  headers: HeaderList,
): Promise<HeaderList | null> {
  const registered = headersReceived
  if (!registered?.matches(facts.url)) return headers
  const responseHeaders: Record<string, string[]> = {}
  for (const { name, value } of headers) responseHeaders[name] = [...(responseHeaders[name] ?? []), value]
  const changed = await new Promise<Electron.HeadersReceivedResponse>((resolve) => {
    const statusLine = `HTTP/1.1 ${status}`
    const details = { ...facts, timestamp: Date.now(), referrer: '', statusCode: status, statusLine, responseHeaders }
    registered.listener(details as Electron.OnHeadersReceivedListenerDetails, resolve)
  })
  if (changed.cancel) return null
  if (!changed.responseHeaders) return headers
  return Object.entries(changed.responseHeaders).flatMap(([name, values]) =>
    [values].flat().map((value) => ({ name, value })),
  )
}
