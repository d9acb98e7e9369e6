import type pg from 'pg'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { addMember, addOrganizationOfKind, type Member } from './bodies.ts'
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
let recycler: string
let bodies: { readonly north: string; readonly south: string }
let desk: Member
let admin: Member
let connections: readonly [pg.Client, pg.Client]
beforeAll(async () => {
  cloud = await startCloud()
  await publishRubric(cloud.owner)
  recycler = await addPerson(cloud.owner, { role: 'recycler' })
  bodies = {
    north: await addOrganizationOfKind(cloud.owner, 'North', 'verification_body'),
    south: await addOrganizationOfKind(cloud.owner, 'South', 'verification_body'),
  }
  desk = await addMember(cloud, { role: 'verifier', subRole: 'desk_verifier' })
  admin = await addMember(cloud, { role: 'admin' })
  connections = [await cloud.connect(), await cloud.connect()]
}, timeout)
afterEach(async () => {
  await cloud.owner.query('select private.rebuild_feed()')
})
afterAll(() => cloud.stop())

const move = (client: pg.Client, body: string | null) =>
  client.query('update public.users set organization_id = $2 where id = $1', [desk.id, body])
const hand = (client: pg.Client, batches: readonly string[], body: string | null) =>
  client.query('select public.hand_batches_to_body($1, $2)', [batches, body])

/** What the feed says otherwise than the live tables, before anything is repaired. */
const differences = async () => {
  const { rows } = await cloud.owner.query(`
    select coalesce(l.scope, f.scope) as scope, coalesce(l.tbl, f.tbl) as tbl, l.version as live, f.op, f.version as fed
    from private.scope_rows l
    full join public.sync_feed f on f.scope = l.scope and f.tbl = l.tbl and f.row_id = l.row_id
    where f.row_id is null or (l.row_id is null and f.op = 'U') or (l.row_id is not null and (f.op = 'R' or f.version <> l.version))`)
  return rows
}

/** Two transactions of which one is open all the while that the other runs. What the cloud refuses is rolled back. */
const overlapping = async (
  inOrder: boolean,
  one: (client: pg.Client) => Promise<unknown>,
  other: (client: pg.Client) => Promise<unknown>,
) => {
  const [first, second] = inOrder ? [one, other] : [other, one]
  const [opened, following] = connections
  await opened.query('begin')
  await following.query('begin')
  await first(opened)
  const ends = second(following).then(
    () => 'commit',
    (error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'PT422')) throw error
      return 'rollback'
    },
  )
  await new Promise((resolve) => setTimeout(resolve, 100))
  await opened.query('commit')
  await following.query(await ends)
}

test.each(['first', 'last'])(
  'a move to another body that is written %s, and work given meanwhile: the feed is true',
  {
    timeout,
  },
  async (place) => {
    await move(cloud.owner, null)
    const batches = await addBatches(cloud.owner, await addProject(cloud.owner, recycler), 2, 'under_review')
    await hand(cloud.owner, batches, bodies.south)
    await overlapping(
      place === 'first',
      (client) => move(client, bodies.north),
      (client) => assign(client, batches, desk.id),
    )
    expect(await differences()).toEqual([])
  },
)

test.each(['first', 'last'])(
  'a move to another body that is written %s, and work handed over meanwhile: the feed is true',
  {
    timeout,
  },
  async (place) => {
    await move(cloud.owner, null)
    const batches = await addBatches(cloud.owner, await addProject(cloud.owner, recycler), 2, 'under_review')
    await assign(cloud.owner, batches, desk.id)
    await overlapping(
      place === 'first',
      (client) => move(client, bodies.north),
      (client) => hand(client, batches, bodies.south),
    )
    expect(await differences()).toEqual([])
  },
)

test('an organization that turns into a body while one of its people gets work of another: the feed is true', {
  timeout,
}, async () => {
  const firm = await addOrganizationOfKind(cloud.owner, 'Firm', 'other')
  await move(cloud.owner, firm)
  const batches = await addBatches(cloud.owner, await addProject(cloud.owner, recycler), 2, 'under_review')
  await hand(cloud.owner, batches, bodies.south)
  await overlapping(
    true,
    (client) => assign(client, batches, desk.id),
    (client) => client.query(`update public.organizations set kind = 'verification_body' where id = $1`, [firm]),
  )
  expect(await differences()).toEqual([])
})

test('two administrators who move people at once, while others write, do not lock each other out', {
  timeout,
}, async () => {
  const [second, third] = [await addMember(cloud, { role: 'admin' }), await addMember(cloud, { role: 'admin' })]
  const others = await Promise.all([1, 2].map(() => addMember(cloud, { role: 'verifier', subRole: 'desk_verifier' })))
  const batches = await addBatches(cloud.owner, await addProject(cloud.owner, recycler), 4, 'under_review')
  for (const { id } of others) await assign(cloud.owner, batches, id)
  const changes = async (who: Member, whom: string) => {
    for (const body of [bodies.north, null, bodies.south, null])
      await who.session.call('change_person', { p_user: whom, p_changes: { organization_id: body } })
  }
  const approvals = async () => {
    for (let count = 0; count < 8; count += 1)
      await third.session.call('change_person', { p_user: others[0]?.id, p_changes: { approval_status: 'approved' } })
  }
  const handovers = async () => {
    for (const body of [bodies.north, bodies.south, null, bodies.north]) await hand(cloud.owner, batches, body)
  }
  await Promise.all([
    changes(admin, others[0]?.id ?? ''),
    changes(second, others[1]?.id ?? ''),
    approvals(),
    handovers(),
  ])
  expect(await differences()).toEqual([])
})
