import { createHash, randomUUID } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createClient, type SupabaseClient } from '@supabase/supabase-js'
import { parse } from 'csv-parse/sync'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAuthUser, type LocalCloud, startLocalCloud } from '../../../tools/local-cloud/index.ts'
import { addBatches, addPerson, addProject, assign, migrationsDirectory, SERVER_TEST_MS } from '../../tests/support.ts'

const timeout = SERVER_TEST_MS
const password = 'correct horse battery staple'
let folder: string
let cloud: LocalCloud
let owner: pg.Client
let mine: string[]
let foreign: string[]
beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'veridesk-report-'))
  chmodSync(folder, 0o711)
  cloud = await startLocalCloud({ dataDirectory: folder, migrationsDirectory, durable: false })
  owner = new pg.Client({ connectionString: cloud.databaseUrl })
  await owner.connect()
  const recycler = await addPerson(owner, { role: 'recycler' })
  const project = await addProject(owner, recycler)
  mine = await addBatches(owner, project, 3, 'under_review')
  foreign = await addBatches(owner, project, 2, 'under_review')
  await owner.query('update public.batches set date_submitted = current_date - 1 where id = any ($1)', [
    [...mine, ...foreign],
  ])
  await owner.query(`update public.batches set location = '=HYPERLINK("x")' where id = $1`, [mine[0]])
  await owner.query(`update public.batches set location = E'Kai 5,\n"Nord"' where id = $1`, [mine[1]])
}, timeout)
afterAll(async () => {
  await owner.end()
  await cloud.stop()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}, timeout)

const signIn = async (): Promise<{ id: string; client: SupabaseClient }> => {
  const id = randomUUID()
  await createAuthUser(owner, { id, email: `${id}@example.org`, password, userMetadata: { name: 'Ann' } })
  await owner.query(
    `update public.users set role = 'verifier', sub_role = 'desk_verifier', approval_status = 'approved' where id = $1`,
    [id],
  )
  const client = createClient(cloud.url, cloud.publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false },
  })
  await client.auth.signInWithPassword({ email: `${id}@example.org`, password })
  return { id, client }
}
const subscribe = async (client: SupabaseClient, kind = 'batches', filters: object = {}): Promise<string> => {
  const { data, error } = await client.rpc('subscribe_to_report', {
    p_kind: kind,
    p_schedule: 'daily',
    p_filters: filters,
  })
  expect(error).toBeNull()
  return data.id
}
const runNow = async (subscription: string): Promise<Record<string, unknown>> => {
  await owner.query(`update public.report_subscriptions set next_run_at = now() where id = $1`, [subscription])
  await owner.query('select public.enqueue_due_reports()')
  const find = async () =>
    (
      await owner.query(
        'select *, round(extract(epoch from period_end - period_start)) as seconds from public.report_runs where subscription_id = $1',
        [subscription],
      )
    ).rows[0]
  await expect.poll(async () => (await find()).state, { timeout: 60_000 }).not.toBe('waiting')
  return find()
}
const linesOf = async (client: SupabaseClient, run: Record<string, unknown>): Promise<Record<string, string>[]> => {
  const { data, error } = await client.storage.from('verification-docs').download(String(run.object_path))
  expect(error).toBeNull()
  const bytes = Buffer.from((await data?.arrayBuffer()) ?? new ArrayBuffer())
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(run.sha256)
  expect(bytes.byteLength).toBe(Number(run.byte_size))
  const lines: Record<string, string>[] = parse(bytes, { columns: true })
  expect(lines).toHaveLength(Number(run.row_count))
  return lines
}

test('the register of yesterday comes into the subscriber’s folder, with what they may read and no more', {
  timeout,
}, async () => {
  const { id, client } = await signIn()
  await assign(owner, mine, id)
  const run = await runNow(await subscribe(client))
  expect(run).toMatchObject({ state: 'done', row_count: 3, seconds: '86400' })
  expect(String(run.object_path).startsWith(`${id}/reports/batches-`)).toBe(true)
  const { rows } = await owner.query('select batch_hash from public.batches where id = any ($1)', [mine])
  const lines = await linesOf(client, run)
  expect(lines.map((line) => line.batch).sort()).toEqual(rows.map((row) => row.batch_hash).sort())
  expect(lines.map((line) => line.location).sort()).toEqual([`'=HYPERLINK("x")`, 'Kai 5,\n"Nord"', 'Mombasa'])

  const other = await signIn()
  expect((await other.client.storage.from('verification-docs').download(String(run.object_path))).data).toBeNull()
  expect((await other.client.from('report_runs').select('id')).data).toEqual([])
  expect((await client.from('report_runs').select('id')).data).toHaveLength(1)
})

