import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addOrganization, addPerson, type Cloud, SERVER_TEST_MS, startCloud } from './support.ts'

const timeout = SERVER_TEST_MS
let cloud: Cloud
beforeAll(async () => {
  cloud = await startCloud()
}, timeout)
afterAll(() => cloud.stop())

const limited = { code: 'PT429', detail: 'rate_limited', hint: expect.stringMatching(/^Try again in \d+ seconds\.$/) }

const take = (subject: string, endpoint = 'tested') =>
  cloud.owner.query('select private.take_rate($1, $2)', [subject, endpoint])

const limit = (maximum: number, seconds: number, endpoint = 'tested') =>
  cloud.owner.query(
    `insert into public.rate_limits (endpoint, subject_kind, max_requests, window_seconds) values ($1, 'person', $2, $3)
     on conflict (endpoint, subject_kind) do update set max_requests = excluded.max_requests, window_seconds = excluded.window_seconds`,
    [endpoint, maximum, seconds],
  )

test('one request too many in a window is refused, for that subject and endpoint alone', { timeout }, async () => {
  await limit(3, 86_400)
  const person = randomUUID()
  for (let count = 0; count < 3; count += 1) await take(person)
  await expect(take(person)).rejects.toMatchObject(limited)
  await take(randomUUID())
  await take(person, 'other')
})

test('what was refused is not counted, and the window slides', { timeout }, async () => {
  await limit(4, 1000)
  const person = randomUUID()
  const { rows } = await cloud.owner.query<{ start: Date }>(
    'select to_timestamp(floor(extract(epoch from clock_timestamp()) / 1000) * 1000) as start',
  )
  const start = rows[0]?.start ?? new Date()
  // The whole of the window before was used: some of it weighs on this one, less with every second.
  await cloud.owner.query(
    `insert into private.rate_counters (subject, endpoint, window_start, used, previous) values ($1, 'tested', $2, 0, 4)`,
    [person, start],
  )
  const refusals: PromiseSettledResult<unknown>[] = []
  for (let count = 0; count < 5; count += 1) refusals.push(...(await Promise.allSettled([take(person)])))
  expect(refusals.some(({ status }) => status === 'rejected')).toBe(true)
  const counted = await cloud.owner.query('select used from private.rate_counters where subject = $1', [person])
  expect(counted.rows[0]?.used).toBe(refusals.filter(({ status }) => status === 'fulfilled').length)
  await cloud.owner.query(
    `update private.rate_counters set window_start = window_start - interval '1000 seconds' * 2 where subject = $1`,
    [person],
  )
  for (let count = 0; count < 4; count += 1) await take(person)
  await expect(take(person)).rejects.toMatchObject(limited)
})

test('the hint names a time after which the request is taken', { timeout }, async () => {
  await limit(1, 2, 'short')
  const person = randomUUID()
  await take(person, 'short')
  const refusal = await take(person, 'short').then(
    () => null,
    (error: { hint: string }) => error,
  )
  // The first may have been the last of its window, and the second then the first of the next.
  if (refusal === null) return
  const seconds = Number(/\d+/.exec(refusal.hint)?.[0])
  expect(seconds).toBeGreaterThanOrEqual(1)
  expect(seconds).toBeLessThanOrEqual(4)
  await cloud.owner.query('select pg_sleep($1)', [seconds])
  await take(person, 'short')
})

test('many connections at once get no more than the limit', { timeout }, async () => {
  await limit(20, 86_400, 'crowded')
  const person = randomUUID()
  const connections = await Promise.all(Array.from({ length: 8 }, () => cloud.connect()))
  const outcomes = (
    await Promise.all(
      connections.map(async (client) => {
        const own: PromiseSettledResult<unknown>[] = []
        for (let count = 0; count < 8; count += 1)
          own.push(
            ...(await Promise.allSettled([client.query('select private.take_rate($1, $2)', [person, 'crowded'])])),
          )
        return own
      }),
    )
  ).flat()
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(20)
})

