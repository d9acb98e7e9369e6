import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { migrate, prepareDatabase, type RunningPostgres, startPostgres } from '../../tools/local-cloud/index.ts'
import { makeTemporaryFolder } from '../../tools/local-cloud/testing.ts'
import { describeCatalogue } from './catalogue.ts'
import { migrationsDirectory, SERVER_TEST_MS } from './support.ts'

const timeout = SERVER_TEST_MS
const folder = makeTemporaryFolder()
let server: RunningPostgres
let whole: readonly string[]
const start = async () => {
  server = await startPostgres({ dataDirectory: folder.path, durable: false })
}
beforeAll(async () => {
  await start()
  const complete = await newDatabase('complete')
  await migrate(complete, migrationsDirectory)
  whole = await describeCatalogue(complete)
  await complete.end()
}, timeout)
afterAll(async () => {
  await server.stop()
  folder.remove()
})

const connectTo = async (database: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: server.connectionString.replace(/\/postgres$/, `/${database}`) })
  // Connections of this test are cut on purpose.
  client.on('error', () => {})
  await client.connect()
  return client
}
const newDatabase = async (name: string): Promise<pg.Client> => {
  const maker = await connectTo('postgres')
  await maker.query(`create database ${name} template template0`)
  await maker.end()
  const client = await connectTo(name)
  await prepareDatabase(client)
  return client
}
/** A connection to a server that is on its way up again. */
const reconnect = async (database: string): Promise<pg.Client> => {
  for (let attempt = 0; ; attempt++)
    try {
      return await connectTo(database)
    } catch (error) {
      if (attempt === 200) throw error
      await pause(100)
    }
}

/**
 * Runs the migrations of a database until one of them waits for a lock in the middle of its file, and says for which one it waits. The
 * files before it are applied; what it has done itself is not committed.
 */
const stopInTheMiddle = async (name: string) => {
  const files = readdirSync(migrationsDirectory).sort()
  const client = await newDatabase(name)
  const first = mkdtempSync(path.join(os.tmpdir(), 'veridesk-first-'))
  for (const file of files.filter((given) => given < '20261121'))
    cpSync(path.join(migrationsDirectory, file), path.join(first, file))
  await migrate(client, first)
  rmSync(first, { recursive: true })
  const holder = await connectTo(name)
  await holder.query('begin; lock table public.batches, public.users, public.evidence_files in row exclusive mode')
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  const pid = rows[0]?.pid ?? 0
  const ended = migrate(client, migrationsDirectory).then(
    () => 'done',
    () => 'interrupted',
  )
  for (let waiting = false; !waiting; ) {
    const { rows: blocked } = await holder.query('select 1 from pg_locks where pid = $1 and not granted', [pid])
    waiting = blocked.length > 0
    await pause(10)
  }
  return { pid, ended }
}

const continueAndCompare = async (name: string): Promise<void> => {
  const client = await reconnect(name)
  const before = await client.query('select count(*)::int as files from supabase_migrations.schema_migrations')
  const applied = await migrate(client, migrationsDirectory)
  expect(applied.length).toBe(readdirSync(migrationsDirectory).length - before.rows[0].files)
  expect(applied.length).toBeGreaterThan(0)
  expect(await describeCatalogue(client)).toEqual(whole)
  expect(await migrate(client, migrationsDirectory)).toEqual([])
  await client.end()
}

test('a migration whose connection is killed in the middle is as if it had not begun, and runs again', {
  timeout,
}, async () => {
  const { pid, ended } = await stopInTheMiddle('cut_connection')
  process.kill(pid, 'SIGKILL')
  expect(await ended).toBe('interrupted')
  await continueAndCompare('cut_connection')
})

test('the same when the whole server is killed', { timeout }, async () => {
  const { ended } = await stopInTheMiddle('cut_server')
  process.kill(server.processId, 'SIGKILL')
  expect(await ended).toBe('interrupted')
  await server.ended
  await start()
  await continueAndCompare('cut_server')
})

test('a statement that fails takes everything of its file with it', { timeout }, async () => {
  const client = await newDatabase('failing')
  await migrate(client, migrationsDirectory)
  const more = mkdtempSync(path.join(os.tmpdir(), 'veridesk-more-'))
  cpSync(migrationsDirectory, more, { recursive: true })
  writeFileSync(
    path.join(more, '20991231000000_failing.sql'),
    `create table public.unwanted (id int); drop function public.sync_push(jsonb); update public.credit_rules set plastic_per_unit = 7;
     select 1 / 0;`,
  )
  await expect(migrate(client, more)).rejects.toThrow('division by zero')
  rmSync(more, { recursive: true })
  expect(await describeCatalogue(client)).toEqual(whole)
  const { rows } = await client.query('select 1 from public.credit_rules where plastic_per_unit = 7')
  expect(rows).toEqual([])
  expect(await migrate(client, migrationsDirectory)).toEqual([])
  await client.end()
})
