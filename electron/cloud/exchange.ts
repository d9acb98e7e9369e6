import { AsyncLocalStorage } from 'node:async_hooks'
import { classifyNetworkFailure, type NetworkFailure } from './network-failure.ts'
import { type ReceivedList, takeList } from './received-list.ts'

/** The two clocks that the cloud client reads; `elapsedMilliseconds` never jumps. */
export interface CloudClock {
  now(): string
  elapsedMilliseconds(): number
}

/** What went over the wire in one call. The library above rewraps errors; this keeps the facts. */
export interface Exchange {
  /** HTTP status; null while or because no answer arrived. */
  status: number | null
  failure: NetworkFailure | null
  /** The whole answer took this long, in milliseconds. */
  milliseconds: number
  /** The cloud's clock minus ours by the Date header, which has whole seconds; null without one. */
  dateOffsetMilliseconds: number | null
  headers: Headers | null
  /** The list that was to be kept apart, where the answer had it. */
  list: ReceivedList | null
}

/** What calls took on the wire. Bodies alone are counted, as they were sent; headers and encryption come on top. */
export interface Traffic {
  sentBytes: number
  receivedBytes: number
  /** HTTP status of the last answer; null while or because none arrived. */
  status: number | null
}

/** Nothing sent, nothing received. */
export const noTraffic = (): Traffic => ({ sentBytes: 0, receivedBytes: 0, status: null })

/** How one call is made. */
export interface ExchangeOptions {
  /** Is added to, also by calls that fail. */
  readonly traffic?: Traffic | undefined
  readonly signal?: AbortSignal | undefined
  /** Until the headers of the answer, and its body unless it is a stream. */
  readonly timeoutMilliseconds: number
  /** Added to what the library sends. */
  readonly headers?: Readonly<Record<string, string>>
  /** The body is handed on as it arrives; its reader watches for a stall. */
  readonly streamed?: boolean
  /** Name of a list of many rows in the answer: it is kept apart, and the library finds it empty. */
  readonly list?: string | undefined
}

/** Which library in which version calls from which runtime: of no use to the cloud, and a thirteenth of a call with nothing new. */
const unneeded = ['x-client-info']

interface Running {
  readonly options: ExchangeOptions
  readonly exchange: Exchange
}

const running = new AsyncLocalStorage<Running>()

/** Makes a call and keeps what happened on the wire beside what the library answered. */
export async function observe<Value>(
  options: ExchangeOptions,
  call: () => PromiseLike<Value>,
): Promise<{ readonly value: Value; readonly exchange: Exchange }> {
  const exchange: Exchange = {
    status: null,
    failure: null,
    milliseconds: 0,
    dateOffsetMilliseconds: null,
    headers: null,
    list: null,
  }
  const value = await running.run({ options, exchange }, async () => await call())
  return { value, exchange }
}

/** A stand-in for the answer that did not arrive: a refusal, which no library repeats by itself. */
const unanswered = (): Response =>
  new Response('{"code":"no_answer","message":"no answer"}', {
    status: 400,
    headers: { 'content-type': 'application/json' },
  })

const bytesOfBody = (body: BodyInit | null | undefined, headers: Headers): number => {
  // What is handed over in pieces says beforehand how much it is.
  if (body instanceof ReadableStream) return Number(headers.get('content-length') ?? 0)
  if (typeof body === 'string') return Buffer.byteLength(body)
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return body.byteLength
  return body instanceof Blob ? body.size : 0
}

/** A compressed answer arrives unpacked; what it took on the wire is in its header, where the cloud knew it before it began. */
const bytesOnTheWire = (headers: Headers, unpacked: number): number => {
  const packed = Number(headers.get('content-length') ?? Number.NaN)
  return headers.has('content-encoding') && Number.isInteger(packed) ? packed : unpacked
}

const copyOf = (answer: Response, body: BodyInit | null, status: number): Response =>
  new Response(status === 204 || status === 304 ? null : body, { status, headers: answer.headers })

