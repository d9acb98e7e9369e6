import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { Mirror, readableRows } from './mirror.ts'
import {
  addBatches,
  addEvidence,
  addPerson,
  addProject,
  assign,
  type Cloud,
  publishRubric,
  SERVER_TEST_MS,
  type Session,
  startCloud,
} from './support.ts'

const timeout = SERVER_TEST_MS
let cloud: Cloud
let recycler: string
beforeAll(async () => {
  cloud = await startCloud()
  await publishRubric(cloud.owner)
  recycler = await addPerson(cloud.owner, { role: 'recycler' })
}, timeout)
afterAll(() => cloud.stop())

/** Every test has a verifier and a project of its own. */
let person: string
let session: Session
let project: string
beforeEach(async () => {
  person = await addPerson(cloud.owner, { role: 'verifier', subRole: 'desk_verifier' })
  session = await cloud.openAs(person)
  project = await addProject(cloud.owner, recycler)
})

const endAll = (batches: readonly string[], client: pg.Client = cloud.owner) =>
  client.query('select public.end_assignments($1, $2)', [batches, person])
/** The feed equals what the live tables say: a repair has nothing to write. */
const expectFeedIsTrue = async () => {
  const { rows } = await cloud.owner.query('select private.rebuild_feed()::int as written')
  expect(rows[0].written).toBe(0)
}
const mirrorOf = async (pageSize: number): Promise<Mirror> => {
  const mirror = new Mirror(session, `person:${person}`, pageSize)
  await mirror.bootstrap()
  return mirror
}
/** What of the readable rows the person's own scope holds: all but reference data and the pool. */
const ownRows = async (): Promise<Record<string, number>> => {
  const { rows } = await cloud.owner.query(
    `select tbl || '/' || row_id as key from private.scope_rows where scope = $1`,
    [`person:${person}`],
  )
  const held = new Set(rows.map(({ key }) => key))
  return Object.fromEntries(Object.entries(await readableRows(session)).filter(([key]) => held.has(key)))
}

test('fault 1, fault 2, fault 3: a transaction that stays open while others commit is not lost, and one in another database does not hold up the pull', {
  timeout,
}, async () => {
  const batches = await addBatches(cloud.owner, project, 3, 'under_review')
  await assign(cloud.owner, batches, person)
  const mirror = await mirrorOf(100)
  const [slow = '', quick = ''] = batches
  const elsewhere = await cloud.emptyDatabase()
  await elsewhere.query('begin; create table waiting (id int)')
  const early = await cloud.connect()
  await early.query('begin')
  await early.query('update public.batches set risk_score = 11 where id = $1', [slow])
  await cloud.owner.query('update public.batches set risk_score = 12 where id = $1', [quick])
  await mirror.pull()
  const risk = (id: string) => mirror.rows.get(`batches/${id}`)?.row.risk_score
  expect([risk(slow), risk(quick)]).toEqual([0, 12])
  await early.query('commit')
  await mirror.pull()
  expect([risk(slow), risk(quick)]).toEqual([11, 12])
  await early.query('begin; savepoint a')
  await early.query('update public.batches set risk_score = 50 where id = $1', [slow])
  await early.query('rollback to a')
  await early.query('update public.batches set risk_score = 51 where id = $1', [quick])
  await early.query('commit')
  await mirror.pull()
  expect([risk(slow), risk(quick)]).toEqual([11, 51])
  await elsewhere.query('rollback')
  await expectFeedIsTrue()
})

/** Runs two transactions so that the second statement starts before the first transaction commits, in both orders of commit. */
const race = async (
  first: (client: pg.Client) => Promise<unknown>,
  second: (client: pg.Client) => Promise<unknown>,
) => {
  const [left, right] = [await cloud.connect(), await cloud.connect()]
  await left.query('begin')
  await right.query('begin')
  await first(left)
  const waiting = second(right).then(() => right.query('commit'))
  // Either it waits for the first to end, or it is through already: both must lead to a true feed.
  await Promise.race([waiting, new Promise((resolve) => setTimeout(resolve, 150))])
  await left.query('commit')
  await waiting
  await left.end()
  await right.end()
}

