import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import type { JobOutcome } from '../../supabase/functions/_shared/run-job.ts'
import { migrate, prepareDatabase, startPostgres } from '../local-cloud/index.ts'
import { startJobWorker } from '../local-cloud/job-worker.ts'
import type { BenchRow } from './bench-row.ts'

const jobs = 8000
const workers = 8
const done: JobOutcome = { state: 'done' }

/** Jobs a second through eight workers' loops, beside eight connections that change one row each time and do nothing else. */
const measureThroughput = async (connectionString: string, owner: pg.Client): Promise<BenchRow> => {
  await owner.query(
    `select private.enqueue_job('bench.job', jsonb_build_object('n', n)) from generate_series(1, $1::int) n`,
    [jobs],
  )
  let left = jobs
  const started = performance.now()
  const ended = Promise.withResolvers<number>()
  const loops = Array.from({ length: workers }, () =>
    startJobWorker({
      databaseUrl: connectionString,
      kinds: ['bench.job'],
      parallel: 1,
      log: console.error,
      run: async () => {
        left -= 1
        if (left === 0) ended.resolve(performance.now())
        return done
      },
    }),
  )
  const seconds = ((await ended.promise) - started) / 1000
  await Promise.all(loops.map((loop) => loop.stop()))

  await owner.query(
    'create table private.bench_rows as select n as id, 0 as state from generate_series(1, $1::int) n',
    [jobs],
  )
  await owner.query('create unique index on private.bench_rows (id)')
  const clients = await Promise.all(
    Array.from({ length: workers }, async () => {
      const client = new pg.Client({ connectionString, options: '-c synchronous_commit=off' })
      await client.connect()
      return client
    }),
  )
  const peerStarted = performance.now()
  await Promise.all(
    clients.map(async (client, index) => {
      for (let id = index + 1; id <= jobs; id += workers)
        await client.query('update private.bench_rows set state = 1 where id = $1', [id])
    }),
  )
  const peerSeconds = (performance.now() - peerStarted) / 1000
  await Promise.all(clients.map((client) => client.end()))
  const value = jobs / seconds
  return {
    name: 'jobs taken, run and ended by 8 workers',
    value,
    unit: 'jobs/s',
    target: 500,
    better: 'higher',
    ok: value >= 500,
    peer: { name: 'plain updates of a row', value: jobs / peerSeconds, unit: 'rows/s' },
  }
}

/** What a loop with nothing to do costs this process and the database's connections, in percent of one core. */
const measureIdle = async (connectionString: string): Promise<BenchRow> => {
  const worker = startJobWorker({
    databaseUrl: connectionString,
    kinds: ['bench.none'],
    log: console.error,
    run: async () => done,
  })
  await delay(1000)
  const before = process.cpuUsage()
  const seconds = 5
  await delay(seconds * 1000)
  const { user, system } = process.cpuUsage(before)
  await worker.stop()
  const value = (user + system) / 1e6 / seconds
  return { name: 'an idle loop', value: value * 100, unit: '% of a core', target: 1, better: 'lower', ok: value < 0.01 }
}

/** The job queue with durable settings: throughput, and what it costs while there is nothing to do. */
export async function benchCloudJobs(): Promise<BenchRow[]> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'veridesk-bench-jobs-'))
  chmodSync(folder, 0o711)
  const server = await startPostgres({ dataDirectory: folder })
  try {
    const owner = new pg.Client({ connectionString: server.connectionString })
    await owner.connect()
    await prepareDatabase(owner)
    await migrate(owner, path.join(import.meta.dirname, '../../supabase/migrations'))
    await owner.query('update private.job_schedules set active = false')
    const rows = [await measureThroughput(server.connectionString, owner), await measureIdle(server.connectionString)]
    await owner.end()
    return rows
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