test('keys and addresses have limits of their own, and nobody in particular has none', { timeout }, async () => {
  await cloud.owner.query(
    `insert into public.rate_limits (endpoint, subject_kind, max_requests, window_seconds) values ('kinds', 'key', 1, 86400), ('kinds', 'address', 2, 86400)`,
  )
  await take('key:1', 'kinds')
  await expect(take('key:1', 'kinds')).rejects.toMatchObject(limited)
  await take('address:192.0.2.1', 'kinds')
  await take('address:192.0.2.1', 'kinds')
  await expect(take('address:192.0.2.1', 'kinds')).rejects.toMatchObject(limited)
  for (let count = 0; count < 5; count += 1) await cloud.owner.query(`select private.take_rate(null, 'kinds')`)
})

test('every function of synchronization refuses what is too often, and nothing of it happens', {
  timeout,
}, async () => {
  const verifier = await addPerson(cloud.owner, { role: 'verifier', subRole: 'desk_verifier' })
  const session = await cloud.openAs(verifier)
  const calls = {
    sync_push: { p_mutations: [] },
    sync_pull: { p_scope: 'reference', p_cursor: '1:1:', p_upto: null, p_after: null, p_limit: 1 },
    sync_bootstrap: { p_scope: 'reference', p_table: 'people', p_after: null, p_limit: 1 },
    sync_digest: { p_scope: 'reference' },
    sync_poll: { p_fingerprint: '', p_cursors: {}, p_limit: 1 },
    sync_check: { p_scope: 'reference', p_cursor: '1:1:', p_except: [] },
    workstation_handshake: { p_request: { protocol_version: 1, schema_version: 1, device_id: randomUUID() } },
  }
  for (const [name, parameters] of Object.entries(calls)) {
    await session.call(name, parameters)
    const before = await cloud.owner.query('select max_requests from public.rate_limits where endpoint = $1', [name])
    await cloud.owner.query(
      'update public.rate_limits set max_requests = 1, window_seconds = 86400 where endpoint = $1',
      [name],
    )
    await cloud.owner.query('delete from private.rate_counters where endpoint = $1', [name])
    await session.call(name, parameters)
    await expect(session.call(name, parameters), name).rejects.toMatchObject(limited)
    await cloud.owner.query(
      'update public.rate_limits set max_requests = $2, window_seconds = 60 where endpoint = $1',
      [name, before.rows[0]?.max_requests],
    )
  }
})

test('a person reads what they have used, and nobody changes a limit', { timeout }, async () => {
  const organization = await addOrganization(cloud.owner, 'Measured')
  const person = await addPerson(cloud.owner, { role: 'recycler', organizationId: organization })
  const session = await cloud.openAs(person)
  await session.call('sync_digest', { p_scope: 'reference' })
  const usage = await session.call<{
    requests: { endpoint: string; used: number; max_requests: number }[]
    storage: object
  }>('my_usage')
  expect(usage.requests.find(({ endpoint }) => endpoint === 'sync_digest')).toMatchObject({
    used: 1,
    max_requests: 600,
  })
  expect(usage.storage).toEqual({ used_bytes: 0, quota_bytes: 107_374_182_400 })
  await expect(session.query('update public.rate_limits set max_requests = 9')).rejects.toMatchObject({ code: '42501' })
  await expect(session.query('select * from private.rate_counters')).rejects.toMatchObject({ code: '42501' })
})

test('an organization that has used up its storage uploads no more, except certificates', { timeout }, async () => {
  const organization = await addOrganization(cloud.owner, 'Full')
  const recycler = await addPerson(cloud.owner, { role: 'recycler', organizationId: organization })
  const session = await cloud.openAs(recycler)
  const upload = () =>
    session.query(
      `insert into storage.objects (bucket_id, name, owner_id, metadata) values ('batch-photos', $1, $2, '{"size": 600}')`,
      [`${recycler}/${randomUUID()}.jpg`, recycler],
    )
  await cloud.owner.query(
    'insert into public.quotas (organization_id, storage_bytes, daily_key_rows) values ($1, 1000, 1)',
    [organization],
  )
  await upload()
  await upload()
  await expect(upload()).rejects.toMatchObject({ code: '42501' })
  const { rows } = await cloud.owner.query<{ check: string }>(
    `select with_check as check from pg_policies where policyname = 'Within the organization''s quota'`,
  )
  expect(rows[0]?.check).toContain('certificates')
  expect((await session.call<{ storage: object }>('my_usage')).storage).toEqual({ used_bytes: 1200, quota_bytes: 1000 })
})
