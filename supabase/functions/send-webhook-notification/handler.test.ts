import { createHmac, randomUUID } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { createClient, type SupabaseClient } from '@supabase/supabase-js'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { createAuthUser, type LocalCloud, startLocalCloud } from '../../../tools/local-cloud/index.ts'
import { addBatches, addPerson, addProject, migrationsDirectory, SERVER_TEST_MS } from '../../tests/support.ts'

const timeout = SERVER_TEST_MS
interface Received {
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}
let answer: (response: http.ServerResponse) => void
const received: Received[] = []
const receiver = http.createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() })
    answer(response)
  })
})
let folder: string
let cloud: LocalCloud
let owner: pg.Client
let address: string
const log: string[] = []
beforeAll(async () => {
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const { port } = receiver.address() as AddressInfo
  address = `http://127.0.0.1:${port}/events`
  folder = mkdtempSync(path.join(os.tmpdir(), 'veridesk-webhook-'))
  chmodSync(folder, 0o711)
  cloud = await startLocalCloud({
    dataDirectory: folder,
    migrationsDirectory,
    durable: false,
    functionSettings: { VERIDESK_ENVIRONMENT: 'development', VERIDESK_WEBHOOK_LOOPBACK: `127.0.0.1:${port}` },
    log: (line) => log.push(line),
  })
  owner = new pg.Client({ connectionString: cloud.databaseUrl })
  await owner.connect()
}, timeout)
afterAll(async () => {
  await owner.end()
  await cloud.stop()
  receiver.close()
  receiver.closeAllConnections()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}, timeout)
beforeEach(() => {
  received.length = 0
  answer = (response) => response.writeHead(204).end()
})

const eventually = <Value>(look: () => Value | Promise<Value>) => vi.waitFor(look, { timeout: 60_000, interval: 50 })
const signIn = async (role: string): Promise<{ id: string; client: SupabaseClient }> => {
  const id = randomUUID()
  const email = `${id}@example.org`
  const password = 'correct horse battery staple'
  await createAuthUser(owner, { id, email, password, userMetadata: { name: 'Ann' } })
  await owner.query(`update public.users set role = $2, approval_status = 'approved' where id = $1`, [id, role])
  const client = createClient(cloud.url, cloud.publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false },
  })
  expect((await client.auth.signInWithPassword({ email, password })).error).toBeNull()
  return { id, client }
}
interface Webhook {
  readonly id: string
  readonly secret: string
}
const listen = async (client: SupabaseClient, url = address, events = ['batch.created']): Promise<Webhook> => {
  const { data, error } = await client.rpc('create_webhook', { p_name: 'Test', p_url: url, p_events: events })
  expect(error).toBeNull()
  return data
}
const deliveries = async (client: SupabaseClient) =>
  (await client.from('webhook_deliveries').select('*').order('created_at')).data ?? []
const jobs = async (webhook: string) =>
  (
    await owner.query<{ state: string; attempts: number; waits: boolean; last_error: string | null }>(
      `select state, attempts, run_after > now() as waits, last_error from private.job_queue where payload ->> 'webhook_id' = $1`,
      [webhook],
    )
  ).rows
const hurry = (webhook: string) =>
  owner.query(
    `update private.job_queue set run_after = now() where payload ->> 'webhook_id' = $1 and state = 'waiting'`,
    [webhook],
  )
const call = (body: unknown, key: string) =>
  fetch(`${cloud.url}/functions/v1/send-webhook-notification`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, apikey: key, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

test('a new batch reaches the receiver, signed, with an id and the facts, and the owner sees the delivery', {
  timeout,
}, async () => {
  const { id, client } = await signIn('recycler')
  const hook = await listen(client)
  const [batch] = await addBatches(owner, await addProject(owner, id), 1)
  const told = await eventually(() => {
    expect(received).toHaveLength(1)
    return received[0]
  })
  const [, seconds = '', digest = ''] =
    /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(told?.headers['veridesk-signature'])) ?? []
  expect(createHmac('sha256', hook.secret).update(`${seconds}.${told?.body}`).digest('hex')).toBe(digest)
  expect(Math.abs(Number(seconds) - Date.now() / 1000)).toBeLessThan(300)
  const body = JSON.parse(told?.body ?? '')
  expect(body).toMatchObject({
    id: told?.headers['veridesk-event-id'],
    event: 'batch.created',
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    data: { id: batch, standard: 'APRS', status: 'pending', user_id: id },
  })
  await eventually(async () => expect(await jobs(hook.id)).toMatchObject([{ state: 'done', attempts: 1 }]))
  expect(await deliveries(client)).toMatchObject([
    {
      webhook_id: hook.id,
      event: 'batch.created',
      payload: body,
      response_status: 204,
      success: true,
      event_id: body.id,
      error: null,
    },
  ])
})

