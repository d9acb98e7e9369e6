import pg, { type Pool } from 'pg'
import type { Caller } from '../caller.ts'
import type { CloudSecrets } from '../secrets.ts'
import type { ObjectFiles } from './object-files.ts'
import type { ResumableFiles } from './resumable-files.ts'
import { StorageError } from './storage-error.ts'

/** What every storage request works with. */
export interface StorageContext {
  /** Connects as the database's owner; a caller's work runs under the caller's role. */
  readonly pool: Pool
  readonly files: ObjectFiles
  readonly resumable: ResumableFiles
  readonly secrets: CloudSecrets
  /** Bytes; no bucket may allow more. */
  readonly fileSizeLimit: number
}

/** Where an object is: its bucket and its full name, folders included. */
export interface ObjectPath {
  readonly bucket: string
  readonly name: string
}

/** A bucket's rules. */
export interface BucketRow {
  readonly id: string
  readonly public: boolean
  readonly file_size_limit: string | null
  readonly allowed_mime_types: readonly string[] | null
}

/** What is recorded of an object's bytes, in the words of Supabase Storage. */
export interface ObjectMetadata {
  readonly eTag: string
  readonly size: number
  readonly mimetype: string
  readonly cacheControl: string
  readonly lastModified: string
  readonly contentLength: number
  readonly httpStatusCode: number
}

/** A row of `storage.objects`. */
export interface ObjectRow {
  readonly id: string
  readonly bucket_id: string
  readonly name: string
  readonly version: string
  readonly owner_id: string | null
  readonly metadata: ObjectMetadata
  readonly user_metadata: Readonly<Record<string, unknown>> | null
  readonly created_at: string
  readonly updated_at: string
  readonly last_accessed_at: string
}

/** The characters Supabase Storage takes in a name (its `isValidKey`): anything else is refused there, so here too. */
const VALID_KEY = /^[\w/!.*'() &$@=;:+,?-]+$/

/** Throws `InvalidKey` for a name that the real storage would refuse. */
export const checkKey = (name: string): void => {
  const parts = name.split('/')
  if (
    !VALID_KEY.test(name) ||
    name.length > 1024 ||
    parts.includes('') ||
    parts.includes('..') ||
    parts.includes('.')
  ) {
    throw new StorageError('InvalidKey', `Invalid key: ${name}`)
  }
}

/** A bucket's rules, whoever asks: they are not secret, and an upload is refused by them before it is by a policy. */
export const getBucket = async (context: StorageContext, id: string): Promise<BucketRow> => {
  const { rows } = await context.pool.query<BucketRow>(
    'select id, public, file_size_limit, allowed_mime_types from storage.buckets where id = $1',
    [id],
  )
  const bucket = rows[0]
  if (bucket === undefined) throw new StorageError('NoSuchBucket')
  return bucket
}

/** Puts a database error into storage's words; one that storage has no words for stays as it is. */
export const toStorageError = (error: unknown): unknown => {
  if (!(error instanceof pg.DatabaseError)) return error
  if (error.code === '42501') return new StorageError('AccessDenied')
  if (error.code === '23505') return new StorageError('KeyAlreadyExists')
  if (error.code === '23503') return new StorageError('NoSuchBucket')
  // PTnnn is how the schema's own functions refuse.
  if (error.code?.startsWith('PT') === true) return new StorageError('AccessDenied', error.message)
  return error
}

/** The setting that `storage.operation()` reads in a policy. */
export const operation = (name: string): { readonly name: string; readonly value: string } => ({
  name: 'storage.operation',
  value: `storage.${name}`,
})

/** The owner recorded with an object: the signed-in user, nobody for the service. */
export const ownerOf = (caller: Caller): string | null => caller.userId
