import { type Caller, readCaller } from '../caller.ts'
import { describeObject, getObject, sendObject } from './download.ts'
import { copyObject, listBuckets, listObjects, moveObject, removeObjects } from './manage.ts'
import { createResumableHandler } from './resumable.ts'
import { downloadSigned, signDownload, signDownloads, signUpload, uploadSigned } from './signed.ts'
import type { ObjectPath, StorageContext } from './storage-context.ts'
import { StorageError } from './storage-error.ts'
import { upload } from './upload.ts'

const notFound = (request: Request): Response =>
  Response.json(
    { statusCode: '404', error: 'Not Found', message: `Route ${request.method}:${new URL(request.url).pathname}` },
    { status: 404 },
  )

const decode = (segment: string): string => {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new StorageError('InvalidKey', `Invalid key: ${segment}`)
  }
}

/** The first segment is the bucket, the rest is the name; undefined where either is missing. */
const toObjectPath = (segments: readonly string[]): ObjectPath | undefined => {
  const [bucket, ...name] = segments
  return bucket === undefined || name.length === 0 ? undefined : { bucket, name: name.join('/') }
}

const read = async (
  context: StorageContext,
  request: Request,
  segments: readonly string[],
  caller: Caller,
): Promise<Response> => {
  const [first] = segments
  if (first === 'info') {
    const target = toObjectPath(
      ['authenticated', 'public'].includes(segments[1] ?? '') ? segments.slice(2) : segments.slice(1),
    )
    if (target === undefined) return notFound(request)
    return describeObject(await getObject(context, target, caller, 'object.get_authenticated_info'))
  }
  const prefixed = first === 'authenticated' || first === 'public'
  const target = toObjectPath(prefixed ? segments.slice(1) : segments)
  if (target === undefined) return notFound(request)
  const reason = first === 'public' ? 'object.get_public' : 'object.get_authenticated'
  return sendObject(context, request, await getObject(context, target, caller, reason))
}

const write = async (
  context: StorageContext,
  request: Request,
  segments: readonly string[],
  caller: Caller,
): Promise<Response> => {
  const [first, second] = segments
  if (first === 'list' && second !== undefined) return listObjects(context, request, second, caller)
  if (first === 'move') return moveObject(context, request, caller)
  if (first === 'copy') return copyObject(context, request, caller)
  if (first === 'sign' && segments.length === 2 && second !== undefined) {
    return signDownloads(context, request, second, caller)
  }
  const rest =
    first === 'sign' ? segments.slice(1) : first === 'upload' && second === 'sign' ? segments.slice(2) : segments
  const target = toObjectPath(rest)
  if (target === undefined) return notFound(request)
  if (first === 'sign') return signDownload(context, request, target, caller)
  if (first === 'upload' && second === 'sign') return signUpload(context, request, target, caller)
  return upload(context, request, target, { kind: 'caller', caller }, request.headers.get('x-upsert') === 'true')
}

const dispatchSigned = (
  context: StorageContext,
  request: Request,
  segments: readonly string[],
): Promise<Response> | undefined => {
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  if (isRead && segments[0] === 'sign') {
    const target = toObjectPath(segments.slice(1))
    return target === undefined ? undefined : downloadSigned(context, request, target)
  }
  if (request.method === 'PUT' && segments[0] === 'upload' && segments[1] === 'sign') {
    const target = toObjectPath(segments.slice(2))
    return target === undefined ? undefined : uploadSigned(context, request, target)
  }
  return undefined
}

const dispatch = async (
  context: StorageContext,
  resumable: ReturnType<typeof createResumableHandler>,
  request: Request,
): Promise<Response> => {
  const [kind, ...segments] = new URL(request.url).pathname
    .replace(/^\/storage\/v1\//, '')
    .split('/')
    .map(decode)
  if (kind === 'object') {
    const signed = dispatchSigned(context, request, segments)
    if (signed !== undefined) return signed
  }
  const caller = readCaller(request.headers, context.secrets, Date.now())
  if (typeof caller === 'string') throw new StorageError('InvalidJWT', caller)
  if (kind === 'upload' && segments[0] === 'resumable') return resumable(request, segments[1] || undefined, caller)
  if (kind === 'bucket' && request.method === 'GET') return listBuckets(context, caller, segments[0])
  if (kind !== 'object') return notFound(request)
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      return read(context, request, segments, caller)
    case 'POST':
      return write(context, request, segments, caller)
    case 'PUT': {
      const target = toObjectPath(segments)
      return target === undefined
        ? notFound(request)
        : upload(context, request, target, { kind: 'caller', caller }, true)
    }
    case 'DELETE':
      return segments[0] === undefined ? notFound(request) : removeObjects(context, request, segments[0], caller)
    default:
      return notFound(request)
  }
}

/**
 * Answers `/storage/v1/*` as Supabase Storage does, for what storage-js 2.119 calls on a bucket's files: upload, update,
 * download (with ranges), list, info, exists, move, copy, remove, signed URLs for both directions, and uploads in pieces. Buckets are made
 * by migrations: they can be listed here, not changed. Who may do what is decided by the policies on `storage.objects`.
 */
export const createStorageHandler = (
  context: StorageContext,
  reportDefect: (error: unknown) => void,
): ((request: Request) => Promise<Response>) => {
  const resumable = createResumableHandler(context)
  return async (request) => {
    try {
      return await dispatch(context, resumable, request)
    } catch (error) {
      if (error instanceof StorageError) return error.toResponse()
      // A sender that went away in the middle of a body is nobody's defect.
      if (!request.signal.aborted) reportDefect(error)
      return new StorageError('InternalError').toResponse()
    }
  }
}
