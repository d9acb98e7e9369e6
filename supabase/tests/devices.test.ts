import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mutation } from './mutations.ts'
import {
  addBatches,
  addOrganization,
  addPerson,
  addProject,
  assign,
  type Cloud,
  publishRubric,
  SERVER_TEST_MS,
  startCloud,
} from './support.ts'

const timeout = SERVER_TEST_MS
let cloud: Cloud
let admin: string
beforeAll(async () => {
  cloud = await startCloud()
  admin = await addPerson(cloud.owner, { role: 'admin' })
}, timeout)
afterAll(() => cloud.stop())

const hello = (device: string) => ({
  p_request: { protocol_version: 1, schema_version: 1, device_id: device, device_name: 'Laptop', program_version: '1' },
})

/** A connection as a request with a token of Auth: it names its session. */
const openWithSession = async (person: string) => {
  const session = randomUUID()
  await cloud.owner.query('insert into auth.sessions (id, user_id) values ($1, $2)', [session, person])
  await cloud.owner.query(
    `insert into auth.refresh_tokens (id, token, user_id, session_id) values ($1::text, $1::text, $2, $3)`,
    [randomUUID(), person, session],
  )
  const client = await cloud.connect()
  const call = async <Answer>(name: string, values: readonly unknown[], settings: Record<string, string> = {}) => {
    await client.query('begin')
    try {
      await client.query(`select set_config('request.jwt.claims', $1, true)`, [
        JSON.stringify({ sub: person, role: 'authenticated', session_id: session }),
      ])
      for (const [setting, value] of Object.entries(settings))
        await client.query('select set_config($1, $2, true)', [setting, value])
      await client.query('set local role authenticated')
      const { rows } = await client.query<{ answer: Answer; status: string | null }>(
        `select public.${name}(${values.map((_, index) => `$${index + 1}`).join(', ')}) as answer, current_setting('response.status', true) as status`,
        [...values],
      )
      await client.query('commit')
      return rows[0]
    } catch (error) {
      await client.query('rollback')
      throw error
    }
  }
  return { session, call }
}

const events = async (owner: pg.Client, person: string): Promise<string[]> =>
  (
    await owner.query<{ kind: string }>(
      'select kind from public.security_events where user_id = $1 order by created_at',
      [person],
    )
  ).rows.map(({ kind }) => kind)

const revoked = { code: 'PT403', detail: 'device_revoked' }

test('a device is enrolled by its first handshake, and the person is told of a second one', { timeout }, async () => {
  const person = await addPerson(cloud.owner, { role: 'verifier', subRole: 'desk_verifier' })
  const session = await cloud.openAs(person)
  const [first, second] = [randomUUID(), randomUUID()]
  await session.call('workstation_handshake', hello(first))
  await session.call('workstation_handshake', hello(first))
  await session.call('workstation_handshake', hello(second))
  const seen = await session.query<{ kind: string; severity: string }>(
    'select kind, severity from public.security_events order by created_at',
  )
  expect(seen).toEqual([
    { kind: 'device_new', severity: 'info' },
    { kind: 'device_new', severity: 'warning' },
  ])
  const devices = await session.call<{ id: string; state: string }[]>('list_devices')
  expect(devices.map(({ id, state }) => [id, state]).sort()).toEqual(
    [
      [first, 'enrolled'],
      [second, 'enrolled'],
    ].sort(),
  )
})

test('an administrator trusts a device; its person cannot', { timeout }, async () => {
  const person = await addPerson(cloud.owner, { role: 'verifier', subRole: 'desk_verifier' })
  const [session, administrator] = [await cloud.openAs(person), await cloud.openAs(admin)]
  const device = randomUUID()
  await session.call('workstation_handshake', hello(device))
  await expect(session.call('trust_device', { p_device: device, p_user: person })).rejects.toMatchObject({
    detail: 'not_allowed',
  })
  expect(await administrator.call('trust_device', { p_device: device, p_user: person })).toMatchObject({
    state: 'trusted',
  })
  await expect(administrator.call('trust_device', { p_device: randomUUID(), p_user: person })).rejects.toMatchObject({
    detail: 'not_found',
  })
})

