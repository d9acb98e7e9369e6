import type { CloudFailure } from './database.ts'

/** Headers that let a browser's page call a function, as Supabase's own functions send them. */
const crossOrigin = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'authorization, x-client-info, apikey, content-type, idempotency-key',
  'access-control-allow-methods': 'GET, POST, OPTIONS',
}

/** What every refusal of a function looks like. */
export interface Refusal {
  readonly success: false
  /** A sentence for people. */
  readonly error: string
  /** For programs; never changes its meaning. */
  readonly code: string
  /** What to do about it. */
  readonly action: string
}

/** Answers with JSON. */
export const respond = (body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response =>
  Response.json(body, { status, headers: { ...crossOrigin, 'cache-control': 'no-store', ...headers } })

/** Answers that it was not done, why, and what to do. */
export const refuse = (
  status: number,
  code: string,
  error: string,
  action: string,
  headers: Readonly<Record<string, string>> = {},
): Response => respond({ success: false, error, code, action } satisfies Refusal, status, headers)

/** Passes a failure of the database on. */
export const refuseBecause = (failure: CloudFailure): Response =>
  refuse(
    failure.status,
    failure.code,
    failure.message,
    failure.action,
    failure.retryAfter === undefined ? {} : { 'retry-after': String(failure.retryAfter) },
  )

/** The answer to a browser's question whether it may call; null for every other request. */
export const preflight = (request: Request): Response | null =>
  request.method === 'OPTIONS' ? new Response(null, { status: 204, headers: crossOrigin }) : null

const DEFAULT_BODY_LIMIT = 256 * 1024

const readLimited = async (request: Request, limit: number): Promise<Uint8Array<ArrayBuffer> | null> => {
  if (Number(request.headers.get('content-length') ?? 0) > limit) return null
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = request.body?.getReader()
  for (let step = await reader?.read(); step !== undefined && !step.done; step = await reader?.read()) {
    size += step.value.byteLength
    if (size > limit) {
      await reader?.cancel()
      return null
    }
    chunks.push(step.value)
  }
  const bytes = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  return bytes
}

/** Reads a request's JSON object; a response is the refusal to send instead. `limit` is in bytes, 256 KiB when left out. */
export const readObject = async (
  request: Request,
  limit = DEFAULT_BODY_LIMIT,
): Promise<Readonly<Record<string, unknown>> | Response> => {
  if (request.method !== 'POST')
    return refuse(405, 'method_not_allowed', 'This function takes POST alone.', 'Send a POST request.', {
      allow: 'POST, OPTIONS',
    })
  const bytes = await readLimited(request, limit)
  if (bytes === null)
    return refuse(413, 'too_large', `The request has more than ${limit} bytes.`, 'Send a smaller request.')
  try {
    const body: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return { ...body }
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof TypeError)) throw error
  }
  return refuse(400, 'invalid_request', 'The request is not a JSON object.', 'Send a JSON object.')
}
