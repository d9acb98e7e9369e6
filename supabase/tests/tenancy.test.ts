import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addMember, addOrganizationOfKind, type Member, scopesOf } from './bodies.ts'
import { mutation, push, pushOne } from './mutations.ts'
import {
  addBatches,
  addEvidence,
  addPerson,
  addProject,
  assign,
  type Cloud,
  publishRubric,
  SERVER_TEST_MS,
  smallRubric,
  startCloud,
} from './support.ts'

const timeout = SERVER_TEST_MS
let cloud: Cloud
let project: string
let recycler: string
const bodies = { north: '', south: '' }
let people: Record<
  'admin' | 'unbound' | 'northDesk' | 'northAuditor' | 'northAdmin' | 'northOfficer' | 'southDesk' | 'southAdmin',
  Member
>
beforeAll(async () => {
  cloud = await startCloud()
  await publishRubric(cloud.owner)
  recycler = await addPerson(cloud.owner, { role: 'recycler' })
  project = await addProject(cloud.owner, recycler)
  bodies.north = await addOrganizationOfKind(cloud.owner, 'North', 'verification_body')
  bodies.south = await addOrganizationOfKind(cloud.owner, 'South', 'verification_body')
  const verifier = { role: 'verifier', subRole: 'desk_verifier' } as const
  people = {
    admin: await addMember(cloud, { role: 'admin' }),
    unbound: await addMember(cloud, verifier),
    northDesk: await addMember(cloud, { ...verifier, organizationId: bodies.north }),
    northAuditor: await addMember(cloud, {
      role: 'verifier',
      subRole: 'accredited_auditor',
      organizationId: bodies.north,
    }),
    northAdmin: await addMember(cloud, { role: 'admin', organizationId: bodies.north }),
    northOfficer: await addMember(cloud, { role: 'verifier', organizationId: bodies.north, grants: ['compliance'] }),
    southDesk: await addMember(cloud, { ...verifier, organizationId: bodies.south }),
    southAdmin: await addMember(cloud, { role: 'admin', organizationId: bodies.south }),
  }
}, timeout)
afterAll(() => cloud.stop())

const claim = (batch: string) => mutation('batch.claim', batch, { assignment_id: randomUUID() })
const bodyOf = async (batch: string): Promise<string | null> => {
  const { rows } = await cloud.owner.query('select verification_body_id as body from public.batches where id = $1', [
    batch,
  ])
  return rows[0]?.body
}
const reads = async (member: Member, batch: string): Promise<boolean> => {
  const [row] = await member.session.query<{ policy: boolean; helper: boolean }>(
    `select exists (select 1 from public.batches where id = $1) as policy, private.can_read_batch($1) as helper`,
    [batch],
  )
  expect(row?.helper, 'the helper of policies gives the answer of the policy').toBe(row?.policy)
  return row?.policy === true
}
const oneBatch = async (status = 'pending'): Promise<string> => {
  const [batch = ''] = await addBatches(cloud.owner, project, 1, status)
  return batch
}

test('an organization is of a known kind, and a verification body stays one while batches are its own', {
  timeout,
}, async () => {
  await expect(addOrganizationOfKind(cloud.owner, 'Club', 'club')).rejects.toMatchObject({ code: '23514' })
  const recyclers = await addOrganizationOfKind(cloud.owner, 'Works', 'recycler')
  const batch = await oneBatch()
  const hand = 'update public.batches set verification_body_id = $2 where id = $1'
  await expect(cloud.owner.query(hand, [batch, recyclers])).rejects.toMatchObject({
    code: 'PT422',
    detail: 'not_a_verification_body',
  })
  const body = await addOrganizationOfKind(cloud.owner, 'Short-lived', 'verification_body')
  await cloud.owner.query(hand, [batch, body])
  const turn = `update public.organizations set kind = 'other' where id = $1`
  await expect(cloud.owner.query(turn, [body])).rejects.toMatchObject({ code: 'PT409', detail: 'body_in_use' })
  await cloud.owner.query(hand, [batch, null])
  await cloud.owner.query(turn, [body])
})

test('the first claim by a bound verifier makes the batch that body’s, and nobody of another body sees or gets it', {
  timeout,
}, async () => {
  const batch = await oneBatch()
  for (const member of [people.northDesk, people.southDesk, people.unbound])
    expect(await reads(member, batch)).toBe(true)
  expect(await pushOne(people.northDesk.session, claim(batch))).toMatchObject({ status: 'applied' })
  expect(await bodyOf(batch)).toBe(bodies.north)
  expect(await reads(people.northDesk, batch)).toBe(true)
  expect(await reads(people.southDesk, batch)).toBe(false)
  expect(await pushOne(people.southDesk.session, claim(batch))).toMatchObject({
    status: 'rejected',
    code: 'other_organization',
  })
  await expect(
    people.admin.session.call('assign_batches', {
      p_batches: [batch],
      p_user: people.southDesk.id,
      p_role: 'desk_verifier',
    }),
  ).rejects.toMatchObject({ code: 'PT422', detail: 'other_organization' })
  // Even an assignment that was there before opens nothing to them.
  await cloud.owner.query(`begin; set local veridesk.bulk = 'on'`)
  await assign(cloud.owner, [batch], people.southDesk.id)
  await cloud.owner.query('commit')
  await cloud.owner.query('select private.rebuild_feed()')
  await addEvidence(cloud.owner, batch, recycler)
  expect(await reads(people.southDesk, batch)).toBe(false)
  for (const table of ['evidence_files', 'assignments', 'scores', 'findings'])
    expect(
      await people.southDesk.session.query(`select 1 from public.${table} where batch_id = $1`, [batch]),
      table,
    ).toEqual([])
})