test('what fails is tried again later with the same id, every attempt is recorded, and a redirect is not followed', {
  timeout,
}, async () => {
  const { id, client } = await signIn('recycler')
  const hook = await listen(client)
  const answers: ((response: http.ServerResponse) => void)[] = [
    (response) => response.writeHead(500).end('x'.repeat(20_000)),
    (response) => response.writeHead(302, { location: address }).end(),
    (response) => response.destroy(),
    (response) => response.writeHead(200).end('\u0000thanks'),
  ]
  answer = (response) => answers[received.length - 1]?.(response)
  await addBatches(owner, await addProject(owner, id), 1)
  for (let attempts = 1; attempts < answers.length; attempts += 1) {
    await eventually(async () =>
      expect(await jobs(hook.id)).toMatchObject([{ state: 'waiting', attempts, waits: true }]),
    )
    await hurry(hook.id)
  }
  await eventually(async () => expect(await jobs(hook.id)).toMatchObject([{ state: 'done', attempts: 4 }]))
  expect(received).toHaveLength(4)
  expect(new Set(received.map(({ body }) => body)).size).toBe(1)
  const rows = await deliveries(client)
  expect(rows.map(({ response_status, success }) => [response_status, success])).toEqual([
    [500, false],
    [302, false],
    [null, false],
    [200, true],
  ])
  expect(rows[0].response_body).toHaveLength(4096)
  expect(rows[2].error).toContain('no answer')
  expect(rows[3].response_body).toBe('thanks')
})

test('an address of this machine or its network is never connected to, and its job ends for good', {
  timeout,
}, async () => {
  const { id, client } = await signIn('recycler')
  const inner = [cloud.url.replace('http:', 'https:'), cloud.url, 'https://127.0.0.1:8443/', 'https://169.254.169.254/']
  const hooks = await Promise.all(inner.map((url) => listen(client, url)))
  await addBatches(owner, await addProject(owner, id), 1)
  for (const hook of hooks)
    await eventually(async () => expect(await jobs(hook.id)).toMatchObject([{ state: 'dead', attempts: 1 }]))
  const rows = await deliveries(client)
  expect(rows).toHaveLength(inner.length)
  for (const row of rows) expect(row).toMatchObject({ response_status: null, response_body: null, success: false })
})

test('a receiver that never answers is given up, and one that answers for ever is not read to its end', {
  timeout,
}, async () => {
  const { id, client } = await signIn('recycler')
  const hook = await listen(client)
  answer = (response) => {
    response.writeHead(200)
    const more = setInterval(() => response.write('y'.repeat(1000)), 5)
    response.on('close', () => clearInterval(more))
  }
  await addBatches(owner, await addProject(owner, id), 1)
  await eventually(async () => expect(await jobs(hook.id)).toMatchObject([{ state: 'done' }]))
  answer = () => {}
  const silent = await listen(client, address, ['batch.rejected'])
  const [batch] = await addBatches(owner, await addProject(owner, id), 1, 'under_review')
  await owner.query(`update public.batches set status = 'rejected' where id = $1`, [batch])
  await eventually(async () => expect(await jobs(silent.id)).toMatchObject([{ attempts: 1, waits: true }]))
  expect(await deliveries(client)).toContainEqual(
    expect.objectContaining({ error: 'There was no answer within ten seconds.' }),
  )
})

test('the owner tests a webhook through the function; others, other events and strangers are refused', {
  timeout,
}, async () => {
  const [mine, other] = [await signIn('buyer'), await signIn('buyer')]
  const hook = await listen(mine.client)
  const token = async (client: SupabaseClient) => (await client.auth.getSession()).data.session?.access_token ?? ''
  const body = { webhook_id: hook.id, event: 'webhook.test', payload: { hello: 1 } }
  expect((await call(body, await token(other.client))).status).toBe(404)
  const forged = await call({ ...body, event: 'batch.created' }, await token(mine.client))
  expect(forged.status).toBe(403)
  expect(await forged.json()).toMatchObject({ success: false, code: 'not_allowed', action: expect.any(String) })
  const stolen = await call({ ...body, event_id: randomUUID(), event: 'batch.created' }, await token(mine.client))
  expect(stolen.status, 'an attempt is made by jobs alone').toBe(403)
  expect((await call(body, cloud.publishableKey)).status).toBe(401)
  const answered = await call(body, await token(mine.client))
  expect(answered.status).toBe(202)
  const { event_id: event } = await answered.json()
  await eventually(() =>
    expect(received.map(({ body: text }) => JSON.parse(text))).toMatchObject([{ id: event, data: { hello: 1 } }]),
  )
})

test('the service tells one webhook of an event, which it has to listen for', { timeout }, async () => {
  const { id, client } = await signIn('recycler')
  const hook = await listen(client)
  const [batch] = await addBatches(owner, await addProject(owner, await addPerson(owner, { role: 'recycler' })), 1)
  const [own] = await addBatches(owner, await addProject(owner, id), 1)
  await eventually(() => expect(received).toHaveLength(1))
  const tell = (event: string, about: string | undefined) =>
    call({ webhook_id: hook.id, event, payload: { id: about } }, cloud.secretKey)
  expect((await tell('batch.approved', own)).status).toBe(422)
  expect((await tell('batch.created', own)).status).toBe(202)
  await eventually(() => expect(received).toHaveLength(2))
  expect((await tell('batch.created', batch)).status, 'of a batch that its owner may not read').toBe(202)
  await eventually(async () =>
    expect((await jobs(hook.id)).map(({ state }) => state)).toEqual(['done', 'done', 'done']),
  )
  expect(received).toHaveLength(2)
})
