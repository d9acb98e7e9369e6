import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LocalCloud, startLocalCloud } from '../../../tools/local-cloud/index.ts'
import { addPerson, migrationsDirectory, SERVER_TEST_MS } from '../../tests/support.ts'

const timeout = SERVER_TEST_MS
let folder: string
let cloud: LocalCloud
let owner: pg.Client
beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'veridesk-run-jobs-'))
  chmodSync(folder, 0o711)
  // As on a hosted project: no loop takes the jobs, the function is called from outside.
  cloud = await startLocalCloud({
    dataDirectory: folder,
    migrationsDirectory,
    durable: false,
    jobs: false,
    functionSettings: { VERIDESK_ENVIRONMENT: 'development' },
  })
  owner = new pg.Client({ connectionString: cloud.databaseUrl })
  await owner.connect()
}, timeout)
afterAll(async () => {
  await owner.end()
  await cloud.stop()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}, timeout)

const call = (key: string) =>
  fetch(`${cloud.url}/functions/v1/run-jobs`, { method: 'POST', headers: { authorization: `Bearer ${key}` } })

test('one call runs what is due by its kind, ends each job as it went, and leaves nothing held', {
  timeout,
}, async () => {
  await owner.query('update private.job_schedules set active = (kind = $1), next_run = now()', ['jobs.purge'])
  await owner.query('delete from private.job_queue')
  const person = await addPerson(owner, { role: 'buyer' })
  await owner.query('delete from private.job_queue')
  await owner.query(`select private.enqueue_mail($1, null, 'to_person', 'Hello', 'World', 'low')`, [person])
  await owner.query(
    `select private.enqueue_job('webhook.deliver', jsonb_build_object('webhook_id', gen_random_uuid(), 'event', 'batch.created', 'event_id', gen_random_uuid()))`,
  )
  await owner.query(`select private.enqueue_job('webhook.purge_deliveries', '{"p_unknown": 1}')`)
  await owner.query(`select private.enqueue_job('test.unknown', '{}')`)
  const answer = await call(cloud.secretKey)
  expect(answer.status).toBe(200)
  expect(await answer.json()).toEqual({ success: true, done: 2, failed: 1, postponed: 1 })
  const { rows } = await owner.query('select kind, state, locked_by from private.job_queue order by kind')
  expect(rows).toEqual([
    { kind: 'jobs.purge', state: 'done', locked_by: null },
    { kind: 'mail.send', state: 'waiting', locked_by: null },
    { kind: 'test.unknown', state: 'waiting', locked_by: null },
    { kind: 'webhook.deliver', state: 'done', locked_by: null },
    expect.objectContaining({ kind: 'webhook.purge_deliveries', locked_by: null }),
  ])
  expect(await (await call(cloud.secretKey)).json()).toMatchObject({ done: 0, failed: 0, postponed: 0 })
})

test('nobody but the service runs jobs', async () => {
  expect((await call(cloud.publishableKey)).status).toBe(401)
  expect((await call('wrong')).status).toBe(401)
})
