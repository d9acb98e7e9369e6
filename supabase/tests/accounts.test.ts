import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addOrganization, addPerson, type Cloud, SERVER_TEST_MS, type Session, startCloud } from './support.ts'

const timeout = SERVER_TEST_MS
let cloud: Cloud
let admin: string
let adminSession: Session
beforeAll(async () => {
  cloud = await startCloud()
  admin = await addPerson(cloud.owner, { role: 'admin' })
  adminSession = await cloud.openAs(admin)
}, timeout)
afterAll(() => cloud.stop())

const register = async (metadata: unknown): Promise<string> => {
  const id = randomUUID()
  await cloud.owner.query('insert into auth.users (id, email, raw_user_meta_data) values ($1, $2, $3)', [
    id,
    `${id}@example.org`,
    JSON.stringify(metadata),
  ])
  return id
}
const profile = async (id: string) => {
  const { rows } = await cloud.owner.query(
    'select name, role, sub_role, approval_status, active, organization_id, organization_name from public.users where id = $1',
    [id],
  )
  return rows[0]
}
const hello = (session: Session) =>
  session.call<{ scopes: string[]; person: { grants: string[] } }>('workstation_handshake', {
    p_request: { protocol_version: 1, schema_version: 1, device_id: randomUUID() },
  })

test('a new account waits for approval, with no more than it may wish for', { timeout }, async () => {
  const wishes = [
    [
      {
        name: 'Ann',
        role: 'verifier',
        organization_name: 'Firm',
        sub_role: 'accredited_auditor',
        approval_status: 'approved',
      },
      'verifier',
    ],
    [{ name: 'Ann', role: 'buyer', active: true }, 'buyer'],
    [{ name: 'Ann', role: 'admin' }, 'recycler'],
    [{ name: 'Ann' }, 'recycler'],
    [null, 'recycler'],
  ] as const
  for (const [metadata, role] of wishes)
    expect(await profile(await register(metadata))).toMatchObject({
      role,
      sub_role: null,
      approval_status: 'pending',
      active: true,
    })
})

test('only an approved, active person comes in, and is told why not', { timeout }, async () => {
  const id = await register({ name: 'Ann', role: 'verifier' })
  const session = await cloud.openAs(id)
  await expect(hello(session)).rejects.toMatchObject({ code: 'PT403', detail: 'account_pending' })
  await adminSession.call('change_person', {
    p_user: id,
    p_changes: { approval_status: 'rejected', rejection_reason: 'No licence' },
  })
  await expect(hello(session)).rejects.toMatchObject({
    code: 'PT403',
    detail: 'account_rejected',
    message: expect.stringContaining('No licence'),
    hint: expect.stringContaining('No licence'),
  })
  await adminSession.call('change_person', {
    p_user: id,
    p_changes: { approval_status: 'approved', sub_role: 'field_agent' },
  })
  expect((await hello(session)).scopes).toEqual(['reference', `person:${id}`])
  await adminSession.call('change_person', { p_user: id, p_changes: { active: false } })
  await expect(hello(session)).rejects.toMatchObject({ code: 'PT403', detail: 'account_suspended' })
  await expect(session.call('sync_push', { p_mutations: [] })).rejects.toMatchObject({ detail: 'account_suspended' })
  const { rows } = await cloud.owner.query(
    'select approved_by, approved_at is not null as dated from public.users where id = $1',
    [id],
  )
  expect(rows).toEqual([{ approved_by: admin, dated: true }])
})

test('a program of another protocol is told to update', { timeout }, async () => {
  const session = await cloud.openAs(await addPerson(cloud.owner, { role: 'verifier', subRole: 'desk_verifier' }))
  for (const request of [{ protocol_version: 2, schema_version: 1 }, { protocol_version: 1, schema_version: 9 }, {}])
    await expect(
      session.call('workstation_handshake', { p_request: { ...request, device_id: randomUUID() } }),
    ).rejects.toMatchObject({ code: 'PT426', detail: 'protocol_version' })
  await expect(
    session.call('workstation_handshake', {
      p_request: { protocol_version: 1, schema_version: 1, device_id: 'laptop' },
    }),
  ).rejects.toMatchObject({ code: 'PT400', detail: 'invalid_request' })
})

