import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { makeWorld, type World } from './matrix/world.ts'
import { addPerson, assign, type Cloud, SERVER_TEST_MS, startCloud } from './support.ts'

const timeout = SERVER_TEST_MS
let cloud: Cloud
let world: World
let other: string
beforeAll(async () => {
  cloud = await startCloud()
  world = await makeWorld(cloud)
  other = await addPerson(cloud.owner, { role: 'admin' })
}, timeout)
afterAll(() => cloud.stop())

const owner = <Row extends Record<string, unknown>>(sql: string, values: readonly unknown[] = []) =>
  cloud.owner.query<Row>(sql, [...values]).then(({ rows }) => rows)

interface Outcome {
  readonly name_kept_until?: string
  readonly name_kept_because?: string
  readonly sessions_ended: number
}

let person: string
/** In everything that is personal of the person of a test, and of nobody else. */
let mark: string
beforeEach(async () => {
  mark = `q${randomUUID().slice(0, 8)}`
  person = await addPerson(cloud.owner, { role: 'verifier', subRole: 'desk_verifier', name: `Wangari ${mark}` })
  await owner(
    `update public.users set mobile = $2, license_number = $2, organization_name = $2, kyb_document_urls = array[$2],
       compliance_certifications = array[$2] where id = $1`,
    [person, mark],
  )
})

const signOff = async (requester: string) => {
  const session = await cloud.openAs(requester)
  await session.call('request_erasure', { p_user: person, p_reason: `${mark} wants to be forgotten` })
  return (await cloud.openAs(other)).call<Outcome>('erase_person', { p_user: person })
}

test('a person gets everything that names them, by table, and no secrets', { timeout }, async () => {
  await owner(`insert into public.devices (id, user_id, name) values ($1, $2, 'Laptop of Wangari')`, [
    randomUUID(),
    person,
  ])
  await owner(
    `insert into public.decisions (id, batch_id, actor_id, action, from_status, to_status, reason_code, reason, content_hash, decided_at)
     values ($1, $2, $3, 'approve', 'under_review', 'approved', 'conforms', 'fine', repeat('ab', 32), now())`,
    [randomUUID(), world.batches.settled, person],
  )
  await owner(
    `insert into public.webhooks (user_id, name, url, events, secret) values ($1, 'Mine', 'https://example.org', '{batch.created}', 'hush, a long secret')`,
    [person],
  )
  const session = await cloud.openAs(person)
  const answer = await session.call<{ tables: Record<string, Record<string, unknown>[]> }>('export_person_data', {
    p_user: person,
  })
  expect(answer.tables.users).toEqual([expect.objectContaining({ name: `Wangari ${mark}`, mobile: mark })])
  expect(answer.tables.devices?.[0]).toMatchObject({ name: 'Laptop of Wangari' })
  expect(answer.tables.decisions?.[0]).toMatchObject({ reason: 'fine' })
  expect(answer.tables.webhooks?.[0]).toMatchObject({ name: 'Mine' })
  expect(JSON.stringify(answer)).not.toContain('hush')
  const columns = await owner<{ name: string }>(
    `select table_name || '.' || column_name as name from private.person_columns()`,
  )
  // Every foreign key to users is among them, so that a new table cannot be forgotten.
  const keys = await owner<{ name: string }>(
    `select c.relname || '.' || a.attname as name
     from pg_constraint k
     join pg_class c on c.oid = k.conrelid and c.relnamespace = 'public'::regnamespace and not c.relispartition
     join pg_attribute a on a.attrelid = k.conrelid and a.attnum = any (k.conkey)
     where k.contype = 'f' and k.confrelid = 'public.users'::regclass`,
  )
  const known = columns.map(({ name }) => name)
  expect(keys.map(({ name }) => name).filter((name) => !known.includes(name))).toEqual([])
})

test('nobody exports, asks for or carries out the erasure of another but administrators', { timeout }, async () => {
  for (const actor of ['buyer', 'recycler', 'compliance', 'desk_verifier', 'other_organization'] as const)
    for (const name of ['export_person_data', 'request_erasure', 'withdraw_erasure', 'erase_person'])
      await expect(world.sessions[actor].call(name, { p_user: person }), `${actor} ${name}`).rejects.toMatchObject({
        detail: 'not_allowed',
      })
})

test('whoever is not let in has a right to their data too', { timeout }, async () => {
  for (const actor of ['pending', 'suspended'] as const) {
    const self = world.people[actor]
    expect(await world.sessions[actor].call('export_person_data', { p_user: self })).toMatchObject({ person: self })
  }
})

test('erasing takes a request and another administrator', { timeout }, async () => {
  const [first, second] = [await cloud.openAs(world.people.admin), await cloud.openAs(other)]
  await expect(first.call('erase_person', { p_user: person })).rejects.toMatchObject({ detail: 'not_requested' })
  await first.call('request_erasure', { p_user: person })
  await expect(first.call('erase_person', { p_user: person })).rejects.toMatchObject({ detail: 'four_eyes' })
  await (await cloud.openAs(person)).call('withdraw_erasure', { p_user: person })
  await expect(second.call('erase_person', { p_user: person })).rejects.toMatchObject({ detail: 'not_requested' })
  // An administrator does not carry out their own erasure either.
  await second.call('request_erasure', { p_user: world.people.admin })
  await expect(first.call('erase_person', { p_user: world.people.admin })).rejects.toMatchObject({
    detail: 'four_eyes',
  })
  await second.call('withdraw_erasure', { p_user: world.people.admin })
})

