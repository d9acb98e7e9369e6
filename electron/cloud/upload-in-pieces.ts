import { type AppError, fail, ok, type Result } from '../../shared/result.ts'
import { compareObject } from './compare-object.ts'
import type { ObjectDependencies } from './download-object.ts'
import { observe } from './exchange.ts'
import { networkError, type Refusal, readRetryAfter, refusalError } from './refusal.ts'
import { afterRefusal, type Uploaded, type UploadRequest } from './upload-request.ts'

/** The size of a piece that Supabase Storage asks for; also what goes in one ordinary request. */
export const pieceBytes = 6 * 1024 * 1024
/** What is handed to the network at a time: a stall is noticed, and progress told, at this grain. */
const sliceBytes = 64 * 1024
/** A piece may take as long as it moves; this only bounds what nobody waits for any more. */
const longestPiece = 24 * 60 * 60 * 1000
/** How much longer what is buffered may take than what was handed over slowly: four of six megabytes, and some. */
const bufferedShare = 4
const route = 'upload/resumable'

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

interface Call {
  readonly method: 'POST' | 'HEAD' | 'PATCH'
  /** Below the cloud's storage. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: () => { readonly stream: ReadableStream<Uint8Array>; readonly stalled: AbortSignal }
}

/** Makes one request of tus 1.0.0, with the token of the session; a token refused once is renewed. */
async function ask(dependencies: ObjectDependencies, request: UploadRequest, call: Call): Promise<Result<Answer>> {
  const { session, host, url, publishableKey } = dependencies
  let token = await session.accessToken()
  for (let attempt = 0; ; attempt += 1) {
    if (!token.ok) return token
    const body = call.body?.()
    const init = {
      method: call.method,
      headers: {
        apikey: publishableKey,
        authorization: `Bearer ${token.value}`,
        'tus-resumable': '1.0.0',
        ...call.headers,
      },
      // Node needs to be told that it may read the answer only after the body is sent (WHATWG fetch, `duplex`).
      ...(body === undefined ? {} : { body: body.stream, duplex: 'half', signal: body.stalled }),
    }
    const { value, exchange } = await observe(
      {
        signal: request.signal,
        traffic: request.traffic,
        timeoutMilliseconds: body === undefined ? dependencies.timeoutMilliseconds : longestPiece,
      },
      () => dependencies.fetch(`${url.replace(/\/$/, '')}/storage/v1/${call.path}`, init),
    )
    if (exchange.failure !== null) return { ok: false, error: networkError(exchange.failure, host) }
    if (exchange.status === 401 && attempt === 0) {
      token = await session.renewAfterRefusal(token.value)
      continue
    }
    return ok({ status: exchange.status ?? 0, headers: value.headers, text: (await value.text()).slice(0, 500) })
  }
}

const refusalOf = ({ status, headers, text }: Answer): Refusal => ({
  // Locked by a request that is not quite over (tus servers answer so): it passes like an overload.
  status: status === 423 ? 503 : status,
  code: null,
  message: text === '' || text.startsWith('{') ? null : text,
  details: null,
  hint: null,
  retryAfterSeconds: readRetryAfter(headers),
})

const readOffset = ({ headers }: Answer): number | null => {
  const text = headers.get('upload-offset') ?? ''
  return /^\d{1,15}$/.test(text) ? Number(text) : null
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** Announces the file. Answers with the path for its pieces; `refused` is what the cloud says against it. */
async function begin(
  dependencies: ObjectDependencies,
  request: UploadRequest,
): Promise<Result<{ readonly path: string } | { readonly refused: Refusal }>> {
  const metadata = { bucketName: request.bucket, objectName: request.objectPath, contentType: request.mediaType }
  const answer = await ask(dependencies, request, {
    method: 'POST',
    path: route,
    headers: {
      'upload-length': String(request.byteSize),
      'upload-metadata': Object.entries(metadata)
        .map(([key, value]) => `${key} ${base64(value)}`)
        .join(','),
      'x-upsert': 'false',
    },
  })
  if (!answer.ok) return answer
  if (answer.value.status !== 201) return ok({ refused: refusalOf(answer.value) })
  // The host that a proxy makes up is not believed: the token goes to the cloud's own address alone.
  const id = /\/([\w-]{1,4000})\/?$/.exec(answer.value.headers.get('location') ?? '')?.[1]
  return id === undefined
    ? fail('cloud_incompatible', 'The cloud did not say where the file is to be sent.', 'Ask whoever runs the cloud.')
    : ok({ path: `${route}/${id}` })
}

/** How much of the file the cloud has; null when it does not know the upload any more. */
async function askOffset(
  dependencies: ObjectDependencies,
  request: UploadRequest,
  path: string,
): Promise<Result<number | null>> {
  const answer = await ask(dependencies, request, { method: 'HEAD', path })
  if (!answer.ok) return answer
  const { status } = answer.value
  if (status === 404 || status === 410) return ok(null)
  const offset = status === 200 || status === 204 ? readOffset(answer.value) : null
  if (offset !== null && offset <= request.byteSize) return ok(offset)
  return { ok: false, error: refusalError(refusalOf(answer.value)) }
}

/** Hands a piece to the network slice by slice. `stalled` is raised when nothing moves for too long. */
function streamPiece(
  bytes: Uint8Array,
  stallMilliseconds: number,
  onHandedOver: (bytes: number) => void,
): ReturnType<NonNullable<Call['body']>> & { readonly close: () => void } {
  const stalled = new AbortController()
  let position = 0
  let timer: NodeJS.Timeout | undefined
  const began = performance.now()
  const watch = (milliseconds: number) => {
    clearTimeout(timer)
    timer = setTimeout(() => stalled.abort(new DOMException('the transfer stands still', 'TimeoutError')), milliseconds)
  }
  watch(stallMilliseconds)
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        watch(stallMilliseconds)
        const next = bytes.subarray(position, position + sliceBytes)
        position += next.length
        onHandedOver(position)
        controller.enqueue(next)
        if (position < bytes.length) return
        controller.close()
        // The system buffers megabytes: on a slow line most of the piece may still be on its way when all of it is handed over.
        watch(stallMilliseconds + bufferedShare * (performance.now() - began))
      },
      cancel: () => clearTimeout(timer),
    },
    { highWaterMark: 0 },
  )
  return { stream, stalled: stalled.signal, close: () => clearTimeout(timer) }
}

