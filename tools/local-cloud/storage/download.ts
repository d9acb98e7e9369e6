import { asCaller, type Caller } from '../caller.ts'
import { getBucket, type ObjectPath, type ObjectRow, operation, type StorageContext } from './storage-context.ts'
import { StorageError } from './storage-error.ts'

const FIND = 'select * from storage.objects where bucket_id = $1 and name = $2'

/** An object as the caller may see it; one they may not see is not found, so that its name stays unknown. */
export const getObject = async (
  context: StorageContext,
  target: ObjectPath,
  caller: Caller | 'storage',
  reason: string,
): Promise<ObjectRow> => {
  const values = [target.bucket, target.name]
  const bucket = await getBucket(context, target.bucket)
  const everybody = caller === 'storage' || (bucket.public && reason === 'object.get_public')
  const { rows } = everybody
    ? await context.pool.query<ObjectRow>(FIND, values)
    : await asCaller(context.pool, caller, operation(reason), (client) => client.query<ObjectRow>(FIND, values))
  const row = rows[0]
  if (row === undefined) throw new StorageError('NoSuchKey')
  return row
}

interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * Reads a `Range` header for a file of `size` bytes (RFC 9110, section 14.1.2). Undefined where the whole file is to be
 * sent: no header, several ranges, or a unit we do not know.
 */
export const readRange = (header: string | null, size: number): ByteRange | undefined => {
  const parts = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  const first = parts?.[1]
  const last = parts?.[2]
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined
  const start = first === '' ? Math.max(size - Number(last), 0) : Number(first)
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (start >= size || start > end) throw new StorageError('InvalidRange')
  return { start, end }
}

const headersFor = (row: ObjectRow, download: string | null): Headers => {
  const headers = new Headers({
    'accept-ranges': 'bytes',
    'cache-control': row.metadata.cacheControl,
    'content-type': row.metadata.mimetype,
    etag: row.metadata.eTag,
    'last-modified': new Date(row.metadata.lastModified).toUTCString(),
    // The type is what a client said: a browser must not guess another and run it.
    'x-content-type-options': 'nosniff',
  })
  if (download !== null) {
    const name = download === '' ? (row.name.split('/').at(-1) ?? 'file') : download
    headers.set('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(name)}`)
  }
  return headers
}

/** Answers with an object's bytes, whole or the range that was asked for. */
export const sendObject = async (context: StorageContext, request: Request, row: ObjectRow): Promise<Response> => {
  const size = await context.files.size(row.version)
  if (size === undefined) throw new StorageError('NoSuchKey', 'The bytes of the object are gone')
  const headers = headersFor(row, new URL(request.url).searchParams.get('download'))
  if (request.headers.get('if-none-match') === row.metadata.eTag) return new Response(null, { status: 304, headers })
  const range = readRange(request.headers.get('range'), size)
  const { start, end } = range ?? { start: 0, end: size - 1 }
  headers.set('content-length', String(end - start + 1))
  if (range !== undefined) headers.set('content-range', `bytes ${start}-${end}/${size}`)
  const empty = request.method === 'HEAD' || size === 0
  const body = empty ? null : context.files.read(row.version, start, end)
  return new Response(body, { status: range === undefined ? 200 : 206, headers })
}

/** Answers with what is known of an object, in the form of storage-js's `FileObjectV2`. */
export const describeObject = (row: ObjectRow): Response =>
  Response.json({
    id: row.id,
    name: row.name,
    bucket_id: row.bucket_id,
    version: row.version,
    size: row.metadata.size,
    content_type: row.metadata.mimetype,
    cache_control: row.metadata.cacheControl,
    etag: row.metadata.eTag,
    last_modified: row.metadata.lastModified,
    metadata: row.user_metadata ?? {},
    created_at: row.created_at,
    updated_at: row.updated_at,
  })
