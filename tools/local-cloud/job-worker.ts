import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { type ClaimedJob, type JobOutcome, secondsOf } from '../../supabase/functions/_shared/run-job.ts'

/** How a worker's loop is started. */
export interface JobWorkerOptions {
  /** A connection string of the database's owner. */
  readonly databaseUrl: string
  /** The kinds of jobs it takes; others are left to whoever knows them. */
  readonly kinds: readonly string[]
  /** Runs one attempt. What it throws counts as a failure that is tried again. */
  readonly run: (job: ClaimedJob) => Promise<JobOutcome>
  /** How many jobs run at once; 4 when left out. */
  readonly parallel?: number
  readonly log: (line: string) => void
}

/** A running loop. */
export interface JobWorker {
  /** Begins no more jobs, waits a little for those under way, and gives the others back to the queue. Safe to call twice. */
  stop(): Promise<void>
}

// Asking twice a second costs the database less than a thousandth of its time. Being notified instead would make every
// transaction that enqueues a job wait for one lock while it commits.
const IDLE_MS = 500
const SCHEDULES_MS = 15_000
const HELD_SECONDS = 60
const GRACE_MS = 5000
const LONGEST_PAUSE_MS = 30_000

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** True where the database has a queue with its functions. */
export const hasJobQueue = async (client: pg.Client): Promise<boolean> => {
  const { rows } = await client.query<{ there: boolean }>(
    `select to_regprocedure('public.claim_jobs(text,text[],integer,integer)') is not null as there`,
  )
  return rows[0]?.there === true
}

/**
 * Runs the queue's jobs until it is stopped: what is due, the highest priority first, several at once. A job that fails
 * is tried again later and costs one line of the log; a database that does not answer is asked again after a pause.
 * Nothing that a job does ends the loop.
 */
export const startJobWorker = (options: JobWorkerOptions): JobWorker => {
  const parallel = options.parallel ?? 4
  const name = `worker ${process.pid} ${randomUUID().slice(0, 8)}`
  const pool = new pg.Pool({
    connectionString: options.databaseUrl,
    max: Math.min(parallel, 4) + 1,
    // A crash of the server may forget that a job was taken or done: it is run again, as after any crash.
    options: '-c synchronous_commit=off',
  })
  pool.on('error', (error) => options.log(`The job queue's connection broke: ${error.message}`))
  let stopping = false
  let wake = (): void => {}
  const running = new Map<string, Promise<void>>()

  const settle = async (job: ClaimedJob, outcome: JobOutcome): Promise<void> => {
    if (outcome.state === 'done') {
      await pool.query({ name: 'finish', text: 'select public.finish_job($1, $2)', values: [job.id, name] })
      return
    }
    if (outcome.state === 'postponed') {
      await pool.query('select public.postpone_job($1, $2, $3, $4)', [
        job.id,
        name,
        outcome.reason,
        Math.ceil(outcome.seconds),
      ])
      return
    }
    options.log(`Job ${job.kind} ${job.id}, attempt ${job.attempts} of ${job.max_attempts}: ${outcome.error}`)
    await pool.query('select public.fail_job($1, $2, $3, $4, $5)', [
      job.id,
      name,
      outcome.error,
      outcome.final,
      outcome.retryAfter === null ? null : Math.ceil(outcome.retryAfter),
    ])
  }

  const attempt = async (job: ClaimedJob): Promise<JobOutcome> => {
    const seconds = secondsOf(job.kind)
    const done = new AbortController()
    try {
      return await Promise.race([
        options.run(job),
        delay(seconds * 1000, undefined, { signal: done.signal, ref: false }).then(
          (): JobOutcome => ({
            state: 'failed',
            error: `It took longer than ${seconds} seconds.`,
            final: false,
            retryAfter: null,
          }),
        ),
      ])
    } catch (error) {
      return { state: 'failed', error: messageOf(error), final: false, retryAfter: null }
    } finally {
      done.abort()
    }
  }

  const perform = async (job: ClaimedJob): Promise<void> => {
    try {
      const held = secondsOf(job.kind) + 10
      if (held > HELD_SECONDS) await pool.query('select public.extend_job($1, $2, $3)', [job.id, name, held])
      await settle(job, await attempt(job))
    } catch (error) {
      // It is held until its time is over and then run again.
      options.log(`Job ${job.kind} ${job.id} could not be ended: ${messageOf(error)}`)
    } finally {
      running.delete(job.id)
      wake()
    }
  }

  const claim = async (limit: number): Promise<readonly ClaimedJob[]> => {
    const { rows } = await pool.query<{ jobs: ClaimedJob[] }>({
      name: 'claim',
      text: 'select public.claim_jobs($1, $2, $3, $4) as jobs',
      values: [name, options.kinds, Math.min(limit, 100), HELD_SECONDS],
    })
    return rows[0]?.jobs ?? []
  }

  /** Waits until time is over, a job has ended, or the loop is to stop. */
  const pause = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })

  const loop = async (): Promise<void> => {
    let schedulesAt = 0
    let troubles = 0
    while (!stopping) {
      try {
        if (Date.now() >= schedulesAt) {
          await pool.query('select private.enqueue_due_jobs()')
          schedulesAt = Date.now() + SCHEDULES_MS
        }
        const free = parallel - running.size
        const jobs = free === 0 ? [] : await claim(free)
        troubles = 0
        for (const job of jobs) running.set(job.id, perform(job))
        if (free === 0 || jobs.length < free) await pause(IDLE_MS)
      } catch (error) {
        if (stopping) return
        troubles += 1
        if (troubles === 1) options.log(`The job queue does not answer: ${messageOf(error)}`)
        await pause(Math.min(LONGEST_PAUSE_MS, 500 * 2 ** Math.min(troubles, 6)))
      }
    }
  }

  const looping = loop()
  let stopped: Promise<void> | undefined
  const stop = async (): Promise<void> => {
    stopping = true
    wake()
    await looping
    const until = Date.now() + GRACE_MS
    while (running.size > 0 && Date.now() < until) await pause(until - Date.now())
    for (const id of running.keys()) {
      await pool
        .query('select public.postpone_job($1, $2, $3, 1)', [id, name, 'The worker was stopped.'])
        .catch(() => {})
    }
    await pool.end()
  }
  return {
    stop: () => {
      stopped ??= stop()
      return stopped
    },
  }
}