test('filters are kept, and a period is made once', { timeout }, async () => {
  const { id, client } = await signIn()
  await assign(owner, mine, id)
  const subscription = await subscribe(client, 'batches', { standard: 'PCX' })
  expect(await runNow(subscription)).toMatchObject({ state: 'done', row_count: 0 })
  await runNow(subscription)
  const { rows } = await owner.query('select 1 from public.report_runs where subscription_id = $1', [subscription])
  expect(rows).toHaveLength(1)
})

test('decisions and findings are of batches that one works on', { timeout }, async () => {
  const { id, client } = await signIn()
  await assign(owner, [mine[2] ?? ''], id)
  for (const batch of [mine[2], foreign[0]])
    await owner.query(
      `insert into public.findings (id, batch_id, kind, title, description, raised_by, raised_at)
       values ($1, $2, 'car', 'Ticket is missing', '', $3, now() - interval '1 day')`,
      [randomUUID(), batch, id],
    )
  const run = await runNow(await subscribe(client, 'findings'))
  expect((await linesOf(client, run)).map((line) => [line.title, line.raised_by])).toEqual([
    ['Ticket is missing', 'Ann'],
  ])
  expect(await runNow(await subscribe(client, 'decisions'))).toMatchObject({ state: 'done', row_count: 0 })
})

test('whoever is suspended gets none, and the subscription ends', { timeout }, async () => {
  const { id, client } = await signIn()
  const subscription = await subscribe(client)
  await owner.query('update public.users set active = false where id = $1', [id])
  expect(await runNow(subscription)).toMatchObject({ state: 'refused', object_path: null })
  const { rows } = await owner.query('select active from public.report_subscriptions where id = $1', [subscription])
  expect(rows).toEqual([{ active: false }])
})

test('a second attempt after a lost one leaves one file whose hash is named', { timeout }, async () => {
  const { id, client } = await signIn()
  await assign(owner, mine, id)
  const subscription = await subscribe(client)
  const { rows } = await owner.query(
    `insert into public.report_runs (subscription_id, user_id, period_start, period_end)
     values ($1, $2, date_trunc('day', now()) - interval '1 day', date_trunc('day', now())) returning id`,
    [subscription, id],
  )
  const attempt = () =>
    fetch(`${cloud.url}/functions/v1/run-report`, {
      method: 'POST',
      headers: { apikey: cloud.secretKey, authorization: `Bearer ${cloud.secretKey}` },
      body: JSON.stringify({ run_id: rows[0].id }),
    })
  const first = await owner.query('select public.make_report($1) as made', [rows[0].id])
  const name = first.rows[0].made.object_path
  await fetch(`${cloud.url}/storage/v1/object/verification-docs/${name}`, {
    method: 'POST',
    headers: { apikey: cloud.secretKey, authorization: `Bearer ${cloud.secretKey}`, 'content-type': 'text/csv' },
    body: 'half a file',
  })
  expect(await (await attempt()).json()).toEqual({ success: true, state: 'done', row_count: 3 })
  expect(await (await attempt()).json()).toEqual({ success: true, state: 'done' })
  const [run] = (await owner.query('select * from public.report_runs where id = $1', [rows[0].id])).rows
  expect(await linesOf(client, run)).toHaveLength(3)
})

test('nobody but the service makes reports, and nobody subscribes to what there is not', { timeout }, async () => {
  const { client } = await signIn()
  expect((await client.functions.invoke('run-report', { body: { run_id: randomUUID() } })).error).not.toBeNull()
  for (const wrong of [
    { p_kind: 'users', p_schedule: 'daily' },
    { p_kind: 'batches', p_schedule: 'hourly' },
    { p_kind: 'batches', p_schedule: 'daily', p_filters: { user_id: 'x' } },
    { p_kind: 'batches', p_schedule: 'daily', p_filters: { project_id: 'x' } },
    { p_kind: 'batches', p_schedule: 'daily', p_filters: { status: 5 } },
  ])
    expect((await client.rpc('subscribe_to_report', wrong)).error).toMatchObject({ code: 'PT400' })
  for (let count = 0; count < 20; count += 1) await subscribe(client)
  const full = { p_kind: 'batches', p_schedule: 'daily' }
  expect((await client.rpc('subscribe_to_report', full)).error).toMatchObject({ code: 'PT409', details: 'too_many' })
  const [first] = (await client.from('report_subscriptions').select('id')).data ?? []
  expect((await client.rpc('end_report_subscription', { p_subscription: first?.id })).error).toBeNull()
  expect((await client.rpc('subscribe_to_report', full)).error).toBeNull()
  const other = await signIn()
  expect((await other.client.rpc('end_report_subscription', { p_subscription: first?.id })).error).toMatchObject({
    code: 'PT404',
  })
})