test('back in the pool, a body’s batch is offered to that body and to those who are bound to none', {
  timeout,
}, async () => {
  const batch = await oneBatch()
  await people.admin.session.call('hand_batches_to_body', { p_batches: [batch], p_organization: bodies.south })
  expect(await reads(people.northDesk, batch)).toBe(false)
  expect(await pushOne(people.northDesk.session, claim(batch))).toMatchObject({ code: 'other_organization' })
  expect(await reads(people.southDesk, batch)).toBe(true)
  expect(await reads(people.unbound, batch)).toBe(true)
  expect(await pushOne(people.unbound.session, claim(batch))).toMatchObject({ status: 'applied' })
  expect(await bodyOf(batch)).toBe(bodies.south)
})

test('the first assignment of a bound person sets the body too; others of that body and unbound people may follow', {
  timeout,
}, async () => {
  const batch = await oneBatch('approved')
  const give = (member: Member, role: string) =>
    people.admin.session.call('assign_batches', { p_batches: [batch], p_user: member.id, p_role: role })
  await give(people.unbound, 'desk_verifier')
  expect(await bodyOf(batch)).toBeNull()
  await give(people.northAuditor, 'accredited_auditor')
  expect(await bodyOf(batch)).toBe(bodies.north)
  await give(people.northDesk, 'desk_verifier')
  await expect(give(people.southDesk, 'desk_verifier')).rejects.toMatchObject({ detail: 'other_organization' })
  expect(await reads(people.unbound, batch), 'who is bound to none works on').toBe(true)
})

test('an open batch that people of two bodies work on since before is given to neither', { timeout }, async () => {
  const batch = await oneBatch('approved')
  await cloud.owner.query(`begin; set local veridesk.bulk = 'on'`)
  await assign(cloud.owner, [batch], people.southDesk.id)
  await cloud.owner.query('commit')
  await cloud.owner.query('select private.rebuild_feed()')
  await expect(
    people.admin.session.call('assign_batches', {
      p_batches: [batch],
      p_user: people.northAuditor.id,
      p_role: 'accredited_auditor',
    }),
  ).rejects.toMatchObject({ detail: 'other_organization' })
  await expect(assign(cloud.owner, [batch], people.northDesk.id)).rejects.toMatchObject({
    detail: 'other_organization',
  })
  expect(await reads(people.southDesk, batch)).toBe(true)
})

test('handing over ends what people of other bodies had, and is for administrators of the registry', {
  timeout,
}, async () => {
  const batches = await addBatches(cloud.owner, project, 2, 'under_review')
  await assign(cloud.owner, batches, people.northDesk.id)
  await assign(cloud.owner, batches, people.unbound.id)
  const hand = (member: Member, organization: string | null) =>
    member.session.call<number>('hand_batches_to_body', { p_batches: batches, p_organization: organization })
  for (const member of [people.northAdmin, people.southAdmin, people.northOfficer, people.unbound])
    await expect(hand(member, bodies.south)).rejects.toMatchObject({ code: 'PT403', detail: 'not_allowed' })
  await expect(hand(people.admin, randomUUID())).rejects.toMatchObject({
    code: 'PT422',
    detail: 'not_a_verification_body',
  })
  expect(await hand(people.admin, bodies.south)).toBe(2)
  expect(await hand(people.admin, bodies.south)).toBe(0)
  const { rows } = await cloud.owner.query(
    `select distinct user_id from public.assignments where batch_id = any ($1) and ended_at is null`,
    [batches],
  )
  expect(rows).toEqual([{ user_id: people.unbound.id }])
  expect(await reads(people.northDesk, batches[0] ?? '')).toBe(false)
  expect(await hand(people.admin, null)).toBe(2)
  expect(await bodyOf(batches[0] ?? '')).toBeNull()
})

