import type { SupabaseClient } from '@supabase/supabase-js'
import { fail, ok, type Result } from '../../shared/result.ts'
import { readRefusal } from './call-function.ts'
import type { CloudSession } from './cloud-session.ts'
import { observe, type Traffic } from './exchange.ts'
import { classifyNetworkFailure } from './network-failure.ts'
import { networkError, refusalError } from './refusal.ts'

/** A file of the cloud on its way here. */
export interface ObjectDownload {
  /** Byte at which `chunks` begins: the one asked for, or 0 where the cloud does not resume. */
  readonly from: number
  /** The bytes as they arrive. A failure ends them and is answered by `failure`. */
  readonly chunks: AsyncIterable<Uint8Array>
  /** Why the bytes ended early; null when they ended as they should. To be asked after `chunks` has ended. */
  readonly failure: () => ReturnType<typeof networkError> | null
}

/** Where a file lies, and from where it is wanted. */
export interface DownloadRequest {
  readonly bucket: string
  readonly objectPath: string
  /** First byte wanted; more than 0 resumes. */
  readonly from: number
  readonly signal?: AbortSignal | undefined
  readonly traffic?: Traffic | undefined
}

/** What the transfer of files needs. */
export interface ObjectDependencies {
  readonly host: string
  readonly session: CloudSession
  readonly clientFor: (token: string) => SupabaseClient
  readonly url: string
  readonly publishableKey: string
  /** Observed, for what the library does not speak. */
  readonly fetch: typeof globalThis.fetch
  readonly timeoutMilliseconds: number
  /** A transfer that stands still for this long is given up; it resumes later. */
  readonly stallMilliseconds: number
}

/** The first byte of `Content-Range: bytes 100-199/200` (RFC 9110, 14.4). */
export const startOfContentRange = (header: string | null): number | null => {
  const match = /^bytes (\d+)-\d+\/(?:\d+|\*)$/.exec(header ?? '')
  return match?.[1] === undefined ? null : Number(match[1])
}

/**
 * The status that a refusal of storage is about: it answers 400 with the real one inside. What is out of order, be it a gateway with
 * a page of its own, is told by the status on the wire alone: a file must not count as refused because of it.
 */
export const statusOfObjectRefusal = (onWire: number, inside: string | undefined): number => {
  const inner = Number(inside)
  return onWire < 500 && inner >= 400 ? inner : onWire
}

/** Asks for a file, from a byte on. The bytes come as a stream: a file is never whole in memory. */
export async function downloadObject(
  dependencies: ObjectDependencies,
  request: DownloadRequest,
): Promise<Result<ObjectDownload>> {
  const { session, clientFor, host } = dependencies
  let token = await session.accessToken()
  for (let attempt = 0; ; attempt += 1) {
    if (!token.ok) return token
    const client = clientFor(token.value)
    const stalled = new AbortController()
    const signal = AbortSignal.any([stalled.signal, ...(request.signal === undefined ? [] : [request.signal])])
    const { value, exchange } = await observe(
      {
        signal,
        traffic: request.traffic,
        timeoutMilliseconds: dependencies.timeoutMilliseconds,
        streamed: true,
        ...(request.from > 0 ? { headers: { range: `bytes=${request.from}-` } } : {}),
      },
      () => client.storage.from(request.bucket).download(request.objectPath).asStream(),
    )
    if (exchange.failure !== null) return { ok: false, error: networkError(exchange.failure, host) }
    if (value.error === null) {
      const resumed = exchange.status === 206 ? startOfContentRange(exchange.headers?.get('content-range') ?? null) : 0
      if (resumed === null || (resumed !== 0 && resumed !== request.from)) {
        stalled.abort()
        return fail('cloud_incompatible', 'The cloud sent another part of the file than was asked for.')
      }
      return ok(
        readObject(value.data, resumed, { dependencies, stalled, cancelled: request.signal, traffic: request.traffic }),
      )
    }
    if (exchange.status === 401 && attempt === 0) {
      token = await session.renewAfterRefusal(token.value)
      continue
    }
    const refusal = readRefusal(exchange.status ?? 0, value.error)
    const status = statusOfObjectRefusal(refusal.status, value.error.statusCode)
    if (status === 404)
      return fail('file_missing', 'The cloud does not have this file.', 'Ask the recycler to send it again.')
    if (status === 416)
      return fail('file_altered', 'The file in the cloud is shorter than what was already fetched of it.')
    return { ok: false, error: refusalError({ ...refusal, status }) }
  }
}

function readObject(
  stream: ReadableStream<Uint8Array> | null,
  from: number,
  context: {
    readonly dependencies: ObjectDependencies
    readonly stalled: AbortController
    readonly cancelled: AbortSignal | undefined
    readonly traffic: Traffic | undefined
  },
): ObjectDownload {
  let failure: ReturnType<typeof networkError> | null = null
  const { dependencies, stalled, cancelled, traffic } = context
  const host = dependencies.host
  async function* chunks(): AsyncGenerator<Uint8Array> {
    if (stream === null) return
    const reader = stream.getReader()
    try {
      for (;;) {
        const timer = setTimeout(
          () => stalled.abort(new DOMException('the transfer stands still', 'TimeoutError')),
          dependencies.stallMilliseconds,
        )
        try {
          const { done, value } = await reader.read()
          if (done) return
          if (traffic !== undefined) traffic.receivedBytes += value.byteLength
          yield value
        } finally {
          clearTimeout(timer)
        }
      }
    } catch (error) {
      failure = networkError(cancelled?.aborted === true ? 'cancelled' : classifyNetworkFailure(error), host)
    } finally {
      // The rest is of no use; an unread body would hold the connection.
      await reader.cancel().catch(() => {})
    }
  }
  return { from, chunks: chunks(), failure: () => failure }
}