async function sendPiece(
  dependencies: ObjectDependencies,
  request: UploadRequest,
  { path, offset }: { readonly path: string; readonly offset: number },
): Promise<Result<Answer>> {
  const bytes = await request.read(offset, Math.min(offset + pieceBytes, request.byteSize))
  if (!bytes.ok) return bytes
  let close = () => {}
  try {
    return await ask(dependencies, request, {
      method: 'PATCH',
      path,
      headers: {
        'content-type': 'application/offset+octet-stream',
        'content-length': String(bytes.value.length),
        'upload-offset': String(offset),
      },
      body: () => {
        close()
        const piece = streamPiece(bytes.value, dependencies.stallMilliseconds, (handed) =>
          request.onProgress({ arrived: offset, handedOver: offset + handed }),
        )
        close = piece.close
        return piece
      },
    })
  } finally {
    close()
  }
}

/** The cloud lost what it had of the file. Nothing is lost here: the next try begins at the beginning. */
const placeGone = (request: UploadRequest): Result<never> => {
  request.onPlace(null)
  return fail(
    'cloud_unreachable',
    'The cloud does not know of the upload that was under way.',
    'It is begun again by itself.',
    { reason: 'upload_expired' },
  )
}

/** All pieces are said to be there: the file itself is read back, since tus has no checksum in this dialect. */
async function check(dependencies: ObjectDependencies, request: UploadRequest): Promise<Result<Uploaded>> {
  const same = await compareObject(dependencies, request)
  if (same.ok) return ok('sent')
  return same.error.code === 'file_missing' ? placeGone(request) : same
}

const passes = (error: AppError): boolean => error.code === 'cloud_unreachable'

/**
 * Sends a file by tus 1.0.0 as Supabase Storage speaks it (supabase.com/docs/guides/storage/uploads/resumable-uploads). Where the line is
 * cut or stands still, the cloud is asked what arrived: as long as every try moves it on, it goes on; else the failure is answered, and
 * the next call resumes. What lies there in the end is read back and compared.
 */
export async function uploadInPieces(
  dependencies: ObjectDependencies,
  request: UploadRequest,
): Promise<Result<Uploaded>> {
  let path = request.resumePath
  let offset = 0
  if (path !== null) {
    const known = await askOffset(dependencies, request, path)
    if (!known.ok) return known
    // It may have ended, with the answer lost; beginning again finds out.
    if (known.value === null) path = null
    else offset = known.value
  }
  if (path === null) {
    const begun = await begin(dependencies, request)
    if (!begun.ok) return begun
    if ('refused' in begun.value) return afterRefusal(dependencies, request, begun.value.refused)
    path = begun.value.path
    request.onPlace(path)
  }
  request.onProgress({ arrived: offset, handedOver: offset })
  while (offset < request.byteSize) {
    const sent = await sendPiece(dependencies, request, { path, offset })
    const failure = sent.ok ? failureOf(sent.value) : sent.error
    let arrived: number | null = sent.ok && failure === null ? readOffset(sent.value) : null
    if (arrived === null) {
      if (failure !== null && !passes(failure) && !(sent.ok && sent.value.status === 409)) {
        if (sent.ok && (sent.value.status === 404 || sent.value.status === 410)) return check(dependencies, request)
        return sent.ok ? afterRefusal(dependencies, request, refusalOf(sent.value)) : sent
      }
      const known = await askOffset(dependencies, request, path)
      if (!known.ok) return failure === null ? known : { ok: false, error: failure }
      if (known.value === null) return check(dependencies, request)
      arrived = known.value
      // No step further than before: the way is too bad for now, or the name was taken meanwhile.
      if (arrived <= offset && sent.ok && sent.value.status === 409)
        return afterRefusal(dependencies, request, refusalOf(sent.value))
      if (arrived <= offset && failure !== null) return { ok: false, error: failure }
    }
    if (arrived <= offset || arrived > request.byteSize)
      return fail('cloud_incompatible', 'The cloud counts what it has of the file in another way.', undefined, {
        offset,
        arrived,
      })
    offset = arrived
    request.onProgress({ arrived: offset, handedOver: offset })
  }
  return check(dependencies, request)
}

const failureOf = (answer: Answer): AppError | null =>
  answer.status === 204 || answer.status === 200 ? null : refusalError(refusalOf(answer))
