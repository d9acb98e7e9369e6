import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeTemporaryFolder, SERVER_TEST_MS, writeMigrations } from '../local-cloud/testing.ts'

const timeout = SERVER_TEST_MS
const TASK = path.join(import.meta.dirname, 'cloud.ts')

let folder: ReturnType<typeof makeTemporaryFolder>
let running: ChildProcess | undefined

beforeEach(() => {
  folder = makeTemporaryFolder()
})
afterEach(async () => {
  if (running !== undefined && running.exitCode === null) {
    running.kill('SIGTERM')
    await once(running, 'exit')
  }
  folder.remove()
})

const dataOption = (): string[] => ['--data', path.join(folder.path, 'data')]

const run = (...parts: readonly string[]): { status: number | null; output: string } => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [TASK, ...parts], {
    encoding: 'utf8',
    env: { ...process.env, DATABASE_URL: '' },
  })
  return { status, output: stdout + stderr }
}

/** The project's migrations as they are now: restoring compares them with those of the backup. */
const projectMigrations = (): string => {
  const copy = path.join(folder.path, 'project-migrations')
  cpSync(path.join(import.meta.dirname, '../../supabase/migrations'), copy, { recursive: true })
  return copy
}

const oneMigration = () => writeMigrations(folder.path, { '1_one.sql': 'create table public.one ()' })

const startTask = async (migrations: string = oneMigration()): Promise<string> => {
  const task = spawn(process.execPath, [TASK, 'start', ...dataOption(), '--migrations', migrations], {
    env: { ...process.env, DATABASE_URL: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  running = task
  let output = ''
  for await (const chunk of task.stdout.iterator({ destroyOnReturn: false })) {
    output += String(chunk)
    if (output.includes('Ctrl-C')) break
  }
  return output
}

test('start says how to reach the cloud, status that it runs, and a signal ends it', { timeout }, async () => {
  const output = await startTask()
  const url = /Project URL\s+(\S+)/.exec(output)?.[1] ?? ''
  const key = /Publishable key\s+(\S+)/.exec(output)?.[1] ?? ''
  const response = await fetch(`${url}/auth/v1/health`, { headers: { apikey: key } })
  expect(response.status).toBe(200)
  expect(output).toMatch(/PostgreSQL\s+postgres:\/\/postgres:\S+@127\.0\.0\.1:\d+\/postgres/)

  const status = run('status', ...dataOption())
  expect(status.output).toContain(`process ${running?.pid}`)
  expect(status.output).toContain(url)

  running?.kill('SIGTERM')
  const [code] = await once(running as ChildProcess, 'exit')
  expect(code).toBe(0)
  const stopped = run('status', ...dataOption())
  expect(stopped.status).toBe(1)
  expect(stopped.output).toContain('No local cloud runs')
})

test('a second start is refused in a sentence', { timeout }, async () => {
  await startTask()
  const second = run('start', ...dataOption())
  expect(second.status).toBe(1)
  expect(second.output.trim()).toMatch(/^The data directory \S+ is in use by process \d+\. Stop it first/)
})

test('an unknown command, a port that is none and a missing file are answered with the usage', { timeout }, () => {
  for (const parts of [['strat'], ['start', '--port', 'https'], ['backup'], ['restore']]) {
    const answer = run(...parts, ...dataOption())
    expect(answer.status).toBe(1)
    expect(answer.output).toContain('[start|status|backup FILE|restore FILE]')
  }
})

test('status shows a database that has nothing of ours', { timeout }, async () => {
  await startTask()
  const { output } = run('status', ...dataOption())
  expect(output).toMatch(/public\.one +0 +OFF +0\n/)
  expect(output).toMatch(/^Queue +-$/m)
  expect(JSON.parse(run('status', '--json', ...dataOption()).output)).toMatchObject({
    process: running?.pid,
    tables: [{ schema: 'public', name: 'one', rowSecurity: false }],
    queue: null,
    serverEpoch: null,
    migrations: { count: 1, newest: '1' },
  })
})

test('another process sees what runs, backs it up, and what is restored is the same in a new epoch', {
  timeout,
}, async () => {
  const migrations = projectMigrations()
  await startTask(migrations)
  const { output } = run('status', ...dataOption())
  expect(output).toMatch(/public\.batches +0 +on +[1-9]/)
  expect(output).not.toContain('OFF')
  expect(output).toMatch(/^Edge functions +.*ai-validation.*health/m)
  expect(output).toMatch(/^Chain head +\d+ [\da-f]{64}$/m)
  expect(output).toMatch(/^Feed age +0 s$/m)
  expect(output).toMatch(/^Health +(ok|degraded)/m)
  const before = JSON.parse(run('status', '--json', ...dataOption()).output)

  const file = path.join(folder.path, 'cloud.backup')
  expect(run('backup', file, ...dataOption())).toMatchObject({ status: 0 })
  const busy = run('restore', file, ...dataOption())
  expect(busy).toMatchObject({ status: 1, output: expect.stringContaining('in use by process') })

  running?.kill('SIGTERM')
  await once(running as ChildProcess, 'exit')
  const occupied = run('restore', file, ...dataOption())
  expect(occupied).toMatchObject({ status: 1, output: expect.stringContaining('--reset') })
  const elsewhere = ['--data', path.join(folder.path, 'restored'), '--migrations', migrations]
  expect(run('restore', file, ...elsewhere)).toMatchObject({ status: 0, output: expect.stringContaining('Restored.') })
  expect(run('status', ...elsewhere).status).toBe(1)
  expect(run('restore', file, '--reset', '--migrations', migrations, ...dataOption())).toMatchObject({ status: 0 })

  await startTask(migrations)
  const after = JSON.parse(run('status', '--json', ...dataOption()).output)
  expect(after.serverEpoch).not.toBe(before.serverEpoch)
  expect(Number(after.chainHead.seq)).toBeGreaterThan(Number(before.chainHead.seq))
  expect(after).toMatchObject({ policies: before.policies, functions: before.functions, migrations: before.migrations })
})

test('a file that is no backup is refused in a sentence', { timeout }, () => {
  const file = path.join(folder.path, 'cloud.backup')
  writeFileSync(file, 'no archive')
  expect(run('restore', file, ...dataOption())).toMatchObject({
    status: 1,
    output: expect.stringContaining('reading a backup failed'),
  })
})
