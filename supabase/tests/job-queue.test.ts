import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { addPerson, type Cloud, SERVER_TEST_MS, SERVICE, type Session, startCloud } from './support.ts'

const timeout = SERVER_TEST_MS
interface Job {
  readonly id: string
  readonly kind: string
  readonly payload: { readonly n?: number }
  readonly attempts: number
}
let cloud: Cloud
let owner: pg.Client
let service: Session
beforeAll(async () => {
  cloud = await startCloud()
  owner = cloud.owner
  service = await cloud.openAs(SERVICE)
}, timeout)
afterAll(() => cloud.stop())
beforeEach(async () => {
  await owner.query('delete from private.job_queue')
})

const enqueue = async (kind: string, n: number, priority = 0): Promise<string> => {
  const { rows } = await owner.query<{ id: string }>('select private.enqueue_job($1, $2, null, $3) as id', [
    kind,
    { n },
    priority,
  ])
  return rows[0]?.id ?? ''
}
const claim = (worker: string, limit = 1, kinds: readonly string[] | null = null, seconds = 60) =>
  service.call<Job[]>('claim_jobs', { p_worker: worker, p_kinds: kinds, p_limit: limit, p_visibility: seconds })
const stateOf = async (id: string): Promise<Record<string, unknown> | undefined> =>
  (await owner.query('select state, attempts, last_error, locked_by from private.job_queue where id = $1', [id]))
    .rows[0]
const hasComeDue = (id: string) =>
  owner.query(`update private.job_queue set run_after = now() - interval '1 second' where id = $1`, [id])

test('jobs are taken by priority, then in the order in which they are due, and only kinds that were asked for', async () => {
  for (const [n, priority] of [
    [1, 0],
    [2, 5],
    [3, 0],
  ] as const)
    await enqueue('test.plain', n, priority)
  await enqueue('test.other', 4, 9)
  const taken = await claim('a', 10, ['test.plain'])
  expect(taken.map(({ payload }) => payload.n)).toEqual([2, 1, 3])
  expect(await claim('b', 10, ['test.plain'])).toEqual([])
  expect((await claim('b', 10)).map(({ kind }) => kind)).toEqual(['test.other'])
})

test('many workers at once never take the same job, and take every job', { timeout }, async () => {
  const many = 400
  await owner.query(
    `select private.enqueue_job('test.many', jsonb_build_object('n', n)) from generate_series(1, $1::int) n`,
    [many],
  )
  const sessions = await Promise.all(Array.from({ length: 8 }, () => cloud.openAs(SERVICE)))
  const taken = await Promise.all(
    sessions.map(async (session, index) => {
      const mine: number[] = []
      for (;;) {
        const jobs = await session.call<Job[]>('claim_jobs', { p_worker: `worker ${index}`, p_limit: 7 })
        if (jobs.length === 0) return mine
        for (const job of jobs) {
          mine.push(job.payload.n ?? 0)
          expect(await session.call('finish_job', { p_job: job.id, p_worker: `worker ${index}` })).toBe(true)
        }
      }
    }),
  )
  expect(taken.flat().toSorted((a, b) => a - b)).toEqual(Array.from({ length: many }, (_, index) => index + 1))
})

test('the job of a worker that is lost comes back, and the lost worker can no longer end it', async () => {
  const id = await enqueue('test.lost', 1)
  expect((await claim('lost'))[0]?.attempts).toBe(1)
  expect(await claim('next')).toEqual([])
  await owner.query(`update private.job_queue set locked_until = now() - interval '1 second' where id = $1`, [id])
  expect((await claim('next'))[0]).toMatchObject({ id, attempts: 2 })
  expect(await service.call('finish_job', { p_job: id, p_worker: 'lost' })).toBe(false)
  expect(await service.call('fail_job', { p_job: id, p_worker: 'lost', p_error: 'x' })).toBeNull()
  expect(await service.call('extend_job', { p_job: id, p_worker: 'lost', p_visibility: 5 })).toBe(false)
  expect(await service.call('finish_job', { p_job: id, p_worker: 'next' })).toBe(true)
  expect(await stateOf(id)).toMatchObject({ state: 'done', last_error: null, locked_by: null })
})