test('a body’s administrator and officer read its register, people, devices and grants, and no others', {
  timeout,
}, async () => {
  const [mine = '', theirs = '', open = ''] = await addBatches(cloud.owner, project, 3, 'under_review')
  await people.admin.session.call('hand_batches_to_body', { p_batches: [mine], p_organization: bodies.north })
  await people.admin.session.call('hand_batches_to_body', { p_batches: [theirs], p_organization: bodies.south })
  for (const member of [people.northAdmin, people.northOfficer]) {
    expect(await reads(member, mine)).toBe(true)
    expect(await reads(member, theirs)).toBe(false)
    expect(await reads(member, open)).toBe(false)
    expect((await scopesOf(member.session)).slice(0, 2)).toEqual(['reference', `register:${bodies.north}`])
    await expect(
      member.session.call('sync_bootstrap', { p_scope: 'register', p_table: 'batches', p_after: null, p_limit: 9 }),
    ).rejects.toMatchObject({ code: 'PT403', detail: 'scope_not_held' })
    await expect(member.session.call('sync_digest', { p_scope: `register:${bodies.south}` })).rejects.toMatchObject({
      detail: 'scope_not_held',
    })
    expect(await member.session.query('select 1 from public.audit_logs limit 1')).toEqual([])
  }
  for (const [device, person] of [
    [randomUUID(), people.northDesk.id],
    [randomUUID(), people.southDesk.id],
  ])
    await cloud.owner.query('insert into public.devices (id, user_id) values ($1, $2)', [device, person])
  const seen = async (member: Member, table: string, column: string) => {
    const rows = await member.session.query<{ body: string | null }>(
      `select distinct p.organization_id as body from public.${table} t join public.people p on p.id = t.${column}`,
    )
    return rows.map(({ body }) => body)
  }
  expect(await seen(people.northAdmin, 'users', 'id')).toEqual([bodies.north])
  expect(await seen(people.northAdmin, 'devices', 'user_id')).toEqual([bodies.north])
  expect(await seen(people.northAdmin, 'user_grants', 'user_id')).toEqual([bodies.north])
  expect(await seen(people.northOfficer, 'user_grants', 'user_id')).toEqual([bodies.north])
  expect(await seen(people.southAdmin, 'user_grants', 'user_id')).toEqual([])
  expect(await seen(people.northDesk, 'devices', 'user_id')).toEqual([bodies.north])
  expect((await seen(people.admin, 'users', 'id')).length).toBeGreaterThan(2)
})

test('a body’s administrator assigns its batches to its people, and does nothing for the whole registry', {
  timeout,
}, async () => {
  const [mine = '', theirs = '', open = ''] = await addBatches(cloud.owner, project, 3, 'under_review')
  await people.admin.session.call('hand_batches_to_body', { p_batches: [mine], p_organization: bodies.north })
  await people.admin.session.call('hand_batches_to_body', { p_batches: [theirs], p_organization: bodies.south })
  const give = (batches: readonly string[], member: Member) =>
    people.northAdmin.session.call('assign_batches', {
      p_batches: batches,
      p_user: member.id,
      p_role: 'desk_verifier',
    })
  const take = (batches: readonly string[], member: Member) =>
    people.northAdmin.session.call('end_assignments', { p_batches: batches, p_user: member.id })
  expect(await give([mine], people.northDesk)).toBe(1)
  const refused = { code: 'PT403', detail: 'other_organization' }
  for (const batch of [theirs, open]) {
    await expect(give([mine, batch], people.northDesk)).rejects.toMatchObject(refused)
    await expect(take([mine, batch], people.northDesk)).rejects.toMatchObject(refused)
  }
  for (const member of [people.southDesk, people.unbound]) {
    await expect(give([mine], member)).rejects.toMatchObject(refused)
    await expect(take([mine], member)).rejects.toMatchObject(refused)
  }
  expect(await take([mine], people.northDesk)).toBe(1)
  await expect(
    people.northAdmin.session.call('publish_rubric', { p_standard: 'ARCS', p_title: 'x', p_body: smallRubric }),
  ).rejects.toMatchObject({ code: 'PT403', detail: 'not_allowed' })
  await expect(
    people.northAdmin.session.call('save_organization', { p_organization: bodies.north, p_facts: { name: 'N' } }),
  ).rejects.toMatchObject({ code: 'PT403', detail: 'not_allowed' })
})

test('verifiers of two bodies who claim the same batches at once: each batch goes to one, and nobody waits for good', {
  timeout,
}, async () => {
  const batches = await addBatches(cloud.owner, project, 12)
  const claimants: Member[] = []
  for (let count = 0; count < 6; count += 1)
    for (const organizationId of [bodies.north, bodies.south])
      claimants.push(await addMember(cloud, { role: 'verifier', subRole: 'desk_verifier', organizationId }))
  const results = await Promise.all(
    claimants.map(({ session }, index) => {
      const order = index % 4 < 2 ? batches : batches.toReversed()
      return push(
        session,
        [...order.slice(index), ...order.slice(0, index)].map((batch) => claim(batch)),
      )
    }),
  )
  const outcomes = results.flat()
  expect(outcomes.filter(({ status }) => status === 'applied')).toHaveLength(batches.length)
  expect(
    new Set(outcomes.filter(({ status }) => status !== 'applied').map(({ status, code }) => `${status} ${code}`)),
  ).toEqual(new Set(['rejected not_assigned', 'rejected other_organization']))
  const { rows } = await cloud.owner.query(
    `select count(*)::int as live, bool_and(u.organization_id = b.verification_body_id) as theirs
     from public.assignments a join public.users u on u.id = a.user_id join public.batches b on b.id = a.batch_id
     where a.batch_id = any ($1) and a.ended_at is null`,
    [batches],
  )
  expect(rows).toEqual([{ live: batches.length, theirs: true }])
})
