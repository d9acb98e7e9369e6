import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
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
  const { status, stdout, stderr } = spawnSync(process.execPath, [TASK, ...parts], { encoding: 'utf8' })
  return { status, output: stdout + stderr }
}

const startTask = async (): Promise<string> => {
  const migrations = writeMigrations(folder.path, { '1_one.sql': 'create table public.one ()' })
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
  expect(run('status', ...dataOption()).output).toContain('No local cloud runs')
})

test('a second start is refused in a sentence', { timeout }, async () => {
  await startTask()
  const second = run('start', ...dataOption())
  expect(second.status).toBe(1)
  expect(second.output.trim()).toMatch(/^The data directory \S+ is in use by process \d+\. Stop it first/)
})

test('an unknown command and a port that is none are answered with the usage', { timeout }, () => {
  for (const parts of [['strat'], ['start', '--port', 'https']]) {
    const answer = run(...parts, ...dataOption())
    expect(answer.status).toBe(1)
    expect(answer.output).toContain('[start|status]')
  }
})
