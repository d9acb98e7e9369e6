import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addPerson, type Cloud, SERVER_TEST_MS, SERVICE, type Session, startCloud } from './support.ts'

const timeout = SERVER_TEST_MS
interface Webhook {
  readonly id: string
  readonly secret: string
  readonly is_active: boolean
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

const register = async (role: 'recycler' | 'buyer' | 'admin' = 'recycler') => {
  const id = await addPerson(owner, { role })
  return { id, session: await cloud.openAs(id) }
}
const given = { p_name: 'Mine', p_url: 'https://example.org/events', p_events: ['batch.created', 'batch.created'] }
const secretOf = async (id: string): Promise<string | undefined> =>
  (await owner.query<{ secret: string }>('select secret from private.webhook_secrets where webhook_id = $1', [id]))
    .rows[0]?.secret

test('the secret is told once and never read back: not by its owner, an administrator, the service or the trail', {
  timeout,
}, async () => {
  const { session } = await register()
  const hook = await session.call<Webhook>('create_webhook', given)
  expect(hook.secret).toMatch(/^whsec_[0-9a-f]{64}$/)
  expect(await secretOf(hook.id)).toBe(hook.secret)
  const rotated = await session.call<Webhook>('rotate_webhook_secret', { p_webhook: hook.id })
  expect(rotated.secret).not.toBe(hook.secret)
  expect(await secretOf(hook.id)).toBe(rotated.secret)
  const rows = await session.query(`select * from public.webhooks`)
  expect(rows).toMatchObject([
    { id: hook.id, events: ['batch.created'], secret: `…${rotated.secret.slice(-4)}`, failures: 0 },
  ])
  await expect(session.query('select * from private.webhook_secrets')).rejects.toMatchObject({ code: '42501' })
  const { session: admin } = await register('admin')
  expect(await admin.query('select * from public.webhooks')).toEqual([])
  await owner.query(`update public.webhooks set name = 'Renamed' where id = $1`, [hook.id])
  const trail = await owner.query('select to_jsonb(a)::text as entry from public.audit_logs a where table_name = $1', [
    'webhooks',
  ])
  expect(trail.rows.length).toBeGreaterThanOrEqual(3)
  for (const { entry } of trail.rows)
    for (const secret of [hook.secret, rotated.secret]) expect(entry).not.toContain(secret)
})

test('a webhook may be set up by an insert too, with a secret of one’s own, for oneself alone', {
  timeout,
}, async () => {
  const [{ id, session }, other] = [await register(), await register()]
  const insert = `insert into public.webhooks (user_id, name, url, events, secret) values ($1, 'x', 'https://example.org/', '{batch.created}', $2) returning id, secret`
  const [hook] = await session.query<Webhook>(insert, [id, 'webhook-secret-key'])
  expect(hook?.secret).toBe('…-key')
  expect(await secretOf(hook?.id ?? '')).toBe('webhook-secret-key')
  await expect(session.query(insert, [other.id, 'webhook-secret-key'])).rejects.toMatchObject({ code: '42501' })
  await expect(session.query(insert, [id, 'short'])).rejects.toMatchObject({ code: 'PT400', detail: 'invalid_secret' })
  const change = `update public.webhooks set name = 'y', secret = 'another-secret-key' where id = $1 returning id`
  expect(await other.session.query(change, [hook?.id])).toEqual([])
  expect(await session.query(change, [hook?.id])).toHaveLength(1)
  expect(await secretOf(hook?.id ?? '')).toBe('another-secret-key')
  for (const column of ['failures', 'user_id', 'disabled_at', 'deleted_at', 'version'])
    await expect(
      session.query(`update public.webhooks set ${column} = default where id = $1`, [hook?.id]),
      column,
    ).rejects.toMatchObject({ code: '42501' })
})

test('only people who may set up webhooks do, each a bounded number, and see and end their own alone', {
  timeout,
}, async () => {
  const verifier = await cloud.openAs(await addPerson(owner, { role: 'verifier', subRole: 'desk_verifier' }))
  await expect(verifier.call('create_webhook', given)).rejects.toMatchObject({ code: 'PT403', detail: 'not_allowed' })
  const [mine, other] = [await register('buyer'), await register('buyer')]
  const hooks: Webhook[] = []
  for (let count = 0; count < 20; count += 1) hooks.push(await mine.session.call<Webhook>('create_webhook', given))
  await expect(mine.session.call('create_webhook', given)).rejects.toMatchObject({ code: 'PT422', detail: 'too_many' })
  const id = hooks[0]?.id ?? ''
  for (const name of ['delete_webhook', 'rotate_webhook_secret', 'test_webhook'])
    await expect(other.session.call(name, { p_webhook: id }), name).rejects.toMatchObject({ detail: 'not_found' })
  expect(await mine.session.call('delete_webhook', { p_webhook: id })).toBe(true)
  expect(await secretOf(id)).toBeUndefined()
  expect(await mine.session.query('select 1 from public.webhooks')).toHaveLength(19)
  await mine.session.call('create_webhook', given)
})

test('addresses, names and events that make no sense are refused with a reason', { timeout }, async () => {
  const { session } = await register()
  const wrong: readonly (readonly [object, string])[] = [
    [{ p_url: 'ftp://example.org/' }, 'invalid_url'],
    [{ p_url: 'https://user:word@example.org/' }, 'invalid_url'],
    [{ p_url: 'https://example.org/a b' }, 'invalid_url'],
    [{ p_url: 'https://example.org/\nx' }, 'invalid_url'],
    [{ p_url: 'javascript:alert(1)' }, 'invalid_url'],
    [{ p_events: [] }, 'invalid_events'],
    [{ p_events: ['batch.created', 'batch.everything'] }, 'invalid_events'],
    [{ p_name: ' ' }, 'invalid_name'],
    [{ p_secret: 'x'.repeat(300) }, 'invalid_secret'],
  ]
  for (const [change, detail] of wrong)
    await expect(session.call('create_webhook', { ...given, ...change }), JSON.stringify(change)).rejects.toMatchObject(
      { detail },
    )
})

test('the twentieth failure in a row switches a webhook off and writes to its owner; one success forgets them', {
  timeout,
}, async () => {
  const { id, session } = await register()
  const hook = await session.call<Webhook>('create_webhook', given)
  const record = (success: boolean) =>
    service.call('record_webhook_delivery', {
      p_webhook: hook.id,
      p_event_id: randomUUID(),
      p_payload: { event: 'batch.created' },
      p_status: success ? 204 : 500,
      p_body: 'x',
      p_milliseconds: 5,
      p_success: success,
    })
  for (let count = 0; count < 19; count += 1) expect(await record(false)).toEqual({ disabled: false })
  await record(true)
  for (let count = 0; count < 19; count += 1) expect(await record(false)).toEqual({ disabled: false })
  expect(await record(false)).toEqual({ disabled: true })
  const [row] = await session.query(
    `select is_active, failures, disabled_at is not null as off, disabled_reason from public.webhooks`,
  )
  expect(row).toMatchObject({
    is_active: false,
    failures: 20,
    off: true,
    disabled_reason: expect.stringContaining('status 500'),
  })
  const { rows } = await owner.query('select direction, message from private.mails where user_id = $1', [id])
  expect(rows).toMatchObject([{ direction: 'to_person', message: expect.stringContaining('"Mine"') }])
  expect(await service.call('begin_webhook_delivery', { p_webhook: hook.id, p_event_id: randomUUID() })).toMatchObject({
    skip: expect.stringContaining('not active'),
  })
  await expect(session.call('test_webhook', { p_webhook: hook.id })).rejects.toMatchObject({ detail: 'not_active' })
  await session.query('update public.webhooks set is_active = true')
  expect(await session.query('select failures, disabled_at from public.webhooks')).toEqual([
    { failures: 0, disabled_at: null },
  ])
})

test('deliveries are read by the owner of the webhook alone and removed after 90 days', { timeout }, async () => {
  const [mine, other] = [await register(), await register()]
  const hook = await mine.session.call<Webhook>('create_webhook', given)
  await owner.query(
    `insert into public.webhook_deliveries (webhook_id, event, payload, success, created_at)
     values ($1, 'batch.created', '{}', true, now()), ($1, 'batch.created', '{}', true, now() - interval '91 days')`,
    [hook.id],
  )
  expect(await mine.session.query('select 1 from public.webhook_deliveries')).toHaveLength(2)
  expect(await other.session.query('select 1 from public.webhook_deliveries')).toEqual([])
  expect(await service.call('purge_webhook_deliveries')).toBe(1)
  expect(await mine.session.query('select 1 from public.webhook_deliveries')).toHaveLength(1)
  await expect(
    owner.query(
      `insert into public.webhook_deliveries (webhook_id, event, payload, success, response_body) values ($1, 'x', '{}', true, repeat('x', 4097))`,
      [hook.id],
    ),
  ).rejects.toMatchObject({ code: '23514' })
})

test('tests of a webhook go the way of every event, at most five in a minute', { timeout }, async () => {
  const { session } = await register()
  const hook = await session.call<Webhook>('create_webhook', given)
  const { event_id: event } = await session.call<{ event_id: string }>('test_webhook', {
    p_webhook: hook.id,
    p_payload: { a: 1 },
  })
  expect(await service.call('begin_webhook_delivery', { p_webhook: hook.id, p_event_id: event })).toMatchObject({
    url: given.p_url,
    secret: hook.secret,
    body: {
      id: event,
      event: 'webhook.test',
      data: { a: 1, webhook_id: hook.id },
      timestamp: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/),
    },
  })
  for (let count = 0; count < 4; count += 1) await session.call('test_webhook', { p_webhook: hook.id })
  await expect(session.call('test_webhook', { p_webhook: hook.id })).rejects.toMatchObject({ code: 'PT429' })
})