test('what is written while a batch changes hands reaches whoever has it afterwards', { timeout }, async () => {
  const insertEvidence = (batch: string) => (client: pg.Client) => addEvidence(client, batch, recycler)
  const insertFinding = (batch: string) => (client: pg.Client) =>
    client.query(
      `insert into public.findings (id, batch_id, kind, title, description, raised_by) values ($1, $2, 'far', 'x', '', $3)`,
      [randomUUID(), batch, person],
    )
  const giveTo = (batch: string) => (client: pg.Client) => assign(client, [batch], person)
  const takeBack = (batch: string) => (client: pg.Client) => endAll([batch], client)
  const changeProject = (client: pg.Client) =>
    client.query(`update public.projects set name = name || '.' where id = $1`, [project])
  const changeBatch = (batch: string) => (client: pg.Client) =>
    client.query('update public.batches set risk_score = risk_score + 1 where id = $1', [batch])
  const toPool = (batch: string) => (client: pg.Client) =>
    client.query(`update public.batches set status = 'pending' where id = $1`, [batch])
  const addToPool = (client: pg.Client) => addBatches(client, project, 1)
  const batches = await addBatches(cloud.owner, project, 14, 'under_review')
  const next = () => batches.pop() ?? ''
  const scenarios: readonly (() => readonly [
    (client: pg.Client) => Promise<unknown>,
    (client: pg.Client) => Promise<unknown>,
  ])[] = [
    () => {
      const b = next()
      return [insertEvidence(b), giveTo(b)]
    },
    () => {
      const b = next()
      return [giveTo(b), insertEvidence(b)]
    },
    () => {
      const b = next()
      return [changeBatch(b), giveTo(b)]
    },
    () => {
      const b = next()
      return [giveTo(b), changeBatch(b)]
    },
    () => {
      const b = next()
      return [insertFinding(b), giveTo(b)]
    },
    () => {
      const b = next()
      return [giveTo(b), insertFinding(b)]
    },
    () => [changeProject, giveTo(next())],
    () => [giveTo(next()), changeProject],
    () => {
      const b = next()
      return [toPool(b), giveTo(b)]
    },
    () => {
      const b = next()
      return [giveTo(b), toPool(b)]
    },
    () => [addToPool, toPool(next())],
  ]
  for (const [index, scenario] of scenarios.entries()) {
    await race(...scenario())
    const { rows } = await cloud.owner.query('select private.rebuild_feed()::int as written')
    expect(rows[0].written, `scenario ${index}`).toBe(0)
  }
  // The last batch of a project leaves while another one of the same project arrives.
  await endAll(
    (await cloud.owner.query(`select id from public.batches where project_id = $1`, [project])).rows.map(
      ({ id }) => id,
    ),
  )
  const [leaving = '', arriving = ''] = await addBatches(cloud.owner, project, 2, 'under_review')
  await assign(cloud.owner, [leaving], person)
  await race(takeBack(leaving), giveTo(arriving))
  await expectFeedIsTrue()
  await race(giveTo(leaving), takeBack(arriving))
  await expectFeedIsTrue()
  expect((await mirrorOf(50)).versions()).toEqual(await ownRows())
})

test('fault 6: batches that change hands between two pages are neither missed nor left behind', {
  timeout,
}, async () => {
  const batches = await addBatches(cloud.owner, project, 60, 'under_review')
  for (const batch of batches.slice(0, 20)) await addEvidence(cloud.owner, batch, recycler)
  await assign(cloud.owner, batches.slice(0, 40), person)
  const mirror = new Mirror(session, `person:${person}`, 7)
  let turn = 0
  const shuffle = async () => {
    turn += 1
    const batch = batches[(turn * 13) % batches.length] ?? ''
    const { rowCount } = await cloud.owner.query(
      'update public.assignments set ended_at = now() where batch_id = $1 and user_id = $2 and ended_at is null',
      [batch, person],
    )
    if (rowCount === 0) await assign(cloud.owner, [batch], person)
    await cloud.owner.query('update public.batches set risk_score = (risk_score + 1) % 100 where id = $1', [
      batches[(turn * 7) % batches.length],
    ])
  }
  await mirror.bootstrap(shuffle)
  await mirror.pull(shuffle)
  await cloud.owner.query('update public.batches set risk_score = (risk_score + 1) % 100 where id = any ($1)', [
    batches,
  ])
  await mirror.pull(shuffle, 2)
  await mirror.pull(shuffle)
  await mirror.pull()
  expect(turn).toBeGreaterThan(20)
  expect(mirror.versions()).toEqual(await ownRows())
  await expectFeedIsTrue()
})

