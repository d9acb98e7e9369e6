import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LocalCloud, startLocalCloud } from '../../../tools/local-cloud/index.ts'
import { migrationsDirectory, SERVER_TEST_MS } from '../../tests/support.ts'
import { handle } from './handler.ts'

const timeout = SERVER_TEST_MS
let folder: string
let cloud: LocalCloud
let owner: pg.Client
beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'veridesk-health-'))
  chmodSync(folder, 0o711)
  cloud = await startLocalCloud({ dataDirectory: folder, migrationsDirectory, durable: false })
  owner = new pg.Client({ connectionString: cloud.databaseUrl })
  await owner.connect()
}, timeout)
afterAll(async () => {
  await owner.end()
  await cloud.stop()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}, timeout)

const ask = async (headers: Record<string, string> = {}, method = 'GET') => {
  const response = await fetch(`${cloud.url}/functions/v1/health`, { method, headers })
  const text = await response.text()
  return { status: response.status, body: text === '' ? null : JSON.parse(text) }
}
const asService = () => ask({ apikey: cloud.secretKey, authorization: `Bearer ${cloud.secretKey}` })

test('anybody learns that it is up and nothing else', { timeout }, async () => {
  expect(await ask()).toEqual({ status: 200, body: { status: 'up' } })
  expect(await ask({ apikey: cloud.publishableKey })).toEqual({ status: 200, body: { status: 'up' } })
  expect(await ask({ authorization: 'Bearer sb_secret_guessed' })).toEqual({ status: 200, body: { status: 'up' } })
  expect((await ask({}, 'POST')).status).toBe(405)
})

test('the service gets the whole report', { timeout }, async () => {
  const { status, body } = await asService()
  expect(status).toBe(200)
  expect(body).toMatchObject({
    status: 'ok',
    reasons: [],
    figures: { feed_age_seconds: 0, dead_jobs: 0, missing_buckets: 0 },
    storage: { missing_buckets: 0 },
    chain: { hash: expect.stringMatching(/^[\da-f]{64}$/) },
    migrations: { newest: expect.stringMatching(/^\d{14}$/) },
  })
})

test('a threshold that is passed degrades it, and one for down takes it down for monitors too', {
  timeout,
}, async () => {
  await owner.query(`insert into private.job_queue (kind, state, finished_at) values ('test.dead', 'dead', now())`)
  expect((await asService()).body).toMatchObject({ status: 'degraded', reasons: [{ measure: 'dead_jobs', value: 1 }] })
  expect(await ask()).toEqual({ status: 200, body: { status: 'up' } })
  await owner.query(`update private.health_thresholds set down_above = 0 where measure = 'dead_jobs'`)
  expect(await asService()).toMatchObject({ status: 503, body: { status: 'down', reasons: [{ level: 'down' }] } })
  expect(await ask()).toEqual({ status: 503, body: { status: 'down' } })
  await owner.query(`delete from private.job_queue where kind = 'test.dead'`)
  expect((await ask()).status).toBe(200)
})

test('a cloud that does not answer is down', { timeout }, async () => {
  const response = await handle(new Request('http://127.0.0.1/functions/v1/health', { headers: { apikey: 'key' } }), {
    SUPABASE_URL: 'http://127.0.0.1:1',
    SUPABASE_ANON_KEY: 'anon',
    SUPABASE_SERVICE_ROLE_KEY: 'key',
  })
  expect(response.status).toBe(503)
  expect(await response.json()).toMatchObject({
    status: 'down',
    reasons: [{ measure: 'database' }, { measure: 'storage' }],
  })
})
