import { randomUUID } from 'node:crypto'
import type { Client } from 'pg'
import type { ObjectFiles } from './storage/object-files.ts'
import { checkKey } from './storage/storage-context.ts'
import { writeRow } from './storage/upload.ts'

/** What a seed works with. */
export interface SeedContext {
  /** Inside a transaction that the runtime commits: the whole seed is there, or none of it. Never commit it yourself. */
  readonly client: Client
  /** Stores a file in a bucket that a migration made. `owner` is a user's id. */
  putObject(object: {
    readonly bucket: string
    readonly name: string
    readonly bytes: Uint8Array
    readonly mediaType: string
    readonly owner?: string
  }): Promise<void>
  readonly log: (line: string) => void
}

const LEDGER_ENTRY = 'local-cloud'

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** Runs `seed` if this database has not been seeded yet. Answers whether it ran. */
export const seedOnce = async (options: {
  readonly client: Client
  readonly files: ObjectFiles
  readonly seed: (context: SeedContext) => Promise<void>
  readonly log: (line: string) => void
}): Promise<boolean> => {
  const { client, files, log } = options
  await client.query('begin')
  try {
    const { rowCount } = await client.query(
      'insert into supabase_migrations.seed_files (path, hash) values ($1, $2) on conflict do nothing',
      [LEDGER_ENTRY, randomUUID()],
    )
    if (rowCount === 0) {
      await client.query('rollback')
      return false
    }
    await options.seed({
      client,
      log,
      async putObject(object) {
        checkKey(object.name)
        const received = await files.receive(once(object.bytes), Number.MAX_SAFE_INTEGER)
        await received.keep()
        const metadata = {
          eTag: received.eTag,
          size: received.size,
          mimetype: object.mediaType,
          cacheControl: 'max-age=3600',
          lastModified: new Date().toISOString(),
          contentLength: received.size,
          httpStatusCode: 200,
        }
        await writeRow(
          client,
          {
            bucket: object.bucket,
            name: object.name,
            owner: object.owner ?? null,
            version: received.version,
            metadata,
            userMetadata: null,
          },
          false,
        )
      },
    })
    await client.query('commit')
  } catch (error) {
    // The files that were stored have no rows now; the next start sweeps them.
    await client.query('rollback')
    throw error
  }
  // The planner knows nothing yet about rows that came all at once.
  await client.query('analyze')
  return true
}