/**
 * A whole body, in memory of its own. `arrayBuffer()` copies what it has put together once more: 3 ms for 1.6 MB, most of them for
 * memory that is touched for the first time.
 */
async function readBody(body: ReadableStream<Uint8Array> | null): Promise<Buffer<ArrayBuffer>> {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of body ?? []) {
    pieces.push(piece)
    length += piece.byteLength
  }
  // Never of the pool that small buffers share.
  const whole = Buffer.allocUnsafeSlow(length)
  let offset = 0
  for (const piece of pieces) {
    whole.set(piece, offset)
    offset += piece.byteLength
  }
  return whole
}

/**
 * True for an answer that something between us and the cloud gave. The cloud never redirects and never answers with a page; what
 * serves it does, when it is out of order. 407 and 511 are of proxies and of networks that want a sign-in (RFC 9110, 15.5.8; RFC 6585, 6).
 */
function isIntercepted({ status, headers }: Response): boolean {
  if (status === 407 || status === 511) return true
  if (status >= 500) return false
  const isPage = /^(text\/html|application\/xhtml\+xml)\b/i.test(headers.get('content-type') ?? '')
  return isPage || (status >= 300 && status < 400 && status !== 304)
}

/**
 * A `fetch` for the library that never rejects and never invites a repetition: repeating belongs to the synchronization's own
 * retry policy. Inside `observe` the status, the failure and the cloud's clock are kept; a server error is handed on as a refusal.
 */
export function observedFetch(fetch: typeof globalThis.fetch, clock: CloudClock): typeof globalThis.fetch {
  return async (input, init) => {
    const current = running.getStore()
    if (current === undefined) return fetch(input, init)
    const { options, exchange } = current
    const startedAt = clock.elapsedMilliseconds()
    const startedNow = Date.parse(clock.now())
    const timeout = new AbortController()
    const timer = setTimeout(
      () => timeout.abort(new DOMException('no answer in time', 'TimeoutError')),
      options.timeoutMilliseconds,
    )
    const signals = [timeout.signal, options.signal, init?.signal].filter((signal) => signal instanceof AbortSignal)
    const headers = new Headers(init?.headers)
    for (const [name, value] of Object.entries(options.headers ?? {})) headers.set(name, value)
    for (const name of unneeded) headers.delete(name)
    const { traffic } = options
    try {
      if (traffic !== undefined) traffic.sentBytes += bytesOfBody(init?.body, headers)
      const answer = await fetch(input, { ...init, headers, signal: AbortSignal.any(signals), redirect: 'manual' })
      exchange.status = answer.status
      if (traffic !== undefined) traffic.status = answer.status
      exchange.headers = answer.headers
      const arrivedAfter = clock.elapsedMilliseconds() - startedAt
      const date = Date.parse(answer.headers.get('date') ?? '')
      // The header is cut to the second: half a second is its expected loss.
      if (!Number.isNaN(date)) exchange.dateOffsetMilliseconds = date + 500 - (startedNow + arrivedAfter / 2)
      if (isIntercepted(answer)) {
        exchange.failure = answer.status === 407 ? 'proxy_refused' : 'intercepted'
        await answer.body?.cancel()
        return unanswered()
      }
      const status = answer.status >= 500 ? 400 : answer.status
      if (options.streamed === true && answer.ok) return copyOf(answer, answer.body, status)
      const body = await readBody(answer.body)
      if (traffic !== undefined) traffic.receivedBytes += bytesOnTheWire(answer.headers, body.byteLength)
      const taken = options.list === undefined || !answer.ok ? null : takeList(body, options.list)
      exchange.list = taken?.list ?? null
      return copyOf(answer, taken?.frame ?? body, status)
    } catch (error) {
      exchange.failure = options.signal?.aborted === true ? 'cancelled' : classifyNetworkFailure(error)
      return unanswered()
    } finally {
      clearTimeout(timer)
      exchange.milliseconds = clock.elapsedMilliseconds() - startedAt
    }
  }
}