test('a lost device is refused everywhere, its person is signed out everywhere, and it is written down', {
  timeout,
}, async () => {
  const person = await addPerson(cloud.owner, { role: 'verifier', subRole: 'desk_verifier' })
  const recycler = await addPerson(cloud.owner, { role: 'recycler' })
  const rubric = await publishRubric(cloud.owner)
  const [batch = ''] = await addBatches(cloud.owner, await addProject(cloud.owner, recycler), 1, 'under_review')
  await assign(cloud.owner, [batch], person)
  const device = randomUUID()
  const laptop = await openWithSession(person)
  const phone = await openWithSession(person)
  await laptop.call('workstation_handshake', [JSON.stringify(hello(device).p_request)])
  const pull = ['reference', '1:1:', null, null, 10]
  const change = {
    ...mutation('score.set', batch, {
      rubric_id: rubric,
      criterion_code: 'E-01',
      points: 3,
      not_applicable_reason: null,
      note: '',
      evidence_ids: [],
    }),
    device_id: device,
  }
  await laptop.call('sync_pull', pull)

  const self = await cloud.openAs(person)
  await expect(self.call('revoke_device', { p_device: device, p_reason: ' ' })).rejects.toMatchObject({ code: 'PT400' })
  const other = await cloud.openAs(recycler)
  await expect(other.call('revoke_device', { p_device: device, p_reason: 'mine' })).rejects.toMatchObject({
    detail: 'not_found',
  })
  const answer = await self.call('revoke_device', { p_device: device, p_reason: 'left on the train' })
  expect(answer).toMatchObject({ revoked_for: 1, sessions_ended: 2 })

  for (const one of [laptop, phone])
    await expect(one.call('sync_pull', pull)).rejects.toMatchObject({ code: 'PT401', detail: 'session_ended' })
  await expect(laptop.call('sync_push', [JSON.stringify([change])])).rejects.toMatchObject({ detail: 'session_ended' })
  const { rows } = await cloud.owner.query('select 1 from auth.refresh_tokens where user_id = $1', [person])
  expect(rows).toEqual([])

  // Whoever knows the password signs in again on the lost device: it is still refused, and the attempt is kept.
  const again = await openWithSession(person)
  await expect(again.call('workstation_handshake', [JSON.stringify(hello(device).p_request)])).rejects.toMatchObject(
    revoked,
  )
  await expect(again.call('sync_push', [JSON.stringify([change])])).rejects.toMatchObject(revoked)
  const refusal = await again.call<{ details: string }>(
    'workstation_handshake',
    [JSON.stringify(hello(device).p_request)],
    {
      'request.method': 'POST',
      'request.headers': '{"x-forwarded-for": "192.0.2.7, 10.0.0.1"}',
    },
  )
  expect(refusal).toMatchObject({ status: '403', answer: { code: 'PT403', details: 'device_revoked' } })
  expect(await events(cloud.owner, person)).toEqual(['device_new', 'device_revoked', 'revoked_device_used'])
  const [listed] = await self.call<{ state: string; last_address: string; revoke_reason: string }[]>('list_devices')
  expect(listed).toMatchObject({ state: 'revoked', last_address: '192.0.2.7', revoke_reason: 'left on the train' })
  const audited = await cloud.owner.query(
    `select new_values ->> 'revoke_reason' as reason from public.audit_logs where table_name = 'devices' and record_id = $1 and action = 'UPDATE'`,
    [device],
  )
  expect(audited.rows).toEqual([{ reason: 'left on the train' }])

  // A session that belonged to the device before it was revoked stays shut, whatever Auth says of it.
  await cloud.owner.query(
    `insert into private.device_sessions (session_id, device_id, user_id) values ($1, $2, $3) on conflict do nothing`,
    [again.session, device, person],
  )
  await expect(again.call('sync_pull', pull)).rejects.toMatchObject(revoked)
  await expect(again.call('sync_digest', ['reference'])).rejects.toMatchObject(revoked)
  await expect(again.call('sync_bootstrap', ['reference', 'people', null, 5])).rejects.toMatchObject(revoked)

  // The change is not lost: an administrator lets the device in again, and it is applied.
  const administrator = await cloud.openAs(admin)
  await administrator.call('trust_device', { p_device: device, p_user: person })
  const back = await openWithSession(person)
  await back.call('workstation_handshake', [JSON.stringify(hello(device).p_request)])
  const pushed = await back.call<{ status: string }[]>('sync_push', [JSON.stringify([change])])
  expect(pushed?.answer.map(({ status }) => status)).toEqual(['applied'])
})

