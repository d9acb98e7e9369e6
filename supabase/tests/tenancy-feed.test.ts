import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addMember, addOrganizationOfKind, type Member, scopesOf, Workstation } from './bodies.ts'
import { mutation, pushOne } from './mutations.ts'
import {
  addBatches,
  addEvidence,
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
let recycler: string
const bodies = { north: '', south: '' }
const names = ['northDesk', 'northOfficer', 'northReviewer', 'northAdmin', 'southDesk', 'unbound', 'officer'] as const
let people: Record<(typeof names)[number], Member>
let admin: Member
let workstations: readonly Workstation[]
beforeAll(async () => {
  cloud = await startCloud()
  await publishRubric(cloud.owner)
  recycler = await addPerson(cloud.owner, { role: 'recycler' })
  bodies.north = await addOrganizationOfKind(cloud.owner, 'North', 'verification_body')
  bodies.south = await addOrganizationOfKind(cloud.owner, 'South', 'verification_body')
  const desk = { role: 'verifier', subRole: 'desk_verifier' } as const
  people = {
    northDesk: await addMember(cloud, { ...desk, organizationId: bodies.north }),
    northOfficer: await addMember(cloud, { role: 'verifier', organizationId: bodies.north, grants: ['compliance'] }),
    // Reads the body's register and works on batches and from the pool besides.
    northReviewer: await addMember(cloud, { ...desk, organizationId: bodies.north, grants: ['compliance'] }),
    northAdmin: await addMember(cloud, { role: 'admin', organizationId: bodies.north }),
    southDesk: await addMember(cloud, { ...desk, organizationId: bodies.south }),
    unbound: await addMember(cloud, desk),
    officer: await addMember(cloud, { role: 'verifier', grants: ['compliance'] }),
  }
  admin = await addMember(cloud, { role: 'admin' })
  workstations = names.map((name) => new Workstation(people[name].session))
}, timeout)
afterAll(() => cloud.stop())

/** Every workstation, brought up to date, holds what its person may read; the digests agree, and the feed needs no repair. */
const expectMirrorsAreTrue = async (after: string) => {
  for (const [index, workstation] of workstations.entries()) {
    await workstation.synchronize()
    expect(workstation.versions(), `${names[index]} after ${after}`).toEqual(await workstation.readable())
    for (const { own, cloud: said } of await workstation.digests())
      expect(own, `${names[index]}: ${after}`).toEqual(said)
  }
  const { rows } = await cloud.owner.query('select private.rebuild_feed()::int as written')
  expect(rows[0].written, `the feed after ${after}`).toBe(0)
}

test('scopes are those of one’s body, and of the whole registry only for who is bound to none', async () => {
  const held = await Promise.all(names.map((name) => scopesOf(people[name].session)))
  expect(Object.fromEntries(names.map((name, index) => [name, held[index]]))).toEqual({
    northDesk: ['reference', `person:${people.northDesk.id}`, 'pool', `pool:${bodies.north}`],
    northOfficer: ['reference', `register:${bodies.north}`, `person:${people.northOfficer.id}`],
    northReviewer: [
      'reference',
      `register:${bodies.north}`,
      `person:${people.northReviewer.id}`,
      'pool',
      `pool:${bodies.north}`,
    ],
    northAdmin: ['reference', `register:${bodies.north}`, `person:${people.northAdmin.id}`],
    southDesk: ['reference', `person:${people.southDesk.id}`, 'pool', `pool:${bodies.south}`],
    unbound: ['reference', `person:${people.unbound.id}`, 'pool', 'pool:bodies'],
    officer: ['reference', 'register'],
  })
})

test('through every way in which a batch or a person changes hands, mirrors hold exactly what their people may read', {
  timeout,
}, async () => {
  const [project, other] = [await addProject(cloud.owner, recycler), await addProject(cloud.owner, recycler)]
  const pending = await addBatches(cloud.owner, project, 6)
  const reviewed = await addBatches(cloud.owner, other, 6, 'under_review')
  for (const batch of [...pending, ...reviewed]) await addEvidence(cloud.owner, batch, recycler)
  await expectMirrorsAreTrue('batches and evidence')
  const [first = '', second = '', third = '', fourth = ''] = pending
  const [one = '', two = '', three = '', four = '', five = ''] = reviewed
  const hand = (batches: readonly string[], organization: string | null) =>
    admin.session.call('hand_batches_to_body', { p_batches: batches, p_organization: organization })
  const move = (member: Member, changes: object) =>
    admin.session.call('change_person', { p_user: member.id, p_changes: changes })
  const claim = (member: Member, batch: string) =>
    pushOne(member.session, mutation('batch.claim', batch, { assignment_id: randomUUID() }))
  expect(await claim(people.northDesk, first)).toMatchObject({ status: 'applied' })
  expect(await claim(people.southDesk, second)).toMatchObject({ status: 'applied' })
  expect(await claim(people.unbound, fourth)).toMatchObject({ status: 'applied' })
  await expectMirrorsAreTrue('claims')
  await assign(cloud.owner, [one, two], people.northReviewer.id)
  await assign(cloud.owner, [two, three], people.unbound.id)
  await assign(cloud.owner, [four], people.southDesk.id)
  await expectMirrorsAreTrue('assignments')
  await hand([third, five], bodies.north)
  await expectMirrorsAreTrue('handing open batches over')
  await hand([third, one, first, four], bodies.south)
  await expectMirrorsAreTrue('handing batches from one body to the other')
  await cloud.owner.query(`update public.batches set status = 'pending' where id = any ($1)`, [[first, second, one]])
  await cloud.owner.query(
    'update public.assignments set ended_at = now() where batch_id = any ($1) and ended_at is null',
    [[first, second]],
  )
  await expectMirrorsAreTrue('going back to the pools')
  await hand([second, first], null)
  await expectMirrorsAreTrue('opening batches again')
  await cloud.owner.query(`update public.projects set name = 'New name'`)
  await cloud.owner.query('update public.batches set risk_score = risk_score + 1')
  await cloud.owner.query(
    `insert into public.findings (id, batch_id, kind, title, description, raised_by)
     select gen_random_uuid(), b.id, 'far', 'x', '', $1 from public.batches b`,
    [people.unbound.id],
  )
  await expectMirrorsAreTrue('changes of all rows')
  await hand([two], bodies.north)
  await move(people.unbound, { organization_id: bodies.south })
  await expectMirrorsAreTrue('somebody joining a body')
  await move(people.southDesk, { organization_id: bodies.north })
  await expectMirrorsAreTrue('somebody changing to the other body')
  await move(people.northReviewer, { organization_id: null })
  await expectMirrorsAreTrue('somebody leaving a body')
  await cloud.owner.query('update public.users set organization_id = null where id = any ($1)', [
    [people.unbound.id, people.northOfficer.id],
  ])
  await expectMirrorsAreTrue('people moved by maintenance')
  await cloud.owner.query('update public.users set organization_id = $2 where id = $1', [
    people.unbound.id,
    bodies.north,
  ])
  await assign(cloud.owner, [two], people.unbound.id).catch((error: unknown) => expect(error).toBeInstanceOf(Error))
  await move(people.unbound, { organization_id: null })
  await move(people.southDesk, { organization_id: bodies.south })
  await move(people.northReviewer, { organization_id: bodies.north })
  await move(people.northOfficer, { organization_id: bodies.north })
  await expectMirrorsAreTrue('everybody back in place')
})

test('an organization that turns into a verification body, or ceases to be one, takes its people’s mirrors with it', {
  timeout,
}, async () => {
  const firm = await addOrganizationOfKind(cloud.owner, 'Firm', 'other')
  const member = await addMember(cloud, { role: 'verifier', subRole: 'desk_verifier', organizationId: firm })
  const project = await addProject(cloud.owner, recycler)
  const batches = await addBatches(cloud.owner, project, 3, 'under_review')
  await assign(cloud.owner, batches, member.id)
  await admin.session.call('hand_batches_to_body', { p_batches: batches.slice(0, 2), p_organization: bodies.north })
  const workstation = new Workstation(member.session)
  for (const kind of ['other', 'verification_body', 'recycler', 'verification_body']) {
    await admin.session.call('save_organization', { p_organization: firm, p_facts: { kind } })
    await workstation.synchronize()
    const held = workstation.versions()
    expect(held, kind).toEqual(await workstation.readable())
    expect(Object.keys(held).filter((key) => batches.includes(key.replace('batches/', '')))).toHaveLength(
      kind === 'verification_body' ? 1 : 3,
    )
  }
  await expectMirrorsAreTrue('the organization turned')
})

test('five writers at once who claim, assign, hand over and move people: every mirror is true when they are done', {
  timeout,
}, async () => {
  const projects = [await addProject(cloud.owner, recycler), await addProject(cloud.owner, recycler)]
  const batches: string[] = []
  for (const id of projects) batches.push(...(await addBatches(cloud.owner, id, 15)))
  const working = [people.northDesk, people.northReviewer, people.southDesk, people.unbound]
  const chooser = (seed: number) => () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff
    return seed / 0x80000000
  }
  const write = async (client: pg.Client, random: () => number) => {
    const pick = <Item>(items: readonly Item[]): Item | undefined => items[Math.floor(random() * items.length)]
    const batch = pick(batches) ?? ''
    const who = pick(working)?.id ?? ''
    const dice = random()
    if (dice < 0.3)
      await client.query(`select public.assign_batches($1, $2, 'desk_verifier')`, [
        [batch, pick(batches)].toSorted(),
        who,
      ])
    else if (dice < 0.45) await client.query('select public.end_assignments($1, $2)', [[batch], who])
    else if (dice < 0.65)
      await client.query('select public.hand_batches_to_body($1, $2)', [
        [batch, pick(batches)],
        pick([bodies.north, bodies.south, null]),
      ])
    else if (dice < 0.75)
      await client.query(
        `update public.batches set status = case status when 'pending' then 'under_review' else 'pending' end where id = $1`,
        [batch],
      )
    else if (dice < 0.85) await addEvidence(client, batch, recycler)
    else if (dice < 0.9)
      await client.query('update public.users set organization_id = $2 where id = $1', [
        people.southDesk.id,
        pick([bodies.south, bodies.north, null]),
      ])
    else await client.query('update public.batches set risk_score = (risk_score + 1) % 100 where id = $1', [batch])
  }
  let committed = 0
  const deadlocks: unknown[] = []
  const writer = async (seed: number) => {
    const random = chooser(seed)
    const client = await cloud.connect()
    for (let count = 0; count < 40; count += 1) {
      await client.query('begin')
      try {
        await write(client, random)
        await client.query('commit')
        committed += 1
      } catch (error) {
        await client.query('rollback')
        const code = error instanceof Error && 'code' in error ? error.code : error
        if (code === '40P01') deadlocks.push(error)
        else if (code !== 'PT422') throw error
      }
    }
  }
  let running = true
  const reader = async () => {
    while (running) for (const workstation of workstations) await workstation.synchronize()
  }
  const reading = reader()
  await Promise.all([1, 2, 3, 4, 5].map((seed) => writer(seed * 7919)))
  running = false
  await reading
  expect(committed).toBeGreaterThan(120)
  expect(deadlocks).toEqual([])
  await expectMirrorsAreTrue('the dust settled')
})
