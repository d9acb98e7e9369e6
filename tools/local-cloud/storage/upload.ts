import { randomUUID } from 'node:crypto'
import type { ClientBase } from 'pg'
import {
  type ContentInspector,
  createContentInspector,
  isOfType,
} from '../../../supabase/functions/_shared/content-type.ts'
import { asCaller, type Caller } from '../caller.ts'
import type { ReceivedFile } from './object-files.ts'
import {
  type BucketRow,
  checkKey,
  getBucket,
  type ObjectMetadata,
  type ObjectPath,
  operation,
  ownerOf,
  type StorageContext,
  toStorageError,
} from './storage-context.ts'
import { StorageError } from './storage-error.ts'
import { readUpload, type UploadBody } from './upload-body.ts'

/** Whose name an upload is stored under, and who is asked whether it may be. */
export type Uploader =
  | { readonly kind: 'caller'; readonly caller: Caller }
  /** The holder of a signed upload URL: whoever made the URL was asked then. */
  | { readonly kind: 'signed'; readonly owner: string | null }

/** A row to be written to `storage.objects`. */
export interface NewObject extends ObjectPath {
  readonly owner: string | null
  readonly version: string
  readonly metadata: Partial<ObjectMetadata>
  readonly userMetadata: UploadBody['userMetadata']
}

/** Bytes that a file of a bucket may have. */
export const limitOf = (context: StorageContext, bucket: BucketRow): number =>
  Math.min(context.fileSizeLimit, bucket.file_size_limit === null ? Number.MAX_SAFE_INTEGER : +bucket.file_size_limit)

/** Whether a bucket takes a media type. */
export const allows = (bucket: BucketRow, mediaType: string): boolean =>
  bucket.allowed_mime_types === null ||
  bucket.allowed_mime_types.length === 0 ||
  bucket.allowed_mime_types.some(
    (allowed) => allowed === mediaType || (allowed.endsWith('/*') && mediaType.startsWith(allowed.slice(0, -1))),
  )

const INSERT = `insert into storage.objects
  (id, bucket_id, name, owner, owner_id, metadata, user_metadata, version)
  values ($1, $2, $3, $4::uuid, $4::text, $5::jsonb, $6::jsonb, $7)`

const OR_REPLACE = ` on conflict (bucket_id, name) do update set
  owner = excluded.owner, owner_id = excluded.owner_id, metadata = excluded.metadata,
  user_metadata = excluded.user_metadata, version = excluded.version, updated_at = now()
  returning id`

/**
 * Writes an object's row under the client's role and answers with its id. A new row is not read back, since a policy may
 * let a person add what they may not see; a replaced one is, as Supabase Storage asks for all three policies then.
 */
export const writeRow = async (client: ClientBase, row: NewObject, upsert: boolean): Promise<string> => {
  const id = randomUUID()
  const values = [
    id,
    row.bucket,
    row.name,
    row.owner,
    JSON.stringify(row.metadata),
    row.userMetadata === null ? null : JSON.stringify(row.userMetadata),
    row.version,
  ]
  if (!upsert) {
    await client.query(INSERT, values)
    return id
  }
  const { rows } = await client.query<{ id: string }>(INSERT + OR_REPLACE, values)
  return rows[0]?.id ?? id
}

const metadataOf = (received: ReceivedFile, body: UploadBody): ObjectMetadata => ({
  eTag: received.eTag,
  size: received.size,
  mimetype: body.mediaType,
  cacheControl: body.cacheControl,
  lastModified: new Date().toISOString(),
  contentLength: received.size,
  httpStatusCode: 200,
})

/** Runs `work` as the uploader: under their role, or as the storage itself for a signed URL. */
const asUploader = async <Value>(
  context: StorageContext,
  uploader: Uploader,
  work: (client: ClientBase) => Promise<Value>,
): Promise<Value> => {
  const caller: Caller =
    uploader.kind === 'caller'
      ? uploader.caller
      : { role: 'service_role', userId: null, claims: { role: 'service_role' } }
  return asCaller(context.pool, caller, operation('object.upload'), work)
}

/** Stores a request's bytes under a name. Answers `{Id, Key}`. */
export const upload = async (
  context: StorageContext,
  request: Request,
  target: ObjectPath,
  uploader: Uploader,
  upsert: boolean,
): Promise<Response> => {
  checkKey(target.name)
  const limit = limitOf(context, await getBucket(context, target.bucket))
  const id = await storeBody(context, target, await readUpload(request, limit), uploader, upsert)
  return Response.json({ Id: id, Key: `${target.bucket}/${target.name}` })
}

/**
 * Stores bytes: to a temporary file, synced, moved to its place and then named by a row, in that order, so that a name never points to
 * half a file. Answers with the id of the row.
 */
export const storeBody = async (
  context: StorageContext,
  target: ObjectPath,
  body: UploadBody,
  uploader: Uploader,
  upsert: boolean,
): Promise<string> => {
  const bucket = await getBucket(context, target.bucket)
  const inspector = createContentInspector()
  const received = await context.files.receive(inspected(body.bytes, inspector), limitOf(context, bucket))
  try {
    if (!allows(bucket, body.mediaType)) {
      throw new StorageError('InvalidMimeType', `mime type ${body.mediaType} is not supported`)
    }
    // Stricter than Supabase Storage, which takes the client's word; there, the job `evidence.check` looks afterwards.
    if (!isOfType(body.mediaType, inspector.find())) {
      throw new StorageError('InvalidMimeType', `the content of the file is not ${body.mediaType}`)
    }
    const row: NewObject = {
      ...target,
      owner: uploader.kind === 'caller' ? ownerOf(uploader.caller) : uploader.owner,
      version: received.version,
      metadata: metadataOf(received, body),
      userMetadata: body.userMetadata,
    }
    return await asUploader(context, uploader, async (client) => {
      const written = await writeRow(client, row, upsert)
      await received.keep()
      return written
    })
  } catch (error) {
    await received.discard()
    throw toStorageError(error)
  }
}

/** Lets bytes through and shows them to the inspector. */
async function* inspected(bytes: AsyncIterable<Uint8Array>, inspector: ContentInspector): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    inspector.add(chunk)
    yield chunk
  }
}

class Rehearsed extends Error {}

/** Throws unless the caller may write this object now; leaves nothing behind. */
export const rehearseUpload = async (
  context: StorageContext,
  target: ObjectPath,
  caller: Caller,
  upsert: boolean,
): Promise<void> => {
  checkKey(target.name)
  await getBucket(context, target.bucket)
  const row: NewObject = { ...target, owner: ownerOf(caller), version: randomUUID(), metadata: {}, userMetadata: null }
  try {
    await asCaller(context.pool, caller, operation('object.sign_upload_url'), async (client) => {
      await writeRow(client, row, upsert)
      throw new Rehearsed()
    })
  } catch (error) {
    if (!(error instanceof Rehearsed)) throw toStorageError(error)
  }
}
