import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { Client } from 'pg'
import { to as copyTo } from 'pg-copy-streams'

/** A table whose rows are part of a backup. */
interface DumpedTable {
  readonly schema: string
  readonly name: string
  /** Its columns that are stored and not computed, quoted. */
  readonly columns: readonly string[]
}

/** What was written. */
export interface DumpedData {
  readonly migrations: readonly string[]
  readonly rows: Readonly<Record<string, number>>
  /** Versions of stored files that rows name. */
  readonly fileVersions: readonly string[]
}

/**
 * Tables with rows of their own: ours, and those of Auth and Storage. Left out are the feed, which a restore makes anew, tables
 * that a crash may empty, and the ledgers of the platform's own migrations.
 */
const TABLES = `
select n.nspname as schema, c.relname as name,
  array(
    select quote_ident(a.attname) from pg_attribute a
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attnum
  ) as columns
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence = 'p'
  and (
    n.nspname in ('public', 'private')
    or (n.nspname in ('auth', 'storage') and c.relname not in ('schema_migrations', 'migrations'))
    or (n.nspname, c.relname) = ('supabase_migrations', 'seed_files')
  )
  and (n.nspname, c.relname) <> ('public', 'sync_feed')
order by 1, 2`

const SEQUENCES = `
select format('select pg_catalog.setval(%L, %s, true);', format('%I.%I', schemaname, sequencename), last_value) as statement
from pg_sequences
where schemaname in ('public', 'private', 'auth', 'storage') and last_value is not null
order by 1`

/** The months that the audit log is partitioned by are made before its rows come. */
const PARTITIONS = `
select format('select private.add_audit_partition(%L);', to_char(to_date(right(c.relname, 7), 'YYYY_MM'), 'YYYY-MM-DD"T00:00:00Z"')) as statement
from pg_inherits i
join pg_class c on c.oid = i.inhrelid
where i.inhparent = to_regclass('public.audit_logs') and c.relname ~ '_[0-9]{4}_[0-9]{2}$'
order by 1`

const nameOf = ({ schema, name }: DumpedTable): string => `${schema}.${name}`

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

const quotedName = ({ schema, name }: DumpedTable): string => `${quoted(schema)}.${quoted(name)}`

const statements = async (client: Client, sql: string): Promise<readonly string[]> =>
  (await client.query<{ statement: string }>(sql)).rows.map(({ statement }) => statement)

const versionsOf = async (client: Client, sql: string): Promise<readonly string[]> =>
  (await client.query<{ version: string }>(sql)).rows.map(({ version }) => version)

/**
 * Writes the rows of a cloud's database to `file`, gzipped: a script that `psql` reads too, of `COPY` and a few settings, without
 * definitions, which the migrations bring. All of it is of one moment; nobody is kept waiting.
 */
export const dumpData = async (client: Client, file: string): Promise<DumpedData> => {
  await client.query('begin isolation level repeatable read read only')
  try {
    await client.query(`set local datestyle = 'ISO'; set local timezone = 'UTC'; set local extra_float_digits = 3`)
    const tables = (await client.query<DumpedTable>(TABLES)).rows
    const rows: Record<string, number> = {}
    const script = async function* (): AsyncGenerator<string | Buffer> {
      yield '-- Rows of a cloud. Its tables come from the migrations; end with: select private.finish_restore();\n'
      yield `set datestyle = 'ISO';\nset timezone = 'UTC';\nset session_replication_role = 'replica';\n`
      for (const statement of await statements(client, PARTITIONS)) yield `${statement}\n`
      yield `truncate ${tables.map(quotedName).join(', ')};\n`
      for (const table of tables) {
        const columns = table.columns.join(', ')
        yield `copy ${quotedName(table)} (${columns}) from stdin;\n`
        // A partitioned table is read by a query, and written by its name.
        const copy = client.query(copyTo(`copy (select ${columns} from ${quotedName(table)}) to stdout`))
        for await (const chunk of copy) yield chunk as Buffer
        rows[nameOf(table)] = copy.rowCount
        yield '\\.\n'
      }
      for (const statement of await statements(client, SEQUENCES)) yield `${statement}\n`
      yield `set session_replication_role = 'origin';\n`
    }
    await pipeline(script(), createGzip({ level: 6 }), createWriteStream(file, { mode: 0o600 }))
    return {
      rows,
      migrations: await versionsOf(
        client,
        'select version from supabase_migrations.schema_migrations order by version',
      ),
      fileVersions: await versionsOf(
        client,
        'select version from storage.objects where version is not null order by version',
      ),
    }
  } finally {
    await client.query('rollback')
  }
}
