import { type ChildProcess, fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createAuthUsers } from './auth-users.ts'
import { DirectoryInUseError } from './directory-lock.ts'
import { isAlive } from './postmaster-file.ts'
import { type LocalCloud, type LocalCloudOptions, startLocalCloud } from './start-local-cloud.ts'
import { startPostgres } from './start-postgres.ts'
import { PEOPLE, TEST_SCHEMA } from './test-schema.ts'
import { connect, makeTemporaryFolder, SERVER_TEST_MS, signIn, withClient, writeMigrations } from './testing.ts'

const timeout = SERVER_TEST_MS
const { amina } = PEOPLE

let folder: ReturnType<typeof makeTemporaryFolder>
let running: { stop(): Promise<void> }[]

beforeEach(() => {
  folder = makeTemporaryFolder()
  running = []
})
afterEach(async () => {
  for (const part of running.toReversed()) await part.stop()
  folder.remove()
})

const start = async (options: Partial<LocalCloudOptions> = {}): Promise<LocalCloud> => {
  const cloud = await startLocalCloud({
    dataDirectory: path.join(folder.path, 'data'),
    migrationsDirectory: writeMigrations(folder.path, TEST_SCHEMA),
    seed: ({ client }) => createAuthUsers(client, [amina]),
    durable: false,
    ...options,
  })
  running.push(cloud)
  return cloud
}

