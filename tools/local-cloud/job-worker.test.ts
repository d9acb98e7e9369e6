import { fork } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { ClaimedJob, JobOutcome } from '../../supabase/functions/_shared/run-job.ts'
import { type JobWorker, startJobWorker } from './job-worker.ts'
import { migrate } from './migrate.ts'
import { prepareDatabase } from './prepare-database.ts'
import { type RunningPostgres, startPostgres } from './start-postgres.ts'

const timeout = 180_000
const done: JobOutcome = { state: 'done' }
let folder: string
let server: RunningPostgres
let owner: pg.Client
let log: string[]
beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'veridesk-jobs-'))
  chmodSync(folder, 0o711)
  server = await startPostgres({ dataDirectory: folder, durable: false })
  owner = new pg.Client({ connectionString: server.connectionString })
  await owner.connect()
  await prepareDatabase(owner)
  await migrate(owner, path.join(import.meta.dirname, '../../supabase/migrations'))
}, timeout)
afterAll(async () => {
  await owner.end()
  await server.stop()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}, timeout)
beforeEach(async () => {
  log = []
  await owner.query('update private.job_schedules set active = false')
  await owner.query('delete from private.job_queue')
})

const start = (run: (job: ClaimedJob) => Promise<JobOutcome>, parallel = 4): JobWorker =>
  startJobWorker({
    databaseUrl: server.connectionString,
    kinds: ['test.job'],
    run,
    parallel,
    log: (line) => log.push(line),
  })
const enqueue = (count: number, kind = 'test.job') =>
  owner.query(`select private.enqueue_job($2, jsonb_build_object('n', n)) from generate_series(1, $1::int) n`, [
    count,
    kind,
  ])
const states = async (): Promise<Record<string, number>> => {
  const { rows } = await owner.query<{ state: string; count: number }>(
    'select state, count(*)::int from private.job_queue group by 1',
  )
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]))
}
const eventually = (look: () => void | Promise<void>) => vi.waitFor(look, { timeout: 60_000, interval: 20 })

test('every job runs once, several at once and no more than asked, and other kinds are left alone', {
  timeout,
}, async () => {
  const ran: unknown[] = []
  let atOnce = 0
  let most = 0
  await enqueue(60)
  await enqueue(1, 'test.unknown')
  const worker = start(async (job) => {
    atOnce += 1
    most = Math.max(most, atOnce)
    await new Promise((resolve) => setTimeout(resolve, 5))
    ran.push(job.payload.n)
    atOnce -= 1
    return done
  })
  await eventually(async () => expect(await states()).toEqual({ done: 60, waiting: 1 }))
  await enqueue(1)
  await eventually(async () => expect(await states()).toEqual({ done: 61, waiting: 1 }))
  await worker.stop()
  expect(new Set(ran).size).toBe(60)
  expect(ran).toHaveLength(61)
  expect(most).toBe(4)
  expect(log).toEqual([])
})

test('a job that throws is tried again later, costs one line, and the others go on', { timeout }, async () => {
  await enqueue(5)
  const worker = start(async (job) => {
    if (job.payload.n === 3) throw new Error('boom')
    return done
  })
  await eventually(async () => expect(await states()).toEqual({ done: 4, waiting: 1 }))
  await worker.stop()
  expect(log).toHaveLength(1)
  expect(log[0]).toContain('boom')
})

test('a worker that is killed in the middle of a job loses it to the next one', { timeout }, async () => {
  await enqueue(1)
  const program = path.join(folder, 'hanging-worker.ts')
  writeFileSync(
    program,
    `import { startJobWorker } from ${JSON.stringify(path.join(import.meta.dirname, 'job-worker.ts'))}
     startJobWorker({ databaseUrl: process.argv[2], kinds: ['test.job'], log: () => {}, run: () => { process.send('taken'); return new Promise(() => {}) } })`,
  )
  const child = fork(program, [server.connectionString], { execArgv: ['--disable-warning=ExperimentalWarning'] })
  expect((await once(child, 'message'))[0]).toBe('taken')
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(await states()).toEqual({ running: 1 })
  const attempts: number[] = []
  const worker = start(async (job) => {
    attempts.push(job.attempts)
    return done
  })
  await owner.query(`update private.job_queue set locked_until = now() - interval '1 second'`)
  await eventually(async () => expect(await states()).toEqual({ done: 1 }))
  await worker.stop()
  expect(attempts).toEqual([2])
})

test('stopping waits for what is under way, gives the rest back, and may be asked for twice', { timeout }, async () => {
  await enqueue(2)
  const release: (() => void)[] = []
  const worker = start(
    (job) =>
      job.payload.n === 1
        ? new Promise((resolve) => release.push(() => resolve(done)))
        : new Promise<JobOutcome>(() => {}),
    2,
  )
  await eventually(() => expect(release).toHaveLength(1))
  await eventually(async () => expect(await states()).toEqual({ running: 2 }))
  const stopping = worker.stop()
  release[0]?.()
  await Promise.all([stopping, worker.stop()])
  expect(await states()).toEqual({ done: 1, waiting: 1 })
  const { rows } = await owner.query(`select attempts, last_error from private.job_queue where state = 'waiting'`)
  expect(rows).toEqual([{ attempts: 0, last_error: 'The worker was stopped.' }])
})

test('scheduled jobs run when they are due', { timeout }, async () => {
  await owner.query(`insert into private.job_schedules (kind, every) values ('test.job', '1 hour')`)
  const worker = start(async () => done)
  await eventually(async () => expect(await states()).toEqual({ done: 1 }))
  await worker.stop()
  await owner.query(`delete from private.job_schedules where kind = 'test.job'`)
})
