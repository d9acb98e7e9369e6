import { z } from 'zod'
import { asCaller, type Caller } from '../caller.ts'
import { getObject } from './download.ts'
import {
  checkKey,
  getBucket,
  type ObjectRow,
  operation,
  ownerOf,
  type StorageContext,
  toStorageError,
} from './storage-context.ts'
import { StorageError } from './storage-error.ts'
import { writeRow } from './upload.ts'

const MoveRequest = z.object({
  bucketId: z.string(),
  sourceKey: z.string(),
  destinationKey: z.string(),
  destinationBucket: z.string().optional(),
})

const RemoveRequest = z.object({ prefixes: z.array(z.string()).max(1000) })

const ListRequest = z.object({
  prefix: z.string().default(''),
  limit: z.int().min(1).max(1000).default(100),
  offset: z.int().min(0).default(0),
  search: z.string().default(''),
  sortBy: z
    .object({
      column: z.enum(['name', 'updated_at', 'created_at', 'last_accessed_at']).default('name'),
      order: z.enum(['asc', 'desc']).default('asc'),
    })
    .prefault({}),
})

/** Parses a request's JSON, or answers as storage does for a body it does not understand. */
export const readBody = async <Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
): Promise<z.output<Schema>> => {
  const parsed = schema.safeParse(await request.json().catch(() => undefined))
  if (!parsed.success) throw new StorageError('InvalidRequest', z.prettifyError(parsed.error))
  return parsed.data
}

/** Gives an object another name, or another bucket; its bytes stay where they are. */
export const moveObject = async (context: StorageContext, request: Request, caller: Caller): Promise<Response> => {
  const body = await readBody(request, MoveRequest)
  checkKey(body.destinationKey)
  try {
    await asCaller(context.pool, caller, operation('object.move'), async (client) => {
      const { rowCount } = await client.query(
        `update storage.objects set bucket_id = $3, name = $4, updated_at = now()
         where bucket_id = $1 and name = $2`,
        [body.bucketId, body.sourceKey, body.destinationBucket ?? body.bucketId, body.destinationKey],
      )
      if (rowCount === 0) throw new StorageError('NoSuchKey')
    })
  } catch (error) {
    throw toStorageError(error)
  }
  return Response.json({ message: 'Successfully moved' })
}

/** Stores an object's bytes a second time under another name. */
export const copyObject = async (context: StorageContext, request: Request, caller: Caller): Promise<Response> => {
  const body = await readBody(request, MoveRequest)
  checkKey(body.destinationKey)
  const source = await getObject(context, { bucket: body.bucketId, name: body.sourceKey }, caller, 'object.copy')
  const copy = await context.files.copy(source.version)
  const target = { bucket: body.destinationBucket ?? body.bucketId, name: body.destinationKey }
  try {
    const id = await asCaller(context.pool, caller, operation('object.copy'), async (client) => {
      const written = await writeRow(
        client,
        {
          ...target,
          owner: ownerOf(caller),
          version: copy.version,
          metadata: { ...source.metadata, lastModified: new Date().toISOString() },
          userMetadata: source.user_metadata,
        },
        request.headers.get('x-upsert') === 'true',
      )
      await copy.keep()
      return written
    })
    return Response.json({ Id: id, Key: `${target.bucket}/${target.name}` })
  } catch (error) {
    await copy.discard()
    throw toStorageError(error)
  }
}

/** Removes the named objects that the caller may remove, and answers with those. */
export const removeObjects = async (
  context: StorageContext,
  request: Request,
  bucket: string,
  caller: Caller,
): Promise<Response> => {
  const body = await readBody(request, RemoveRequest)
  await getBucket(context, bucket)
  const { rows } = await asCaller(context.pool, caller, operation('object.delete_many'), (client) =>
    client.query<ObjectRow>('delete from storage.objects where bucket_id = $1 and name = any($2) returning *', [
      bucket,
      body.prefixes,
    ]),
  ).catch((error: unknown) => {
    throw toStorageError(error)
  })
  // After the commit: bytes without a name are swept, a name without bytes would be a lie.
  for (const row of rows) await context.files.remove(row.version)
  return Response.json(rows)
}

const LIST = `
with visible as (
  select id, substr(name, length($2) + 1) as rest, updated_at, created_at, last_accessed_at, metadata
  from storage.objects where bucket_id = $1 and starts_with(name, $2)
), entries as (
  select rest as name, id, updated_at, created_at, last_accessed_at, metadata
  from visible where rest <> '' and position('/' in rest) = 0
  union all
  select distinct split_part(rest, '/', 1), null::uuid, null::timestamptz, null::timestamptz, null::timestamptz, null::jsonb
  from visible where position('/' in rest) > 0
)
select * from entries where starts_with(lower(name), lower($3))`

/** Lists one folder the way Supabase Storage does: files by their last name, folders as entries without an id. */
export const listObjects = async (
  context: StorageContext,
  request: Request,
  bucket: string,
  caller: Caller,
): Promise<Response> => {
  const body = await readBody(request, ListRequest)
  await getBucket(context, bucket)
  const prefix = body.prefix === '' || body.prefix.endsWith('/') ? body.prefix : `${body.prefix}/`
  const { rows } = await asCaller(context.pool, caller, operation('object.list'), (client) =>
    client.query(`${LIST} order by ${body.sortBy.column} ${body.sortBy.order}, name limit $4 offset $5`, [
      bucket,
      prefix,
      body.search,
      body.limit,
      body.offset,
    ]),
  )
  return Response.json(rows)
}

/** Lists the buckets that a policy lets the caller see; with an id, that one. */
export const listBuckets = async (context: StorageContext, caller: Caller, id?: string): Promise<Response> => {
  const { rows } = await asCaller(context.pool, caller, operation('bucket.list'), (client) =>
    client.query('select * from storage.buckets where $1::text is null or id = $1 order by id', [id ?? null]),
  )
  if (id === undefined) return Response.json(rows)
  if (rows[0] === undefined) throw new StorageError('NoSuchBucket')
  return Response.json(rows[0])
}