const objectFiles = (): readonly string[] =>
  readdirSync(path.join(folder.path, 'data', 'objects'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)

const addNote = async (cloud: LocalCloud, id: number): Promise<void> => {
  const client = await signIn(cloud, amina.email, amina.password)
  const { error } = await client.from('notes').insert({ id, amount: 1, body: {} })
  if (error !== null) throw error
}

const countNotes = (cloud: LocalCloud): Promise<number> =>
  withClient(cloud.databaseUrl, async (client) => {
    const { rows } = await client.query('select count(*)::int as count from public.notes')
    return rows[0]?.count
  })

test('a second start finds rows, files, accounts, keys and the address of the first', { timeout }, async () => {
  const first = await start()
  await addNote(first, 1)
  const client = await signIn(first, amina.email, amina.password)
  await client.storage.from('documents').upload(`${amina.id}/a.txt`, 'kept')
  await first.stop()
  await expect(fetch(first.url)).rejects.toThrow()

  const second = await start()
  expect(second).toMatchObject({ url: first.url, publishableKey: first.publishableKey, secretKey: first.secretKey })
  expect(await countNotes(second)).toBe(1)
  const again = await signIn(second, amina.email, amina.password)
  const { data } = await again.storage.from('documents').download(`${amina.id}/a.txt`)
  expect(await data?.text()).toBe('kept')
})

test('every data directory has keys of its own, which only its owner can read', { timeout }, async () => {
  const one = await start()
  const other = await start({ dataDirectory: path.join(folder.path, 'other') })
  expect(other.publishableKey).not.toBe(one.publishableKey)
  expect(other.secretKey).not.toBe(one.secretKey)
  const refused = await fetch(`${other.url}/rest/v1/notes`, { headers: { apikey: one.publishableKey } })
  expect(refused.status).toBe(401)
  if (process.platform !== 'win32') {
    expect(statSync(path.join(one.dataDirectory, 'secrets.json')).mode & 0o777).toBe(0o600)
  }
})

test('a second cloud on the same directory is refused', { timeout }, async () => {
  await start()
  await expect(start()).rejects.toThrow(DirectoryInUseError)
  await expect(start()).rejects.toThrow(`process ${process.pid}`)
})

test('reset begins again: no rows, no files, new keys, the seed once more', { timeout }, async () => {
  const first = await start()
  await addNote(first, 1)
  const client = await signIn(first, amina.email, amina.password)
  await client.storage.from('documents').upload(`${amina.id}/a.txt`, 'gone')
  await first.stop()
  const second = await start({ reset: true })
  expect(second.publishableKey).not.toBe(first.publishableKey)
  expect(await countNotes(second)).toBe(0)
  expect(objectFiles()).toEqual([])
  await signIn(second, amina.email, amina.password)
})

test('a killed cloud comes back with what was committed and without what was half done', { timeout }, async () => {
  const dataDirectory = path.join(folder.path, 'data')
  const first = await start({ durable: true })
  await first.stop()
  const script = path.join(folder.path, 'program.ts')
  writeFileSync(
    script,
    `import { startLocalCloud } from ${JSON.stringify(path.join(import.meta.dirname, 'start-local-cloud.ts'))}
     const cloud = await startLocalCloud({ dataDirectory: ${JSON.stringify(dataDirectory)} })
     process.on('message', () => {})
     process.send({ url: cloud.url, publishableKey: cloud.publishableKey, databaseUrl: cloud.databaseUrl })`,
  )
  const program: ChildProcess = fork(script)
  const [cloud] = (await once(program, 'message')) as [LocalCloud]
  await addNote(cloud, 1)
  const client = await signIn(cloud, amina.email, amina.password)
  await client.storage.from('documents').upload(`${amina.id}/a.txt`, 'kept')
  const unfinished = new ReadableStream({
    pull(controller) {
      controller.enqueue(new Uint8Array(1000))
      return new Promise((resolve) => setTimeout(resolve, 20))
    },
  })
  const upload = client.storage.from('documents').upload(`${amina.id}/half.bin`, unfinished)
  await expect.poll(() => objectFiles().length, { timeout }).toBe(2)
  program.kill('SIGKILL')
  await once(program, 'exit')
  expect((await upload).error).not.toBeNull()

  const lines: string[] = []
  const second = await start({ log: (line) => lines.push(line) })
  expect(lines.join('\n')).toContain('Removed 1 files')
  expect(objectFiles()).toHaveLength(1)
  expect(await countNotes(second)).toBe(1)
  const again = await signIn(second, amina.email, amina.password)
  const { data } = await again.storage.from('documents').download(`${amina.id}/a.txt`)
  expect(await data?.text()).toBe('kept')
})

test('files that no row names are swept at the start', { timeout }, async () => {
  const first = await start()
  const client = await signIn(first, amina.email, amina.password)
  await client.storage.from('documents').upload(`${amina.id}/a.txt`, 'kept')
  await first.stop()
  const [named] = objectFiles()
  const root = path.join(
    first.dataDirectory,
    'objects',
    readdirSync(path.join(first.dataDirectory, 'objects'))[0] ?? '',
  )
  const leftover = randomUUID()
  mkdirSync(path.join(root, leftover.slice(0, 2)), { recursive: true })
  writeFileSync(path.join(root, leftover.slice(0, 2), leftover), 'nobody')
  await start()
  expect(objectFiles()).toEqual([named])
})

test('a seed that fails leaves nothing, and is run again', { timeout }, async () => {
  const seed: LocalCloudOptions['seed'] = async ({ client, putObject }) => {
    await createAuthUsers(client, [amina])
    await putObject({ bucket: 'documents', name: 'a.txt', bytes: Buffer.from('a'), mediaType: 'text/plain' })
    throw new Error('the seed stopped half-way')
  }
  await expect(start({ seed })).rejects.toThrow('the seed stopped half-way')
  const cloud = await start()
  expect(objectFiles()).toEqual([])
  await signIn(cloud, amina.email, amina.password)
})

test('a failing migration stops the start and leaves nothing running', { timeout }, async () => {
  const directory = writeMigrations(path.join(folder.path, 'broken'), { '1_broken.sql': 'selec 1' })
  await expect(start({ migrationsDirectory: directory })).rejects.toThrow('1_broken.sql, line 1')
  const cloud = await start({ reset: true })
  expect(await countNotes(cloud)).toBe(0)
})

test('another PostgreSQL is used where one is given, and is left running', { timeout }, async () => {
  const other = await startPostgres({ dataDirectory: path.join(folder.path, 'other-postgres'), durable: false })
  running.push(other)
  const cloud = await start({ databaseUrl: other.connectionString })
  expect(cloud.databaseUrl).toBe(other.connectionString)
  expect(readdirSync(cloud.dataDirectory)).not.toContain('postgres')
  await addNote(cloud, 1)
  await cloud.stop()
  expect(isAlive(other.processId)).toBe(true)
  const again = await start({ databaseUrl: other.connectionString })
  expect(await countNotes(again)).toBe(1)
  await again.stop()
  await expect(start({ databaseUrl: other.connectionString, reset: true })).rejects.toThrow('is not reset from here')
})

test('files of one database are not swept by a start on another', { timeout }, async () => {
  const embedded = await start()
  const client = await signIn(embedded, amina.email, amina.password)
  await client.storage.from('documents').upload(`${amina.id}/a.txt`, 'kept')
  await embedded.stop()
  const other = await startPostgres({ dataDirectory: path.join(folder.path, 'other-postgres'), durable: false })
  running.push(other)
  const elsewhere = await start({ databaseUrl: other.connectionString })
  await elsewhere.stop()
  expect(objectFiles()).toHaveLength(1)
})

test('a port that is asked for is used, and said to be taken', { timeout }, async () => {
  const first = await start()
  const port = Number(new URL(first.url).port)
  const dataDirectory = path.join(folder.path, 'other')
  await expect(start({ dataDirectory, port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  await first.stop()
  const second = await start({ dataDirectory, port })
  expect(new URL(second.url)).toMatchObject({ hostname: '127.0.0.1', port: String(port) })
})

test('how long a start takes, from nothing and again, is said', { timeout }, async () => {
  const measure = async (): Promise<number> => {
    const before = performance.now()
    const cloud = await start({ durable: true })
    const after = performance.now()
    await connect(cloud).auth.getSession()
    await cloud.stop()
    return Math.round(after - before)
  }
  const times = { fromNothing: await measure(), again: await measure() }
  console.info(`local cloud listening after ${times.fromNothing} ms from nothing, ${times.again} ms again`)
  expect(objectFiles()).toEqual([])
})
