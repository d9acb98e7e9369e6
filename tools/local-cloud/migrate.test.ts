import { rmSync } from 'node:fs'
import path from 'node:path'
import type { Client } from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { migrate } from './migrate.ts'
import { prepareDatabase } from './prepare-database.ts'
import { type RunningPostgres, startPostgres } from './start-postgres.ts'
import { makeTemporaryFolder, SERVER_TEST_MS, withClient, writeMigrations } from './testing.ts'

const timeout = SERVER_TEST_MS

let folder: ReturnType<typeof makeTemporaryFolder>
let postgres: RunningPostgres

beforeAll(async () => {
  folder = makeTemporaryFolder()
  postgres = await startPostgres({ dataDirectory: folder.path, durable: false })
}, timeout)
afterAll(async () => {
  await postgres.stop()
  folder.remove()
})

/** Each test has a database of its own. */
let databaseUrl: string
let count = 0
beforeEach(async () => {
  count += 1
  const name = `test_${count}`
  await withClient(postgres.connectionString, (client) => client.query(`create database ${name}`))
  databaseUrl = postgres.connectionString.replace(/\/postgres$/, `/${name}`)
  await withDatabase(prepareDatabase)
  rmSync(path.join(folder.path, 'migrations'), { recursive: true, force: true })
})

const withDatabase = <Value>(work: (client: Client) => Promise<Value>): Promise<Value> => withClient(databaseUrl, work)

const apply = (files: Readonly<Record<string, string>>): Promise<readonly string[]> =>
  withDatabase((client) => migrate(client, writeMigrations(folder.path, files)))

const tableExists = (name: string): Promise<boolean> =>
  withDatabase(async (client) => {
    const { rows } = await client.query('select to_regclass($1) is not null as found', [name])
    return rows[0]?.found
  })

const ONE = { '20260101000000_one.sql': 'create table public.one (id int); insert into public.one values (1);' }

test('files are applied in order, once, and recorded as the Supabase CLI records them', { timeout }, async () => {
  const two = { ...ONE, '20260102000000_two.sql': 'create table public.two as select id from public.one;' }
  expect(await apply(ONE)).toEqual(['20260101000000_one.sql'])
  expect(await apply(two)).toEqual(['20260102000000_two.sql'])
  expect(await apply(two)).toEqual([])
  const { rows } = await withDatabase((client) =>
    client.query('select version, name from supabase_migrations.schema_migrations order by version'),
  )
  expect(rows).toEqual([
    { version: '20260101000000', name: 'one' },
    { version: '20260102000000', name: 'two' },
  ])
})

test('a file that fails leaves nothing of itself, names its line and keeps what came before', { timeout }, async () => {
  const broken = {
    ...ONE,
    '20260102000000_broken.sql': 'create table public.two (id int);\n\ninsert into public.missing values (1);',
  }
  await expect(apply(broken)).rejects.toMatchObject({
    name: 'MigrationError',
    file: '20260102000000_broken.sql',
    line: 3,
    sqlState: '42P01',
    message: expect.stringContaining('20260102000000_broken.sql, line 3: relation "public.missing" does not exist'),
  })
  expect(await tableExists('public.one')).toBe(true)
  expect(await tableExists('public.two')).toBe(false)
})

test('a file that was edited after it was applied is refused', { timeout }, async () => {
  await apply(ONE)
  const edited = { '20260101000000_one.sql': 'create table public.one (id bigint);' }
  await expect(apply(edited)).rejects.toThrow('it was edited after it was applied')
})

test('a file that the CLI applied, split into statements, is recognised', { timeout }, async () => {
  await apply({})
  await withDatabase(async (client) => {
    await client.query('create table public.one (id int)')
    await client.query(
      'insert into supabase_migrations.schema_migrations (version, name, statements) values ($1, $2, $3)',
      ['20260101000000', 'one', ['create table public.one (id int)', 'insert into public.one values (1)']],
    )
  })
  expect(await apply(ONE)).toEqual([])
})

test('a file older than the newest applied one is refused', { timeout }, async () => {
  await apply(ONE)
  const late = { ...ONE, '20250101000000_late.sql': 'create table public.late ();' }
  await expect(apply(late)).rejects.toThrow('it is older than 20260101000000')
})

test('a database from a newer program is refused', { timeout }, async () => {
  await apply({ ...ONE, '20260102000000_two.sql': 'create table public.two ();' })
  rmSync(path.join(folder.path, 'migrations/20260102000000_two.sql'))
  await expect(apply(ONE)).rejects.toThrow('made by a newer program')
})

test('a file that commits by itself is refused', { timeout }, async () => {
  const files = { '20260101000000_own.sql': 'create table public.own (); commit; begin;' }
  await expect(apply(files)).rejects.toThrow('it ends the transaction it runs in')
})

test('what a file sets for its session does not reach the next one', { timeout }, async () => {
  const files = {
    '20260101000000_set.sql': 'create schema elsewhere; set search_path to elsewhere; set role anon;',
    '20260102000000_next.sql': 'create table next_one ();',
  }
  await apply(files)
  expect(await tableExists('public.next_one')).toBe(true)
})

test('a name that is not a migration is refused', { timeout }, async () => {
  await expect(apply({ 'notes.sql': 'select 1' })).rejects.toThrow('its name must be <digits>_<name>.sql')
})

test('two programs that migrate at once apply each file once', { timeout }, async () => {
  const directory = writeMigrations(folder.path, ONE)
  const answers = await Promise.all([1, 2, 3].map(() => withDatabase((client) => migrate(client, directory))))
  expect(answers.flat()).toEqual(['20260101000000_one.sql'])
})

test('preparing a database twice changes nothing', { timeout }, async () => {
  await apply({ '20260101000000_own.sql': "comment on function auth.uid() is 'the project itself put this here'" })
  await withDatabase(prepareDatabase)
  const { rows } = await withDatabase((client) =>
    client.query("select obj_description('auth.uid()'::regprocedure) as comment"),
  )
  expect(rows).toEqual([{ comment: 'the project itself put this here' }])
})