test('an administrator revokes a shared device for all its people', { timeout }, async () => {
  const device = randomUUID()
  const people = [
    await addPerson(cloud.owner, { role: 'verifier', subRole: 'desk_verifier' }),
    await addPerson(cloud.owner, { role: 'verifier', subRole: 'field_agent' }),
  ]
  for (const person of people) await (await cloud.openAs(person)).call('workstation_handshake', hello(device))
  const administrator = await cloud.openAs(admin)
  expect(await administrator.call('revoke_device', { p_device: device, p_reason: 'stolen' })).toMatchObject({
    revoked_for: 2,
  })
  for (const person of people) {
    await expect((await cloud.openAs(person)).call('workstation_handshake', hello(device))).rejects.toMatchObject(
      revoked,
    )
    expect(await administrator.call('list_devices', { p_user: person })).toMatchObject([{ state: 'revoked' }])
  }
})

test('nobody writes or removes security events', { timeout }, async () => {
  const administrator = await cloud.openAs(admin)
  await expect(administrator.query(`update public.security_events set kind = 'x'`)).rejects.toMatchObject({
    code: '42501',
  })
  await expect(administrator.query('delete from public.security_events')).rejects.toMatchObject({ code: '42501' })
  await expect(cloud.owner.query(`update public.security_events set kind = 'x'`)).rejects.toMatchObject({
    detail: 'immutable',
  })
})

test('the daily sweep forgets ended sessions and old events, and keeps what is in force', { timeout }, async () => {
  const person = await addPerson(cloud.owner, { role: 'verifier', subRole: 'desk_verifier' })
  const device = randomUUID()
  const [over, alive] = [await openWithSession(person), await openWithSession(person)]
  for (const one of [over, alive]) await one.call('workstation_handshake', [JSON.stringify(hello(device).p_request)])
  await cloud.owner.query('delete from auth.sessions where id = $1', [over.session])
  await cloud.owner.query(
    `insert into public.security_events (severity, kind, user_id, created_at) values ('info', 'device_old', $1, now() - interval '3 years')`,
    [person],
  )
  const { rows } = await cloud.owner.query('select public.sweep_people_rows() as swept')
  expect(rows[0]?.swept).toMatchObject({ security_events: 1 })
  const bound = await cloud.owner.query('select session_id from private.device_sessions where user_id = $1', [person])
  expect(bound.rows).toEqual([{ session_id: alive.session }])
  expect(await events(cloud.owner, person)).toEqual(['device_new'])
})

test('an organization may let in trusted devices alone: others are enrolled, refused, and let in once trusted', {
  timeout,
}, async () => {
  const organization = await addOrganization(cloud.owner, 'Careful')
  const person = await addPerson(cloud.owner, {
    role: 'verifier',
    subRole: 'desk_verifier',
    organizationId: organization,
  })
  const administrator = await cloud.openAs(admin)
  const [inUse, added] = [randomUUID(), randomUUID()]
  const before = await openWithSession(person)
  await before.call('workstation_handshake', [JSON.stringify(hello(inUse).p_request)])
  await expect(
    (await cloud.openAs(person)).call('set_device_rule', { p_organization: organization, p_trust_required: false }),
  ).rejects.toMatchObject({ detail: 'not_allowed' })
  expect(
    await administrator.call('set_device_rule', { p_organization: organization, p_trust_required: true }),
  ).toMatchObject({ devices_trusted: 1 })

  const pull = ['reference', '1:1:', null, null, 10]
  await before.call('sync_pull', pull)
  const laptop = await openWithSession(person)
  const refused = { code: 'PT403', detail: 'device_not_trusted' }
  await expect(laptop.call('sync_pull', pull), 'before any handshake').rejects.toMatchObject(refused)
  const answer = await laptop.call('workstation_handshake', [JSON.stringify(hello(added).p_request)], {
    'request.method': 'POST',
  })
  expect(answer).toMatchObject({ status: '403', answer: { details: 'device_not_trusted' } })
  await expect(laptop.call('sync_push', ['[]'])).rejects.toMatchObject(refused)
  await expect(laptop.call('workstation_handshake', [JSON.stringify(hello(added).p_request)])).rejects.toMatchObject(
    refused,
  )

  await administrator.call('trust_device', { p_device: added, p_user: person })
  await laptop.call('workstation_handshake', [JSON.stringify(hello(added).p_request)])
  await laptop.call('sync_pull', pull)
  const elsewhere = await openWithSession(await addPerson(cloud.owner, { role: 'verifier', subRole: 'desk_verifier' }))
  await elsewhere.call('sync_pull', pull)
})
