import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addMember, addOrganizationOfKind, type Member } from './bodies.ts'
import { addBatches, addPerson, addProject, assign, type Cloud, SERVER_TEST_MS, startCloud } from './support.ts'

const timeout = SERVER_TEST_MS
let cloud: Cloud
const bodies = { north: '', south: '' }
let admins: Record<'registry' | 'north' | 'south', Member>
beforeAll(async () => {
  cloud = await startCloud()
  bodies.north = await addOrganizationOfKind(cloud.owner, 'North', 'verification_body')
  bodies.south = await addOrganizationOfKind(cloud.owner, 'South', 'verification_body')
  admins = {
    registry: await addMember(cloud, { role: 'admin' }),
    north: await addMember(cloud, { role: 'admin', organizationId: bodies.north }),
    south: await addMember(cloud, { role: 'admin', organizationId: bodies.south }),
  }
}, timeout)
afterAll(() => cloud.stop())

const register = async (metadata: object): Promise<Member> => {
  const id = randomUUID()
  await cloud.owner.query('insert into auth.users (id, email, raw_user_meta_data) values ($1, $2, $3)', [
    id,
    `${id}@example.org`,
    JSON.stringify({ name: 'Ann', ...metadata }),
  ])
  return { id, session: await cloud.openAs(id) }
}
const change = (admin: Member, person: Member | string, changes: object) =>
  admin.session.call<Record<string, unknown>>('change_person', {
    p_user: typeof person === 'string' ? person : person.id,
    p_changes: changes,
  })
const sees = async (admin: Member, person: Member): Promise<boolean> =>
  (await admin.session.query('select 1 from public.users where id = $1', [person.id])).length === 1
const hello = (person: Member) =>
  person.session.call('workstation_handshake', {
    p_request: { protocol_version: 1, schema_version: 1, device_id: randomUUID() },
  })
const otherOrganization = { code: 'PT403', detail: 'other_organization' }

test('a verifier who applies to a body is seen and decided on by its administrator and the registry’s, by no other', {
  timeout,
}, async () => {
  const applicant = await register({ role: 'verifier', organization_id: bodies.north })
  expect(await sees(admins.registry, applicant)).toBe(true)
  expect(await sees(admins.north, applicant)).toBe(true)
  expect(await sees(admins.south, applicant)).toBe(false)
  await expect(hello(applicant)).rejects.toMatchObject({ detail: 'account_pending' })
  await expect(change(admins.south, applicant, { approval_status: 'approved' })).rejects.toMatchObject(
    otherOrganization,
  )
  await expect(change(applicant, applicant, { approval_status: 'approved' })).rejects.toMatchObject({
    detail: 'account_pending',
  })
  expect(
    await change(admins.north, applicant, { approval_status: 'approved', sub_role: 'desk_verifier' }),
  ).toMatchObject({ approval_status: 'approved', organization_id: bodies.north })
  expect(await hello(applicant)).toMatchObject({ person: { organization_id: bodies.north } })
})

test('an application to no body, to what is none, or in another role is the registry’s to decide', {
  timeout,
}, async () => {
  const works = await addOrganizationOfKind(cloud.owner, 'Works', 'recycler')
  for (const metadata of [
    { role: 'verifier' },
    { role: 'verifier', organization_id: works },
    { role: 'verifier', organization_id: 'North' },
    { role: 'verifier', organization_id: randomUUID() },
    { role: 'recycler', organization_id: bodies.north },
    { role: 'admin', organization_id: bodies.north },
  ]) {
    const applicant = await register(metadata)
    expect(await sees(admins.north, applicant)).toBe(false)
    await expect(change(admins.north, applicant, { approval_status: 'approved' })).rejects.toMatchObject(
      otherOrganization,
    )
    expect(await change(admins.registry, applicant, { approval_status: 'approved' })).toMatchObject({
      organization_id: null,
      approval_status: 'approved',
    })
  }
})

test('a rejection says why, and the applicant reads it; an approval afterwards takes it back', {
  timeout,
}, async () => {
  const applicant = await register({ role: 'verifier', organization_id: bodies.north })
  for (const reason of [undefined, '', '  '])
    await expect(
      change(admins.north, applicant, {
        approval_status: 'rejected',
        ...(reason === undefined ? {} : { rejection_reason: reason }),
      }),
    ).rejects.toMatchObject({ code: 'PT422', detail: 'reason_required' })
  await change(admins.north, applicant, { approval_status: 'rejected', rejection_reason: 'No licence' })
  await expect(hello(applicant)).rejects.toMatchObject({
    detail: 'account_rejected',
    message: expect.stringContaining('No licence'),
  })
  expect(await change(admins.north, applicant, { approval_status: 'approved' })).toMatchObject({
    rejection_reason: null,
  })
})

