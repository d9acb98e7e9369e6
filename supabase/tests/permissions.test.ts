import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addMember, addOrganizationOfKind, type Member, scopesOf } from './bodies.ts'
import { batchNow, decision, mutation, pushOne } from './mutations.ts'
import {
  addBatches,
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
let project: string
let body: string
const roles = [
  'recycler',
  'buyer',
  'field_agent',
  'desk_verifier',
  'auditor',
  'officer',
  'admin',
  'body_admin',
  'body_officer',
] as const
let people: Record<(typeof roles)[number], Member>
beforeAll(async () => {
  cloud = await startCloud()
  await publishRubric(cloud.owner)
  body = await addOrganizationOfKind(cloud.owner, 'Body', 'verification_body')
  project = await addProject(cloud.owner, await addPerson(cloud.owner, { role: 'recycler' }))
  const verifier = (subRole: 'field_agent' | 'desk_verifier' | 'accredited_auditor') =>
    addMember(cloud, { role: 'verifier', subRole })
  people = {
    recycler: await addMember(cloud, { role: 'recycler' }),
    buyer: await addMember(cloud, { role: 'buyer' }),
    field_agent: await verifier('field_agent'),
    desk_verifier: await verifier('desk_verifier'),
    auditor: await verifier('accredited_auditor'),
    officer: await addMember(cloud, { role: 'verifier', grants: ['compliance'] }),
    admin: await addMember(cloud, { role: 'admin' }),
    body_admin: await addMember(cloud, { role: 'admin', organizationId: body }),
    body_officer: await addMember(cloud, { role: 'verifier', organizationId: body, grants: ['compliance'] }),
  }
}, timeout)
afterAll(() => cloud.stop())

const permitted = (member: Member) => member.session.call<string[]>('my_permissions')
const change = (member: Member, role: string, subRole: string | null, permission: string, allowed: boolean) =>
  member.session.call<{ allowed: boolean; version: number }>('change_role_permission', {
    p_role: role,
    p_sub_role: subRole,
    p_permission: permission,
    p_allowed: allowed,
  })

test('everybody is permitted what they did before there was a matrix', { timeout }, async () => {
  const holders: Record<string, readonly (typeof roles)[number][]> = {
    'batch.submit': ['recycler'],
    'batch.claim': ['desk_verifier', 'auditor'],
    'batch.assign': ['admin', 'body_admin'],
    'register.read': ['officer', 'admin', 'body_admin', 'body_officer'],
    'evidence.add': ['recycler', 'field_agent', 'desk_verifier', 'auditor', 'officer', 'body_officer'],
    'finding.raise': ['desk_verifier', 'auditor'],
    'decision.approve': ['desk_verifier'],
    'decision.verify': ['auditor'],
    'decision.reject': ['desk_verifier', 'auditor'],
    'person.change': ['admin', 'body_admin'],
    'credits.buy': ['buyer'],
    'credits.retire': ['buyer'],
    'webhook.manage': ['recycler', 'buyer', 'admin', 'body_admin'],
    // What concerns the whole register is nobody's who is bound to a body.
    'rubric.publish': ['admin'],
    'trust_anchor.manage': ['admin'],
    'credit_rule.change': ['admin'],
    'batch.hand_over': ['admin'],
    'permission.change': ['admin'],
    'audit.read': ['officer', 'admin'],
  }
  const held = Object.fromEntries(
    await Promise.all(roles.map(async (role) => [role, await permitted(people[role])] as const)),
  )
  for (const [permission, expected] of Object.entries(holders))
    expect(
      roles.filter((role) => held[role]?.includes(permission)),
      permission,
    ).toEqual(expected)
  for (const role of roles) {
    const rows = await people[role].session.query<{ permission: string }>(
      'select permission from public.permissions p where private.may(p.permission) order by permission collate "C"',
    )
    expect(rows.map(({ permission }) => permission).sort()).toEqual(held[role]?.toSorted())
  }
})

test('whoever is not let in is permitted nothing, and an unknown permission is nobody’s', { timeout }, async () => {
  const may = async (member: Member, permission: string) => {
    const [row] = await member.session.query<{ may: boolean }>('select private.may($1) as may', [permission])
    return row?.may
  }
  const suspended = await addMember(cloud, { role: 'admin', active: false })
  const pending = await addMember(cloud, { role: 'admin', approval: 'pending', grants: ['compliance'] })
  for (const member of [suspended, pending]) expect(await may(member, 'person.change')).toBe(false)
  await expect(permitted(suspended)).rejects.toMatchObject({ code: 'PT403', detail: 'account_suspended' })
  expect(await may(people.admin, 'register.burn')).toBe(false)
  expect(await may(people.admin, 'person.change')).toBe(true)
})

test('only an administrator of the registry changes the matrix, and every change is in the audit trail', {
  timeout,
}, async () => {
  for (const role of roles)
    if (role !== 'admin')
      await expect(change(people[role], 'verifier', 'desk_verifier', 'export.run', false), role).rejects.toMatchObject({
        code: 'PT403',
        detail: 'not_allowed',
      })
  expect(await change(people.admin, 'verifier', null, 'export.run', false)).toMatchObject({ allowed: false })
  expect(await permitted(people.desk_verifier)).not.toContain('export.run')
  expect(await permitted(people.officer), 'by the grant').toContain('export.run')
  expect(await change(people.admin, 'verifier', 'desk_verifier', 'export.run', true)).toMatchObject({ allowed: true })
  expect(await permitted(people.desk_verifier)).toContain('export.run')
  expect(await permitted(people.auditor)).not.toContain('export.run')
  expect(await change(people.admin, 'verifier', null, 'export.run', true)).toMatchObject({ allowed: true, version: 3 })
  const { rows } = await cloud.owner.query(
    `select distinct action from public.audit_logs where table_name = 'role_permissions' and user_id = $1 order by 1`,
    [people.admin.id],
  )
  expect(rows).toEqual([{ action: 'INSERT' }, { action: 'UPDATE' }])
  for (const [role, subRole, permission] of [
    ['verifier', null, 'register.burn'],
    ['emperor', null, 'export.run'],
    ['admin', 'desk_verifier', 'export.run'],
  ] as const)
    await expect(change(people.admin, role, subRole, permission, true)).rejects.toMatchObject({
      code: expect.stringMatching(/^PT4(00|22)$/),
    })
})

test('what is not for a role by nature is never given to it, by whatever way', { timeout }, async () => {
  const forbidden = [
    ['recycler', null, 'decision.approve'],
    ['recycler', null, 'decision.verify'],
    ['buyer', null, 'decision.reject'],
    ['admin', null, 'decision.approve'],
    ['compliance', null, 'decision.verify'],
    ['verifier', null, 'decision.approve'],
    ['verifier', 'field_agent', 'decision.reject'],
    ['verifier', 'desk_verifier', 'decision.verify'],
    ['verifier', 'accredited_auditor', 'decision.approve'],
    ['verifier', 'desk_verifier', 'credits.buy'],
    ['compliance', null, 'person.change'],
    ['recycler', null, 'permission.change'],
  ] as const
  for (const [role, subRole, permission] of forbidden) {
    await expect(change(people.admin, role, subRole, permission, true), `${role} ${permission}`).rejects.toMatchObject({
      code: 'PT422',
      detail: 'permission_forbidden',
    })
    await expect(
      cloud.owner.query('insert into public.role_permissions (role, sub_role, permission) values ($1, $2, $3)', [
        role,
        subRole,
        permission,
      ]),
    ).rejects.toMatchObject({ detail: 'permission_forbidden' })
  }
  await expect(
    cloud.owner.query(`update public.role_permissions set role = 'recycler' where permission = 'decision.approve'`),
  ).rejects.toMatchObject({ code: 'PT409' })
})

test('nobody can leave the matrix without somebody who may change it', { timeout }, async () => {
  await expect(change(people.admin, 'admin', null, 'permission.change', false)).rejects.toMatchObject({
    code: 'PT422',
    detail: 'last_administrator',
  })
  expect(await permitted(people.admin)).toContain('permission.change')
  const service = await cloud.owner
    .query(`select public.change_role_permission('admin', null, 'permission.change', false)`)
    .catch((error: unknown) => error)
  expect(service).toMatchObject({ detail: 'last_administrator' })
})

test('a permission that is taken back closes policies, scopes and calls alike', { timeout }, async () => {
  const [batch = ''] = await addBatches(cloud.owner, project, 1)
  const desk = people.desk_verifier
  const sees = async () => {
    const [row] = await desk.session.query<{ policy: boolean; helper: boolean }>(
      'select exists (select 1 from public.batches where id = $1) as policy, private.can_read_batch($1) as helper',
      [batch],
    )
    expect(row?.helper).toBe(row?.policy)
    return row?.policy
  }
  const claim = () => pushOne(desk.session, mutation('batch.claim', batch, { assignment_id: randomUUID() }))
  expect(await sees()).toBe(true)
  await change(people.admin, 'verifier', 'desk_verifier', 'batch.claim', false)
  expect(await sees()).toBe(false)
  expect(await scopesOf(desk.session)).toEqual(['reference', `person:${desk.id}`])
  expect(await claim()).toMatchObject({ status: 'rejected' })
  await change(people.admin, 'verifier', 'desk_verifier', 'batch.claim', true)
  expect(await sees()).toBe(true)
  expect(await claim()).toMatchObject({ status: 'applied' })

  await change(people.admin, 'compliance', null, 'register.read', false)
  expect(await scopesOf(people.officer.session)).toEqual(['reference', `person:${people.officer.id}`])
  expect(await people.officer.session.query('select 1 from public.batches')).toEqual([])
  await change(people.admin, 'compliance', null, 'register.read', true)
  expect(await scopesOf(people.officer.session)).toEqual(['reference', 'register'])
})

test('a permission that is taken back stops the work of verifiers, and no other', { timeout }, async () => {
  const [batch = ''] = await addBatches(cloud.owner, project, 1, 'under_review')
  const desk = people.desk_verifier
  await assign(cloud.owner, [batch], desk.id)
  const decide = async (action: 'reject' | 'request_changes') =>
    pushOne(desk.session, decision(batch, await batchNow(cloud.owner, batch), { action, reason_code: 'incomplete' }))
  await change(people.admin, 'verifier', 'desk_verifier', 'decision.reject', false)
  expect(await decide('reject')).toMatchObject({ status: 'rejected', code: 'not_permitted' })
  expect((await batchNow(cloud.owner, batch)).status).toBe('under_review')
  await change(people.admin, 'verifier', 'desk_verifier', 'decision.reject', true)
  expect(await decide('reject')).toMatchObject({ status: 'applied' })
})

test('a permission that is taken back ends what administrators do with it', { timeout }, async () => {
  const target = await addPerson(cloud.owner, { role: 'buyer' })
  const suspend = () => people.admin.session.call('change_person', { p_user: target, p_changes: { active: false } })
  await change(people.admin, 'admin', null, 'person.change', false)
  await expect(suspend()).rejects.toMatchObject({ code: 'PT403', detail: 'not_allowed' })
  await change(people.admin, 'admin', null, 'person.change', true)
  await suspend()
})