test('an erased person leaves no name, and what they decided stays', { timeout }, async () => {
  const device = randomUUID()
  await owner(`insert into public.devices (id, user_id, name, last_address) values ($1, $2, $3, '192.0.2.7')`, [
    device,
    person,
    mark,
  ])
  await owner('insert into auth.sessions (id, user_id) values ($1, $2)', [randomUUID(), person])
  await owner(
    `insert into public.login_attempts (account, user_id, address, outcome) values ($1::text, $1::uuid, '192.0.2.7', 'succeeded')`,
    [person],
  )
  await owner(
    `insert into public.security_events (severity, kind, user_id, address, facts) values ('info', 'device_new', $1, '192.0.2.7', jsonb_build_object('name', $2::text))`,
    [person, mark],
  )
  await owner(
    `insert into private.mails (user_id, direction, subject, message, priority) values ($1, 'to_support', $2, $2, 'low')`,
    [person, mark],
  )
  await owner(
    `with told as (
       insert into private.events (event, subject_id, data)
       values ('user.approved', $1, jsonb_build_object('id', $1::uuid, 'name', $2::text, 'email', $2::text, 'organization_name', $2::text))
       returning id, data
     ), hook as (
       insert into public.webhooks (user_id, name, url, events, secret)
       values ($3, 'Told', 'https://example.org', '{user.approved}', 'a secret that is long enough') returning id
     )
     insert into public.webhook_deliveries (webhook_id, event, payload, success, event_id)
     select hook.id, 'user.approved', jsonb_build_object('data', told.data), true, told.id from told, hook`,
    [person, mark, other],
  )
  const decision = randomUUID()
  await owner(
    `insert into public.decisions (id, batch_id, actor_id, action, from_status, to_status, reason_code, reason, content_hash, decided_at)
     values ($1, $2, $3, 'approve', 'under_review', 'approved', 'conforms', 'fine', repeat('ab', 32), now())`,
    [decision, world.batches.settled, person],
  )
  const answer = await signOff(person)
  expect(answer).toMatchObject({ sessions_ended: 1 })
  expect(answer.name_kept_until).toBeUndefined()
  const everywhere = await owner<{ found: string }>(
    `select c.relname as found from pg_class c
     where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace) and c.relkind in ('r', 'p') and not c.relispartition
       and xpath_exists('//row', query_to_xml(format('select 1 from %s t where t::text ~ $q$(%s|192\\.0\\.2\\.7)$q$', c.oid::regclass, $1::text), false, false, ''))`,
    [mark],
  )
  expect(everywhere.map(({ found }) => found)).toEqual([])
  const [user] = await owner<Record<string, unknown>>(
    'select name, email, mobile, active from public.users where id = $1',
    [person],
  )
  expect(user).toEqual({
    name: `Erased person ${person.slice(0, 8)}`,
    email: `${person}@erased.invalid`,
    mobile: null,
    active: false,
  })
  expect(await owner('select email, encrypted_password from auth.users where id = $1', [person])).toEqual([
    { email: `${person}@erased.invalid`, encrypted_password: '' },
  ])
  expect(await owner('select actor_id, reason from public.decisions where id = $1', [decision])).toEqual([
    { actor_id: person, reason: 'fine' },
  ])
  expect(await owner('select state from public.devices where id = $1', [device])).toEqual([{ state: 'revoked' }])
  expect(await owner('select public.verify_audit_chain() as chain')).toEqual([
    { chain: expect.objectContaining({ ok: true }) },
  ])
  await expect(
    (await cloud.openAs(person)).call('workstation_handshake', {
      p_request: { protocol_version: 1, schema_version: 1, device_id: device },
    }),
  ).rejects.toMatchObject({ code: 'PT403' })
})

test('who signed certificates within their seven years keeps the name, and is told why', { timeout }, async () => {
  await owner(
    `insert into public.signatures (id, certificate_id, batch_id, signer_id, kind, level, signer_subject, signer_serial, signer_fingerprint, claimed_at)
     select $1, c.id, c.batch_id, $2, 'reviewer', 'B-B', 'CN=x', '2', repeat('cd', 32), now() from public.certificates c limit 1`,
    [randomUUID(), person],
  )
  const answer = await signOff(world.people.admin)
  expect(answer.name_kept_until).toEqual(expect.any(String))
  expect(answer.name_kept_because).toMatch(/legal obligation/)
  expect(await owner('select name, mobile, license_number from public.users where id = $1', [person])).toEqual([
    { name: `Wangari ${mark}`, mobile: null, license_number: null },
  ])
})

test('work under way is settled first, and the words say what', { timeout }, async () => {
  await assign(cloud.owner, [world.batches.theirs], person)
  await expect(signOff(world.people.admin)).rejects.toMatchObject({
    detail: 'erasure_blocked',
    message: 'This person cannot be erased yet: open assignments (1).',
  })
})