test('nobody raises themselves, by whatever way', { timeout }, async () => {
  const id = await addPerson(cloud.owner, { role: 'verifier', subRole: 'field_agent' })
  const session = await cloud.openAs(id)
  const before = await profile(id)
  const raises = [
    "role = 'admin'",
    "sub_role = 'accredited_auditor'",
    'active = true',
    "approval_status = 'approved'",
    'organization_id = null',
    'email = email',
    'version = 9',
  ]
  for (const change of raises)
    await expect(session.query(`update public.users set ${change}`), change).rejects.toMatchObject({ code: '42501' })
  await expect(session.call('change_person', { p_user: id, p_changes: { role: 'admin' } })).rejects.toMatchObject({
    detail: 'not_allowed',
  })
  await expect(
    adminSession.call('change_person', { p_user: admin, p_changes: { active: true } }),
  ).rejects.toMatchObject({ detail: 'not_allowed' })
  await expect(
    session.query(`insert into public.user_grants (user_id, grant_name) values ($1, 'compliance')`, [id]),
  ).rejects.toMatchObject({ code: '42501' })
  // Even where a privilege is granted by mistake, the trigger holds.
  await cloud.owner.query('grant update on public.users to authenticated')
  await expect(session.query(`update public.users set role = 'admin'`)).rejects.toMatchObject({
    code: 'PT403',
    detail: 'not_allowed',
  })
  await expect(adminSession.query(`update public.users set sub_role = 'desk_verifier'`)).rejects.toMatchObject({
    code: 'PT403',
  })
  await cloud.owner.query(
    'revoke update on public.users from authenticated; grant update (name) on public.users to authenticated',
  )
  expect(await profile(id)).toEqual(before)
  await session.query(`update public.users set name = 'New name'`)
  expect((await profile(id)).name).toBe('New name')
})

test('a login is recorded for oneself only', { timeout }, async () => {
  const id = await addPerson(cloud.owner, { role: 'buyer' })
  const session = await cloud.openAs(id)
  await session.call('record_user_login', { user_id: id })
  await expect(session.call('record_user_login', { user_id: admin })).rejects.toMatchObject({ detail: 'not_allowed' })
  const { rows } = await cloud.owner.query(
    'select id, last_login is not null as logged from public.users where id = any ($1) order by logged',
    [[id, admin]],
  )
  expect(rows).toEqual([
    { id: admin, logged: false },
    { id, logged: true },
  ])
})

test('the directory follows names, roles and organizations, and lists nobody before approval', {
  timeout,
}, async () => {
  const organization = await addOrganization(cloud.owner, 'Old name')
  const id = await addPerson(cloud.owner, {
    role: 'verifier',
    subRole: 'desk_verifier',
    organizationId: organization,
    name: 'Ann',
  })
  const entry = async (person: string) => {
    const { rows } = await cloud.owner.query(
      'select name, organization_name, sub_role, version from public.people where id = $1',
      [person],
    )
    return rows[0]
  }
  const first = await entry(id)
  expect(first).toMatchObject({ name: 'Ann', organization_name: 'Old name', sub_role: 'desk_verifier' })
  await cloud.owner.query(`update public.organizations set name = 'New name' where id = $1`, [organization])
  await cloud.owner.query('update public.users set last_login = now() where id = $1', [id])
  expect(await entry(id)).toEqual({ ...first, organization_name: 'New name', version: first.version + 1 })
  expect(await entry(await register({ name: 'Waiting' }))).toBeUndefined()
})

test('a grant that has expired or was revoked opens nothing', { timeout }, async () => {
  const id = await addPerson(cloud.owner, { role: 'verifier', subRole: 'desk_verifier', grants: ['compliance'] })
  const session = await cloud.openAs(id)
  expect(await hello(session)).toMatchObject({ scopes: ['reference', 'register'], person: { grants: ['compliance'] } })
  await cloud.owner.query(`update public.user_grants set expires_at = now() - interval '1 second' where user_id = $1`, [
    id,
  ])
  expect(await hello(session)).toMatchObject({ scopes: ['reference', `person:${id}`, 'pool'], person: { grants: [] } })
  await cloud.owner.query('update public.user_grants set expires_at = null, revoked_at = now() where user_id = $1', [
    id,
  ])
  expect((await session.query('select 1 from public.audit_logs')).length).toBe(0)
})

test('what changes is in the audit trail with its author, and stays there', { timeout }, async () => {
  const id = await addPerson(cloud.owner, { role: 'buyer', name: 'Before' })
  const session = await cloud.openAs(id)
  await session.query(`update public.users set name = 'After'`)
  const { rows } = await cloud.owner.query(
    `select user_id, action, old_values ->> 'name' as before, new_values ->> 'name' as after from public.audit_entries
     where record_id = $1 and user_id is not null`,
    [id],
  )
  expect(rows).toEqual([{ user_id: id, action: 'UPDATE', before: 'Before', after: 'After' }])
  for (const change of [
    `update public.audit_logs set action = 'x'`,
    'delete from public.audit_logs',
    'truncate public.audit_logs',
  ])
    await expect(cloud.owner.query(change), change).rejects.toMatchObject({ code: 'PT409' })
  await expect(cloud.owner.query('delete from public.people')).rejects.toMatchObject({
    code: 'PT409',
    detail: 'immutable',
  })
})
