import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import pg, { type Client } from 'pg'

/** A migration that could not be applied, in words that name the file and the place. */
export class MigrationError extends Error {
  readonly file: string
  /** 1-based; null where the server named no place in the file. */
  readonly line: number | null
  readonly sqlState: string | null

  constructor(file: string, message: string, line: number | null, sqlState: string | null, cause?: unknown) {
    super(`${file}${line === null ? '' : `, line ${line}`}: ${message}`, { cause })
    this.name = 'MigrationError'
    this.file = file
    this.line = line
    this.sqlState = sqlState
  }
}

interface MigrationFile {
  readonly file: string
  readonly version: string
  readonly name: string
  readonly sql: string
}

/** The ledger of the Supabase CLI, with the columns that it reads. */
const LEDGER = `
create schema if not exists supabase_migrations;
create table if not exists supabase_migrations.schema_migrations (
  version text primary key,
  statements text[],
  name text
);
`

/**
 * A released file makes a function whose text calls one of PostgreSQL 16 and is replaced by a later file. Before 16 texts of functions
 * are not looked into when they are made; `supabase db push` to such a project needs `PGOPTIONS='-c check_function_bodies=off'`.
 */
const LENIENT_BEFORE_16 = `select set_config('check_function_bodies', 'off', false)
  where current_setting('server_version_num')::integer < 160000`

const FILE_NAME = /^(?<version>\d+)_(?<name>.+)\.sql$/

const readFiles = (directory: string): readonly MigrationFile[] =>
  readdirSync(directory)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => {
      const parts = FILE_NAME.exec(file)?.groups
      const version = parts?.version
      const name = parts?.name
      if (version === undefined || name === undefined) {
        throw new MigrationError(file, 'its name must be <digits>_<name>.sql', null, null)
      }
      return { file, version, name, sql: readFileSync(path.join(directory, file), 'utf8') }
    })

/** Text without what the CLI changes when it splits a file into statements: white space and separators. */
const essence = (statements: readonly string[]): string => statements.join('').replaceAll(/[\s;]+/g, '')

const lineOf = (sql: string, error: pg.DatabaseError): number | null => {
  const position = Number.parseInt(error.position ?? '', 10)
  return Number.isSafeInteger(position) ? sql.slice(0, position - 1).split('\n').length : null
}

const toMigrationError = (file: MigrationFile, error: unknown): MigrationError => {
  if (!(error instanceof pg.DatabaseError)) {
    return new MigrationError(file.file, error instanceof Error ? error.message : String(error), null, null, error)
  }
  const detail = [error.message, error.detail, error.hint, error.where].filter((part) => part !== undefined).join('. ')
  return new MigrationError(file.file, detail, lineOf(file.sql, error), error.code ?? null, error)
}

const transactionId = async (client: Client): Promise<string | undefined> =>
  (await client.query<{ id: string }>('select pg_current_xact_id()::text as id')).rows[0]?.id

/** What a file sets for its session must not reach the ledger, nor the next file. */
const endSettings = async (client: Client): Promise<void> => {
  await client.query('reset role')
  await client.query('set search_path to "$user", public, extensions')
}

const apply = async (client: Client, file: MigrationFile): Promise<void> => {
  await client.query('begin')
  try {
    const before = await transactionId(client)
    await client.query(file.sql)
    if ((await transactionId(client)) !== before) {
      throw new Error('it ends the transaction it runs in; remove its commit or rollback')
    }
    await endSettings(client)
    await client.query(
      'insert into supabase_migrations.schema_migrations (version, name, statements) values ($1, $2, $3)',
      [file.version, file.name, [file.sql]],
    )
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw toMigrationError(file, error)
  } finally {
    await endSettings(client)
  }
}

const check = (files: readonly MigrationFile[], applied: ReadonlyMap<string, readonly string[] | null>): void => {
  const known = new Set(files.map((file) => file.version))
  for (const version of applied.keys()) {
    if (!known.has(version)) {
      throw new MigrationError(
        version,
        'the database has this migration and the folder does not; it was made by a newer program',
        null,
        null,
      )
    }
  }
  const newest = [...applied.keys()].sort().at(-1)
  for (const file of files) {
    const statements = applied.get(file.version)
    if (statements !== undefined && statements !== null && essence(statements) !== essence([file.sql])) {
      throw new MigrationError(
        file.file,
        'it was edited after it was applied; put the change in a new file',
        null,
        null,
      )
    }
    if (statements === undefined && newest !== undefined && file.version < newest) {
      throw new MigrationError(
        file.file,
        `it is older than ${newest}, which is applied; give it a newer number`,
        null,
        null,
      )
    }
  }
}

/**
 * Applies the files of `directory` (`<digits>_<name>.sql`, in that order) that the database does not have yet, each in
 * one transaction on this one connection, and records them in `supabase_migrations.schema_migrations` as the Supabase
 * CLI does. Answers with the names of the files applied. Throws `MigrationError` for a file that fails, was edited after
 * it was applied, comes too late, or is missing; the files before it stay applied.
 */
export const migrate = async (client: Client, directory: string): Promise<readonly string[]> => {
  const files = readFiles(directory)
  await client.query("select pg_advisory_lock(hashtext('local-cloud.migrate'))")
  try {
    await client.query(LEDGER)
    await client.query(LENIENT_BEFORE_16)
    const { rows } = await client.query<{ version: string; statements: string[] | null }>(
      'select version, statements from supabase_migrations.schema_migrations',
    )
    const applied = new Map(rows.map((row) => [row.version, row.statements]))
    check(files, applied)
    const pending = files.filter((file) => !applied.has(file.version))
    for (const file of pending) await apply(client, file)
    return pending.map((file) => file.file)
  } finally {
    await client.query("select pg_advisory_unlock(hashtext('local-cloud.migrate'))")
  }
}