test('writing under another isolation level is refused rather than half announced', { timeout }, async () => {
  const client = await cloud.connect()
  for (const level of ['repeatable read', 'serializable']) {
    await client.query(`begin isolation level ${level}`)
    await expect(addBatches(client, project, 1)).rejects.toMatchObject({ code: 'PT409', detail: 'isolation_level' })
    await client.query('rollback')
  }
})

test('a maintenance transaction writes without the feed, and a rebuild then announces exactly the difference', {
  timeout,
}, async () => {
  const mirror = await mirrorOf(100)
  await cloud.owner.query(`begin; set local veridesk.bulk = 'on'`)
  const batches = await addBatches(cloud.owner, project, 30, 'under_review')
  await addEvidence(cloud.owner, batches[0] ?? '', recycler)
  await assign(cloud.owner, batches, person)
  await cloud.owner.query('commit')
  await mirror.pull()
  expect(mirror.rows.size).toBe(0)
  const { rows } = await cloud.owner.query('select private.rebuild_feed()::int as written')
  expect(rows[0].written).toBeGreaterThan(60)
  await mirror.pull()
  expect(mirror.versions()).toEqual(await ownRows())
  const { rows: hashes } = await cloud.owner.query(
    'select count(*)::int as wrong from public.batches where content_hash <> public.batch_content_hash(id)',
  )
  expect(hashes[0].wrong).toBe(0)
  await cloud.owner.query(`begin; set local veridesk.bulk = 'on'`)
  await cloud.owner.query('delete from public.assignments where batch_id = $1', [batches[1]])
  await cloud.owner.query('commit')
  await cloud.owner.query('select private.rebuild_feed()')
  await mirror.pull()
  expect(mirror.versions()).toEqual(await ownRows())
  await session.begin()
  await session.client.query(`set local veridesk.bulk = 'on'`)
  const { rows: bulk } = await session.client.query('select private.in_bulk() as on')
  await session.client.query('rollback')
  expect(bulk, 'never for a person who is signed in').toEqual([{ on: false }])
})

test('fault 8: a cursor that cannot be read, or is ahead of the cloud, says so', { timeout }, async () => {
  const pull = (cursor: string | null) =>
    session.call('sync_pull', {
      p_scope: `person:${person}`,
      p_cursor: cursor,
      p_upto: null,
      p_after: null,
      p_limit: 10,
    })
  await expect(pull('last Tuesday')).rejects.toMatchObject({ code: 'PT400', detail: 'invalid_cursor' })
  await expect(pull(null)).rejects.toMatchObject({ code: 'PT400', detail: 'invalid_cursor' })
  await expect(pull('900000000:900000000:')).rejects.toMatchObject({ code: 'PT409', detail: 'cursor_ahead' })
  for (const scope of ['pool2', `person:${recycler}`, 'register'])
    await expect(
      session.call('sync_pull', { p_scope: scope, p_cursor: '1:1:', p_upto: null, p_after: null, p_limit: 10 }),
    ).rejects.toMatchObject({
      code: 'PT403',
      detail: 'scope_not_held',
    })
})

test('fault 10: access given to old rows brings them all, and access taken away removes them all', {
  timeout,
}, async () => {
  const batches = await addBatches(cloud.owner, project, 5, 'approved')
  for (const batch of batches) await addEvidence(cloud.owner, batch, recycler)
  const mirror = await mirrorOf(3)
  expect(mirror.rows.size).toBe(0)
  await cloud.owner.query(`select public.assign_batches($1, $2, 'desk_verifier')`, [batches, person])
  await mirror.pull()
  expect(Object.keys(mirror.versions()).map((key) => key.split('/')[0])).toEqual([
    ...Array.from({ length: 5 }, () => 'assignments'),
    ...Array.from({ length: 5 }, () => 'batches'),
    ...Array.from({ length: 5 }, () => 'evidence_files'),
    'projects',
  ])
  await endAll(batches)
  await mirror.pull()
  expect(mirror.rows.size).toBe(0)
})
