import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DirectoryInUseError } from './directory-lock.ts'
import { isAlive, readPostmasterFile } from './postmaster-file.ts'
import { startPostgres } from './start-postgres.ts'
import { makeTemporaryFolder, SERVER_TEST_MS, withClient } from './testing.ts'

const timeout = SERVER_TEST_MS

let folder: ReturnType<typeof makeTemporaryFolder>
let children: ChildProcess[]
let servers: number[]

beforeEach(() => {
  folder = makeTemporaryFolder()
  children = []
  servers = []
})
afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  for (const server of servers.filter(isAlive)) process.kill(server, 'SIGKILL')
  folder.remove()
})

interface OtherServer {
  readonly parent: ChildProcess
  readonly serverId: number
}

/** Another program that starts a server on the folder, writes a row and stays. */
const startElsewhere = async (dataDirectory: string): Promise<OtherServer> => {
  const script = path.join(folder.path, 'other-program.ts')
  writeFileSync(
    script,
    `import { startPostgres } from ${JSON.stringify(path.join(import.meta.dirname, 'start-postgres.ts'))}
     import { withClient } from ${JSON.stringify(path.join(import.meta.dirname, 'testing.ts'))}
     const server = await startPostgres({ dataDirectory: ${JSON.stringify(dataDirectory)} })
     await withClient(server.connectionString, (client) =>
       client.query("create table kept as select 'committed' as state"))
     process.on('message', () => process.exit(0))
     process.send({ serverId: server.processId })`,
  )
  const parent = fork(script, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  children.push(parent)
  const [message] = (await once(parent, 'message')) as [{ serverId: number }]
  servers.push(message.serverId)
  return { parent, serverId: message.serverId }
}

const readState = (connectionString: string): Promise<unknown> =>
  withClient(connectionString, async (client) => (await client.query('select state from kept')).rows)

test('what was written is there after a stop and a start', { timeout }, async () => {
  const dataDirectory = path.join(folder.path, 'data')
  const first = await startPostgres({ dataDirectory })
  await withClient(first.connectionString, (client) => client.query("create table kept as select 'kept' as state"))
  await first.stop()
  await first.stop()
  const second = await startPostgres({ dataDirectory })
  try {
    expect(await readState(second.connectionString)).toEqual([{ state: 'kept' }])
    const facts = await withClient(second.connectionString, async (client) => {
      const { rows } = await client.query(
        "select current_setting('server_version_num')::int as version, current_setting('fsync') as fsync, current_setting('listen_addresses') as listens",
      )
      return rows[0]
    })
    expect(facts).toMatchObject({ fsync: 'on', listens: '127.0.0.1' })
    expect(facts.version).toBeGreaterThanOrEqual(170000)
    expect(facts.version).toBeLessThan(180000)
  } finally {
    await second.stop()
  }
})

test('nobody comes in without the password, which only its owner can read', { timeout }, async () => {
  const server = await startPostgres({ dataDirectory: folder.path, durable: false })
  try {
    const open = server.connectionString.replace(/:[^:@]+@/, ':wrong@')
    await expect(withClient(open, (client) => client.query('select 1'))).rejects.toMatchObject({ code: '28P01' })
    if (process.platform !== 'win32') {
      expect(statSync(path.join(folder.path, 'postgres.password')).mode & 0o777).toBe(0o600)
    }
  } finally {
    await server.stop()
  }
})

test('a second program is refused, and told which process has the directory', { timeout }, async () => {
  const dataDirectory = path.join(folder.path, 'data')
  const { parent } = await startElsewhere(dataDirectory)
  const attempt = startPostgres({ dataDirectory })
  await expect(attempt).rejects.toThrow(DirectoryInUseError)
  await expect(attempt).rejects.toThrow(`process ${parent.pid}`)
})

test('the same program is refused a second time as well', { timeout }, async () => {
  const server = await startPostgres({ dataDirectory: folder.path, durable: false })
  await expect(startPostgres({ dataDirectory: folder.path })).rejects.toThrow(`process ${process.pid}`)
  await server.stop()
})

test('a server whose program was killed is stopped at the next start, and its rows are kept', { timeout }, async () => {
  const dataDirectory = path.join(folder.path, 'data')
  const { parent, serverId } = await startElsewhere(dataDirectory)
  parent.kill('SIGKILL')
  await once(parent, 'exit')
  expect(isAlive(serverId)).toBe(true)
  const lines: string[] = []
  const server = await startPostgres({ dataDirectory, log: (line) => lines.push(line) })
  try {
    expect(lines.join('\n')).toContain(`process ${serverId}`)
    expect(server.processId).not.toBe(serverId)
    expect(await readState(server.connectionString)).toEqual([{ state: 'committed' }])
  } finally {
    await server.stop()
  }
})

test('rows survive when program and server are both killed', { timeout }, async () => {
  const dataDirectory = path.join(folder.path, 'data')
  const { parent, serverId } = await startElsewhere(dataDirectory)
  process.kill(serverId, 'SIGKILL')
  parent.kill('SIGKILL')
  await once(parent, 'exit')
  const server = await startPostgres({ dataDirectory })
  try {
    expect(await readState(server.connectionString)).toEqual([{ state: 'committed' }])
  } finally {
    await server.stop()
  }
})

test('a program that ends without stopping its server takes it along', { timeout }, async () => {
  const dataDirectory = path.join(folder.path, 'data')
  const { parent } = await startElsewhere(dataDirectory)
  parent.send('leave')
  await once(parent, 'exit')
  await expect.poll(() => readPostmasterFile(path.join(dataDirectory, 'postgres')), { timeout }).toBeUndefined()
})

test('a postmaster.pid that names another program is not believed', { timeout }, async () => {
  const first = await startPostgres({ dataDirectory: folder.path, durable: false })
  await first.stop()
  const pidFile = path.join(folder.path, 'postgres', 'postmaster.pid')
  writeFileSync(pidFile, `${process.pid}\n${folder.path}\n0\n1\n\n127.0.0.1\n0 0\nready   \n`)
  const second = await startPostgres({ dataDirectory: folder.path, durable: false })
  expect(readFileSync(pidFile, 'utf8').split('\n')[0]).toBe(String(second.processId))
  await second.stop()
})

test('reset begins with an empty database', { timeout }, async () => {
  const first = await startPostgres({ dataDirectory: folder.path, durable: false })
  await withClient(first.connectionString, (client) => client.query('create table gone ()'))
  await first.stop()
  const second = await startPostgres({ dataDirectory: folder.path, durable: false, reset: true })
  try {
    const { rows } = await withClient(second.connectionString, (client) =>
      client.query("select to_regclass('gone') as gone"),
    )
    expect(rows).toEqual([{ gone: null }])
    expect(second.connectionString).not.toContain(new URL(first.connectionString).password)
  } finally {
    await second.stop()
  }
})

test('a creation that was cut short is begun again', { timeout }, async () => {
  const first = await startPostgres({ dataDirectory: folder.path, durable: false })
  await first.stop()
  rmSync(path.join(folder.path, 'postgres', 'PG_VERSION'))
  renameSync(path.join(folder.path, 'postgres'), path.join(folder.path, 'postgres.unfinished-1'))
  const second = await startPostgres({ dataDirectory: folder.path, durable: false })
  await second.stop()
  expect(existsSync(path.join(folder.path, 'postgres.unfinished-1'))).toBe(false)
})

test("a port that is taken is said, in the server's own words", { timeout }, async () => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const address = taken.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  try {
    const attempt = startPostgres({ dataDirectory: folder.path, durable: false, port })
    await expect(attempt).rejects.toThrow('Address already in use')
  } finally {
    await new Promise((resolve) => taken.close(resolve))
  }
})

test.runIf(process.getuid?.() === 0 && existsSync('/root'))(
  'a data directory that only root may enter works, its cluster elsewhere',
  { timeout },
  async () => {
    const dataDirectory = mkdtempSync(path.join(os.homedir(), 'veridesk-cloud-'))
    try {
      const lines: string[] = []
      const server = await startPostgres({ dataDirectory, durable: false, log: (line) => lines.push(line) })
      const { rows } = await withClient(server.connectionString, (client) => client.query('show data_directory'))
      await server.stop()
      const location = path.dirname(rows[0].data_directory)
      expect(location).not.toContain(dataDirectory)
      expect(lines.join('\n')).toContain(location)
      const again = await startPostgres({ dataDirectory, durable: false })
      expect(again.connectionString).toContain(new URL(server.connectionString).password)
      await again.stop()
      rmSync(location, { recursive: true })
    } finally {
      rmSync(dataDirectory, { recursive: true })
    }
  },
)
