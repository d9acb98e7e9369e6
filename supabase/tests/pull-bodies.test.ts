import { afterAll, beforeAll, expect, test } from 'vitest'
import { mirroredTableNames } from '../../shared/wire/rows.ts'
import { pullPage } from '../../shared/wire/sync.ts'
import { batchNow, decision, push } from './mutations.ts'
import {
  addBatches,
  addEvidence,
  addOrganization,
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
beforeAll(async () => {
  cloud = await startCloud()
}, timeout)
afterAll(() => cloud.stop())

const snapshot = async (): Promise<string> => {
  const { rows } = await cloud.owner.query<{ now: string }>('select pg_current_snapshot()::text as now')
  return rows[0]?.now ?? ''
}
const pullAll = async (session: Session, scope: string, cursor: string) =>
  pullPage.parse(
    await session.call('sync_pull', { p_scope: scope, p_cursor: cursor, p_upto: null, p_after: null, p_limit: 5000 }),
  ).changes

test('a pull brings each row as a bootstrap would', { timeout }, async () => {
  const before = await snapshot()
  await publishRubric(cloud.owner)
  await addOrganization(cloud.owner, 'Coast Recyclers')
  const recycler = await addPerson(cloud.owner, { role: 'recycler' })
  const desk = await addPerson(cloud.owner, { role: 'verifier', subRole: 'desk_verifier' })
  const project = await addProject(cloud.owner, recycler)
  const batches = await addBatches(cloud.owner, project, 3, 'under_review')
  await assign(cloud.owner, batches, desk)
  const [first = '', second = ''] = batches
  await addEvidence(cloud.owner, first, recycler)
  const session = await cloud.openAs(desk)
  await push(session, [decision(first, await batchNow(cloud.owner, first))])
  await cloud.owner.query('select public.end_assignments($1, $2)', [[second], desk])

  const expected = new Map(
    (
      await session.query<{ key: string; body: unknown }>(`select tbl || '/' || id as key, body from private.wire_rows`)
    ).map(({ key, body }) => [key, body]),
  )
  const pulled = [
    ...(await pullAll(session, 'reference', before)),
    ...(await pullAll(session, `person:${desk}`, before)),
  ]
  for (const { table, id, op, row } of pulled)
    expect([table, id, row]).toEqual([table, id, op === 'R' ? null : expected.get(`${table}/${id}`)])
  expect(pulled.some(({ op }) => op === 'R')).toBe(true)
  const tables = new Set(pulled.map(({ table }) => table))
  for (const table of ['organizations', 'people', 'rubrics', 'projects', 'batches', 'assignments', 'evidence_files'])
    expect(tables).toContain(table)
  expect(tables).toContain('decisions')
})

test('a row that the person may not read is sent without its body, whatever the feed says', { timeout }, async () => {
  const recycler = await addPerson(cloud.owner, { role: 'recycler' })
  const desk = await addPerson(cloud.owner, { role: 'verifier', subRole: 'desk_verifier' })
  const before = await snapshot()
  const [foreign = ''] = await addBatches(cloud.owner, await addProject(cloud.owner, recycler), 1, 'verified')
  await cloud.owner.query(
    `insert into public.sync_feed (scope, tbl, row_id, op, version) values ($1, 'batches', $2, 'U', 1)`,
    [`person:${desk}`, foreign],
  )
  const pulled = await pullAll(await cloud.openAs(desk), `person:${desk}`, before)
  expect(pulled.map(({ id, row }) => [id, row])).toEqual([[foreign, null]])
})

test('a pull looks into no table but those that its rows are of', { timeout }, async () => {
  const project = await addProject(cloud.owner, await addPerson(cloud.owner, { role: 'recycler' }))
  const desk = await addPerson(cloud.owner, { role: 'verifier', subRole: 'desk_verifier' })
  const session = await cloud.openAs(desk)
  const before = await snapshot()
  await assign(cloud.owner, await addBatches(cloud.owner, project, 200, 'under_review'), desk)
  // What is looked at to see who asks is looked at once, however many rows there are.
  const few = 5
  const looks = async (): Promise<Record<string, number>> => {
    await session.client.query('select pg_stat_force_next_flush()')
    await session.client.query('select pg_stat_clear_snapshot()')
    const { rows } = await session.client.query<{ name: string; looks: number }>(
      `select relname as name, (seq_scan + coalesce(idx_scan, 0))::int as looks from pg_stat_user_tables
       where schemaname = 'public' and relname = any ($1)`,
      [mirroredTableNames],
    )
    return Object.fromEntries(rows.map(({ name, looks: made }) => [name, made]))
  }
  const earlier = await looks()
  const pulled = await pullAll(session, `person:${desk}`, before)
  const later = await looks()
  const own = new Set<string>(pulled.map(({ table }) => table))
  expect([...own].toSorted()).toEqual(['assignments', 'batches', 'projects'])
  for (const table of mirroredTableNames)
    if (!own.has(table)) expect([table, (later[table] ?? 0) - (earlier[table] ?? 0) <= few]).toEqual([table, true])
})