test('a job whose workers are lost again and again is dead, not taken for ever', async () => {
  const id = await enqueue('test.killer', 1)
  await owner.query('update private.job_queue set max_attempts = 2 where id = $1', [id])
  for (const worker of ['first', 'second']) {
    expect((await claim(worker)).length).toBe(1)
    await owner.query(`update private.job_queue set locked_until = now() - interval '1 second' where id = $1`, [id])
  }
  expect(await claim('third')).toEqual([])
  expect(await stateOf(id)).toMatchObject({ state: 'dead', attempts: 2 })
})

test('a job that fails waits longer each time, never all at the same moment, until it is dead', async () => {
  const { rows } = await owner.query<{ seconds: number[]; apart: number }>(
    `select array(select extract(epoch from private.job_backoff(n))::float8 from generate_series(1, 12) n) as seconds,
            (select count(distinct private.job_backoff(3)) from generate_series(1, 20))::int as apart`,
  )
  for (const [index, seconds] of (rows[0]?.seconds ?? []).entries()) {
    const whole = Math.min(21_600, 10 * 3 ** index)
    expect(seconds).toBeGreaterThanOrEqual(whole / 2)
    expect(seconds).toBeLessThanOrEqual(whole)
  }
  expect(rows[0]?.apart).toBeGreaterThan(1)

  const id = await enqueue('test.fails', 1)
  await owner.query('update private.job_queue set max_attempts = 3 where id = $1', [id])
  for (const state of ['waiting', 'waiting', 'dead']) {
    expect((await claim('a')).length).toBe(1)
    expect(await service.call('fail_job', { p_job: id, p_worker: 'a', p_error: 'boom' })).toBe(state)
    expect(await claim('a'), 'not before its time').toEqual([])
    if (state === 'waiting') await hasComeDue(id)
  }
  expect(await stateOf(id)).toMatchObject({ state: 'dead', attempts: 3, last_error: 'boom' })
})

test('what another attempt would not put right is dead at once, and what has to wait does not count as an attempt', async () => {
  const final = await enqueue('test.final', 1)
  await claim('a')
  expect(await service.call('fail_job', { p_job: final, p_worker: 'a', p_error: 'no', p_final: true })).toBe('dead')
  const put = await enqueue('test.postponed', 1)
  await claim('a')
  const reason = { p_job: put, p_worker: 'a', p_reason: 'settings', p_seconds: 60 }
  expect(await service.call('postpone_job', reason)).toBe(true)
  expect(await stateOf(put)).toMatchObject({ state: 'waiting', attempts: 0, last_error: 'settings' })
})

test('administrators are shown what failed for good and let it begin again', { timeout }, async () => {
  const admin = await cloud.openAs(await addPerson(owner, { role: 'admin' }))
  const buyer = await cloud.openAs(await addPerson(owner, { role: 'buyer' }))
  await owner.query('delete from private.job_queue')
  const id = await enqueue('test.dead', 7)
  await claim('a')
  await service.call('fail_job', { p_job: id, p_worker: 'a', p_error: 'gone', p_final: true })
  expect(await admin.call('list_dead_jobs')).toMatchObject([
    { id, kind: 'test.dead', payload: { n: 7 }, last_error: 'gone' },
  ])
  await expect(buyer.call('list_dead_jobs')).rejects.toMatchObject({ code: 'PT403', detail: 'not_allowed' })
  await expect(buyer.call('retry_dead_job', { p_job: id })).rejects.toMatchObject({ detail: 'not_allowed' })
  expect(await admin.call('retry_dead_job', { p_job: id })).toBe(true)
  expect(await admin.call('retry_dead_job', { p_job: id })).toBe(false)
  expect((await claim('a'))[0]).toMatchObject({ id, attempts: 1 })
})

test('a job with a key that was seen is not enqueued twice, also by two at once', { timeout }, async () => {
  const key = randomUUID()
  const clients = await Promise.all(Array.from({ length: 6 }, () => cloud.connect()))
  const made = await Promise.all(
    clients.map(async (client) => {
      const { rows } = await client.query<{ id: string | null }>(
        `select private.enqueue_job('test.once', '{}', $1) as id`,
        [key],
      )
      return rows[0]?.id ?? null
    }),
  )
  expect(made.filter((id) => id !== null)).toHaveLength(1)
})

