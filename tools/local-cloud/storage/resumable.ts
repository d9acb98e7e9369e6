import { randomUUID } from 'node:crypto'
import type { Caller } from '../caller.ts'
import type { ResumableUpload } from './resumable-files.ts'
import { checkKey, getBucket, type StorageContext } from './storage-context.ts'
import { StorageError } from './storage-error.ts'
import { allows, limitOf, rehearseUpload, storeBody } from './upload.ts'
import { fromBase64, parseMetadata, readStream } from './upload-body.ts'

/**
 * Uploads in pieces by tus 1.0.0 (tus.io/protocols/resumable-upload), in Supabase Storage's dialect: `bucketName` and `objectName` in the
 * metadata, an address that names bucket, object and version, twenty-four hours of life, permission asked at the beginning and with every
 * piece. Extensions: creation and termination; a checksum is none of them, so whoever sends reads back what lies there in the end.
 */
const VERSION_HEADERS = { 'tus-resumable': '1.0.0', 'cache-control': 'no-store' } as const

interface Target {
  readonly bucket: string
  readonly name: string
  readonly version: string
}

const answer = (status: number, headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(null, { status, headers: { ...VERSION_HEADERS, ...headers } })

const refusal = (status: number, message: string): Response =>
  new Response(message, { status, headers: { ...VERSION_HEADERS, 'content-type': 'text/plain' } })

const idOf = (target: Target): string =>
  Buffer.from(`${target.bucket}/${target.name}/${target.version}`).toString('base64url')

const targetOf = (id: string): Target | undefined => {
  const [bucket, ...rest] = Buffer.from(id, 'base64url').toString('utf8').split('/')
  const version = rest.pop()
  return bucket === undefined || version === undefined || rest.length === 0
    ? undefined
    : { bucket, name: rest.join('/'), version }
}

/** `key base64,key base64` (tus, section Creation). */
const readMetadata = (header: string | null): ReadonlyMap<string, string> =>
  new Map(
    (header ?? '')
      .split(',')
      .map((pair) => pair.trim().split(' '))
      .map(([key = '', value]) => [key, fromBase64(value ?? null) ?? '']),
  )

const readCount = (header: string | null): number | undefined =>
  /^\d{1,15}$/.test(header ?? '') ? Number(header) : undefined

/** Takes uploads in pieces. One piece of an upload arrives at a time: a newer request ends the one before it, whose line is dead. */
export const createResumableHandler = (context: StorageContext) => {
  const running = new Map<string, { readonly end: () => void; readonly ended: Promise<unknown> }>()

  const alone = async (version: string, work: (ended: AbortSignal) => Promise<Response>): Promise<Response> => {
    const before = running.get(version)
    before?.end()
    const abort = new AbortController()
    const result = Promise.resolve(before?.ended).then(() => work(abort.signal))
    const entry = { end: () => abort.abort(), ended: result.catch(() => {}) }
    running.set(version, entry)
    try {
      return await result
    } finally {
      if (running.get(version) === entry) running.delete(version)
    }
  }

  const begin = async (request: Request, caller: Caller): Promise<Response> => {
    const length = readCount(request.headers.get('upload-length'))
    if (length === undefined) return refusal(400, 'Upload-Length is missing or no number')
    const metadata = readMetadata(request.headers.get('upload-metadata'))
    const target = {
      bucket: metadata.get('bucketName') ?? '',
      name: metadata.get('objectName') ?? '',
      version: randomUUID(),
    }
    checkKey(target.name)
    const bucket = await getBucket(context, target.bucket)
    if (length > limitOf(context, bucket)) throw new StorageError('EntityTooLarge')
    const mediaType = metadata.get('contentType') || 'application/octet-stream'
    if (!allows(bucket, mediaType)) throw new StorageError('InvalidMimeType', `mime type ${mediaType} is not supported`)
    const upsert = request.headers.get('x-upsert') === 'true'
    await rehearseUpload(context, target, caller, upsert)
    const cacheControl = metadata.get('cacheControl') ?? ''
    await context.resumable.begin(target.version, {
      bucket: target.bucket,
      name: target.name,
      length,
      mediaType,
      cacheControl: /^\d+$/.test(cacheControl) ? `max-age=${cacheControl}` : 'no-cache',
      userMetadata: parseMetadata(metadata.get('metadata') ?? null),
      upsert,
    })
    const { origin, pathname } = new URL(request.url)
    return answer(201, { location: `${origin}${pathname.replace(/\/$/, '')}/${idOf(target)}`, 'upload-offset': '0' })
  }

  const tell = async (target: Target): Promise<Response> => {
    const found = await context.resumable.find(target.version)
    return found === undefined
      ? answer(404)
      : answer(200, { 'upload-offset': String(found.offset), 'upload-length': String(found.upload.length) })
  }

  const finish = async (version: string, upload: ResumableUpload, caller: Caller): Promise<void> => {
    try {
      const { bucket, name, mediaType, cacheControl, userMetadata, upsert } = upload
      const bytes = context.resumable.read(version)
      await storeBody(
        context,
        { bucket, name },
        { bytes, mediaType, cacheControl, userMetadata },
        { kind: 'caller', caller },
        upsert,
      )
    } finally {
      await context.resumable.remove(version)
    }
  }

  const append = async (request: Request, target: Target, caller: Caller, ended: AbortSignal): Promise<Response> => {
    if (request.headers.get('content-type') !== 'application/offset+octet-stream')
      return refusal(415, 'Content-Type must be application/offset+octet-stream')
    const found = await context.resumable.find(target.version)
    if (found === undefined) return refusal(404, 'The file for this url was not found')
    const { upload, offset } = found
    if (upload.bucket !== target.bucket || upload.name !== target.name)
      return refusal(404, 'The url is of another file')
    await rehearseUpload(context, target, caller, upload.upsert)
    if (readCount(request.headers.get('upload-offset')) !== offset) return refusal(409, 'Upload-Offset conflict')
    const now = await context.resumable.append(
      target.version,
      offset,
      upTo(readStream(request.body, ended), upload.length - offset),
    )
    if (now === upload.length) await finish(target.version, upload, caller)
    return answer(204, { 'upload-offset': String(now) })
  }

  return async (request: Request, id: string | undefined, caller: Caller): Promise<Response> => {
    if (request.method === 'OPTIONS')
      return answer(204, { 'tus-version': '1.0.0', 'tus-extension': 'creation,termination' })
    if (request.headers.get('tus-resumable') !== '1.0.0') return refusal(412, 'Tus-Resumable Required')
    try {
      if (id === undefined)
        return request.method === 'POST' ? await begin(request, caller) : refusal(405, 'Not allowed')
      const target = targetOf(id)
      if (target === undefined) return refusal(404, 'The file for this url was not found')
      switch (request.method) {
        case 'HEAD':
          return await alone(target.version, () => tell(target))
        case 'PATCH':
          return await alone(target.version, (ended) => append(request, target, caller, ended))
        case 'DELETE':
          return await alone(target.version, async () => {
            await rehearseUpload(context, target, caller, false)
            await context.resumable.remove(target.version)
            return answer(204)
          })
        default:
          return refusal(405, 'Not allowed')
      }
    } catch (error) {
      // Here the status is on the wire and the body is plain words, unlike everywhere else in the storage.
      if (error instanceof StorageError) return refusal(error.status, error.message)
      throw error
    }
  }
}

/** Ends with an error at the first byte too many; those before it are kept. */
async function* upTo(bytes: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const chunk of bytes) {
    size += chunk.byteLength
    if (size > limit) throw new StorageError('EntityTooLarge')
    yield chunk
  }
}