test('suspending and reactivating reaches the body’s own people', { timeout }, async () => {
  const own = await addMember(cloud, { role: 'verifier', subRole: 'field_agent', organizationId: bodies.north })
  const others = await addMember(cloud, { role: 'verifier', subRole: 'field_agent', organizationId: bodies.south })
  const free = await addMember(cloud, { role: 'verifier', subRole: 'field_agent' })
  await change(admins.north, own, { active: false })
  await expect(hello(own)).rejects.toMatchObject({ detail: 'account_suspended' })
  await change(admins.north, own, { active: true })
  await hello(own)
  for (const person of [others, free, admins.registry, admins.south])
    await expect(change(admins.north, person, { active: false })).rejects.toMatchObject(otherOrganization)
  await expect(change(admins.north, randomUUID(), { active: false })).rejects.toMatchObject({ code: 'PT404' })
  await change(admins.registry, others, { active: false })
})

test('a body’s administrator moves nobody, and so makes nobody an administrator of the registry', {
  timeout,
}, async () => {
  const own = await addMember(cloud, { role: 'verifier', subRole: 'field_agent', organizationId: bodies.north })
  for (const organization of [null, bodies.south])
    await expect(change(admins.north, own, { organization_id: organization, role: 'admin' })).rejects.toMatchObject(
      otherOrganization,
    )
  expect(await change(admins.north, own, { organization_id: bodies.north, role: 'admin' })).toMatchObject({
    role: 'admin',
    organization_id: bodies.north,
  })
  // Whatever way the row is reached: a privilege granted by mistake opens nothing.
  await cloud.owner.query('grant update on public.users to authenticated')
  try {
    const outside = await addPerson(cloud.owner, { role: 'buyer' })
    await cloud.owner.query(
      'create policy "By mistake" on public.users for update to authenticated using (true) with check (true)',
    )
    await expect(
      admins.north.session.query('update public.users set organization_id = null where id = $1', [own.id]),
    ).rejects.toMatchObject(otherOrganization)
    // A row that one cannot read is not there to be changed.
    await admins.north.session.query('update public.users set active = false where id = $1', [outside])
    const { rows } = await cloud.owner.query('select active from public.users where id = $1', [outside])
    expect(rows).toEqual([{ active: true }])
  } finally {
    await cloud.owner.query('drop policy "By mistake" on public.users')
    await cloud.owner.query('revoke update on public.users from authenticated')
  }
})

test('nobody acts on themselves, and of two administrators who suspend each other at once one stays', {
  timeout,
}, async () => {
  for (const admin of [admins.registry, admins.north])
    for (const changes of [{ active: true }, { role: 'admin' }, { organization_id: null }])
      await expect(change(admin, admin, changes)).rejects.toMatchObject({ code: 'PT403', detail: 'not_allowed' })
  for (let round = 0; round < 8; round += 1) {
    const [left, right] = [await addMember(cloud, { role: 'admin' }), await addMember(cloud, { role: 'admin' })]
    const outcomes = await Promise.allSettled([
      change(left, right, { active: false }),
      change(right, left, { active: false }),
    ])
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    for (const outcome of outcomes)
      if (outcome.status === 'rejected')
        expect(outcome.reason).toMatchObject({ code: 'PT403', detail: 'account_suspended' })
  }
})

test('whoever leaves a body leaves its batches, and keeps what is open', { timeout }, async () => {
  const person = await addMember(cloud, { role: 'verifier', subRole: 'desk_verifier', organizationId: bodies.north })
  const project = await addProject(cloud.owner, await addPerson(cloud.owner, { role: 'recycler' }))
  const [theirs = '', open = ''] = await addBatches(cloud.owner, project, 2, 'under_review')
  await assign(cloud.owner, [theirs], person.id)
  await cloud.owner.query(`begin; set local veridesk.bulk = 'on'`)
  await assign(cloud.owner, [open], person.id)
  await cloud.owner.query('commit')
  await cloud.owner.query('select private.rebuild_feed()')
  const live = async () => {
    const { rows } = await cloud.owner.query(
      'select batch_id from public.assignments where user_id = $1 and ended_at is null',
      [person.id],
    )
    return rows.map(({ batch_id }) => batch_id).sort()
  }
  expect(await live()).toEqual([theirs, open].sort())
  await change(admins.registry, person, { organization_id: null })
  expect(await live()).toEqual([open])
})