test('jobs that ended long ago are removed, those that wait are not', async () => {
  const ids = [await enqueue('test.done', 1), await enqueue('test.dead', 2), await enqueue('test.waits', 3)]
  await owner.query(
    `update private.job_queue set finished_at = now() - interval '8 days', state = case kind when 'test.done' then 'done' else 'dead' end
     where kind <> 'test.waits'`,
  )
  await owner.query(`update private.job_queue set run_after = now() - interval '1 year' where kind = 'test.waits'`)
  expect(await service.call('purge_finished_jobs')).toBe(1)
  expect(await stateOf(ids[0] ?? '')).toBeUndefined()
  expect(await stateOf(ids[1] ?? '')).toMatchObject({ state: 'dead' })
  await owner.query(`update private.job_queue set finished_at = now() - interval '91 days' where state = 'dead'`)
  expect(await service.call('purge_finished_jobs')).toBe(1)
  expect((await owner.query('select kind from private.job_queue')).rows).toEqual([{ kind: 'test.waits' }])
})

test('scheduled jobs are enqueued when they are due, once, whoever asks', { timeout }, async () => {
  await owner.query('update private.job_schedules set active = false')
  await owner.query(
    `insert into private.job_schedules (kind, every, next_run) values ('test.daily', '1 day', now() - interval '5 days')`,
  )
  const clients = await Promise.all(Array.from({ length: 4 }, () => cloud.connect()))
  const made = await Promise.all(
    clients.map(async (client) => {
      const { rows } = await client.query<{ made: number }>('select private.enqueue_due_jobs() as made')
      return rows[0]?.made ?? 0
    }),
  )
  expect(
    made.reduce((sum, count) => sum + count, 0),
    'missed runs are made up for once',
  ).toBe(1)
  const { rows } = await owner.query(
    `select next_run > now() as later from private.job_schedules where kind = 'test.daily'`,
  )
  expect(rows).toEqual([{ later: true }])
  await owner.query(`update private.job_schedules set next_run = now() - interval '1 minute' where kind = 'test.daily'`)
  expect((await owner.query('select private.enqueue_due_jobs() as made')).rows, 'one still waits').toEqual([
    { made: 0 },
  ])
  await owner.query(`delete from private.job_schedules where kind = 'test.daily'`)
  await owner.query('update private.job_schedules set active = true')
})

test('where pg_net and a vault are there, the function that runs jobs is called when one is due, with the key of the vault', {
  timeout,
}, async () => {
  const call = async () => (await owner.query('select private.call_run_jobs() as called')).rows[0]?.called
  await enqueue('test.due', 1)
  expect(await call(), 'neither is there').toBe(false)
  // The interfaces of Supabase's vault and pg_net, which this server does not have, as their documentation names them.
  await owner.query(`
    create schema vault;
    create table vault.decrypted_secrets (name text, decrypted_secret text);
    create schema net;
    create table net.calls (url text, body jsonb, headers jsonb);
    create function net.http_post(url text, body jsonb default '{}', params jsonb default '{}', headers jsonb default '{}', timeout_milliseconds integer default 5000)
    returns bigint language sql as $$ insert into net.calls values (url, body, headers) returning 1::bigint $$`)
  expect(await call(), 'no secrets').toBe(false)
  await owner.query(
    `insert into vault.decrypted_secrets values ('project_url', 'https://x.supabase.co/'), ('service_role_key', 'key')`,
  )
  expect(await call()).toBe(true)
  await owner.query('delete from private.job_queue')
  expect(await call(), 'nothing is due').toBe(false)
  const { rows } = await owner.query('select url, headers from net.calls')
  await owner.query('drop schema vault cascade; drop schema net cascade')
  expect(rows).toEqual([
    {
      url: 'https://x.supabase.co/functions/v1/run-jobs',
      headers: { 'content-type': 'application/json', apikey: 'key', authorization: 'Bearer key' },
    },
  ])
})
