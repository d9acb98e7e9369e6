import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Mirror, readableRows } from './mirror.ts'
import {
  addBatches,
  addEvidence,
  addPerson,
  addProject,
  type Cloud,
  publishRubric,
  SERVER_TEST_MS,
  startCloud,
} from './support.ts'

const timeout = SERVER_TEST_MS
let cloud: Cloud
beforeAll(async () => {
  cloud = await startCloud()
  await publishRubric(cloud.owner)
}, timeout)
afterAll(() => cloud.stop())

test('fault 1, fault 3: four writers at once: after the dust settles every mirror equals what its person may read', {
  timeout,
}, async () => {
  const recycler = await addPerson(cloud.owner, { role: 'recycler' })
  const project = await addProject(cloud.owner, recycler)
  const person = await addPerson(cloud.owner, { role: 'verifier', subRole: 'desk_verifier' })
  const session = await cloud.openAs(person)
  const other = await addPerson(cloud.owner, { role: 'verifier', subRole: 'desk_verifier' })
  const admin = await addPerson(cloud.owner, { role: 'admin' })
  const projects = [project, await addProject(cloud.owner, recycler)]
  const batches = (await Promise.all(projects.map((id) => addBatches(cloud.owner, id, 20, 'under_review')))).flat()
  const people = [person, other]
  const sessions = [session, await cloud.openAs(other), await cloud.openAs(admin)]
  const mirrors = [
    ...people.flatMap((id, index) => {
      const mine = sessions[index]
      return mine === undefined
        ? []
        : [new Mirror(mine, `person:${id}`, 9), new Mirror(mine, 'pool', 9), new Mirror(mine, 'reference', 50)]
    }),
    ...['register', 'reference'].flatMap((scope) =>
      sessions[2] === undefined ? [] : [new Mirror(sessions[2], scope, 25)],
    ),
  ]
  for (const mirror of mirrors) await mirror.bootstrap()
  // A seed of its own for each writer: repeatable choices, whatever order the server runs them in.
  const chooser = (seed: number) => () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff
    return seed / 0x80000000
  }
  const write = async (client: pg.Client, random: () => number) => {
    const pick = <Item>(items: readonly Item[]): Item | undefined => items[Math.floor(random() * items.length)]
    const batch = pick(batches) ?? ''
    const who = pick(people) ?? ''
    const dice = random()
    if (dice < 0.25)
      await client.query(
        `with ended as (update public.assignments set ended_at = now() where batch_id = $1 and user_id = $2 and ended_at is null returning 1)
         insert into public.assignments (batch_id, user_id, role) select $1, $2, 'desk_verifier' where not exists (select 1 from ended)`,
        [batch, who],
      )
    else if (dice < 0.45) await addEvidence(client, batch, recycler)
    else if (dice < 0.6)
      await client.query(
        `update public.batches set status = case status when 'pending' then 'under_review' else 'pending' end where id = $1`,
        [batch],
      )
    else if (dice < 0.75)
      await client.query('update public.batches set risk_score = (risk_score + 1) % 100 where id = $1', [batch])
    else if (dice < 0.85)
      await client.query(`update public.projects set name = 'Name ' || $2::text where id = $1`, [
        pick(projects),
        random(),
      ])
    else if (dice < 0.95)
      await client.query(
        `insert into public.findings (id, batch_id, kind, title, description, raised_by) values ($1, $2, 'far', 'x', '', $3)`,
        [randomUUID(), batch, who],
      )
    else
      await client.query(
        'update public.evidence_files set deleted_at = now() where deleted_at is null and batch_id = $1',
        [batch],
      )
  }
  let running = true
  let committed = 0
  const writer = async (seed: number) => {
    const random = chooser(seed)
    const client = await cloud.connect()
    for (let count = 0; count < 60; count += 1) {
      await client.query('begin')
      try {
        for (let statements = 1 + Math.floor(random() * 3); statements > 0; statements -= 1) await write(client, random)
        if (random() < 0.15) await client.query('rollback')
        else {
          await client.query('commit')
          committed += 1
        }
      } catch (error) {
        // A deadlock or two who assign the same person at once: the loser tries something else.
        await client.query('rollback')
        if (!(error instanceof Error && 'code' in error && ['40P01', '23505'].includes(String(error.code)))) throw error
      }
    }
  }
  const reader = async () => {
    while (running)
      for (const mirror of mirrors) await mirror.pull(async () => {}, mirror.pages % 5 === 0 ? 1 : undefined)
  }
  const reading = reader()
  await Promise.all([1, 2, 3, 4].map((seed) => writer(seed * 7919)))
  running = false
  await reading
  for (const mirror of mirrors) await mirror.pull()
  expect(committed).toBeGreaterThan(100)
  for (const [index, asking] of sessions.entries()) {
    const held: Record<string, number> = {}
    for (const mirror of mirrors) if (mirror.session === asking) Object.assign(held, mirror.versions())
    expect(Object.fromEntries(Object.entries(held).sort()), `person ${index}`).toEqual(await readableRows(asking))
  }
  for (const mirror of mirrors) {
    const digest = await mirror.session.call<{ tables: Record<string, { count: number; version_sum: number }> }>(
      'sync_digest',
      { p_scope: mirror.scope },
    )
    const own: Record<string, { count: number; version_sum: number }> = {}
    for (const [key, { version }] of mirror.rows) {
      const table = key.split('/')[0] ?? ''
      own[table] = { count: (own[table]?.count ?? 0) + 1, version_sum: (own[table]?.version_sum ?? 0) + version }
    }
    expect(digest.tables, mirror.scope).toEqual(own)
  }
  const { rows } = await cloud.owner.query('select private.rebuild_feed()::int as written')
  expect(rows[0].written, 'the feed equals the live tables').toBe(0)
})
