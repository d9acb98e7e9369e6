import { afterAll, beforeAll, expect, test } from 'vitest'
import { Mirror, readableRows } from './mirror.ts'
import {
  addBatches,
  addPerson,
  addProject,
  assign,
  type Cloud,
  SERVER_TEST_MS,
  type Session,
  startCloud,
} from './support.ts'

const timeout = SERVER_TEST_MS
let cloud: Cloud
let verifier: string
let session: Session
let batches: string[]
beforeAll(async () => {
  cloud = await startCloud()
  const recycler = await addPerson(cloud.owner, { role: 'recycler' })
  verifier = await addPerson(cloud.owner, { role: 'verifier', subRole: 'desk_verifier' })
  session = await cloud.openAs(verifier)
  batches = await addBatches(cloud.owner, await addProject(cloud.owner, recycler), 6, 'under_review')
  await assign(cloud.owner, batches, verifier)
}, timeout)
afterAll(() => cloud.stop())

const purge = async (keep: string): Promise<{ removed: number; horizon: string | null }> => {
  const { rows } = await cloud.owner.query('select public.purge_feed_removals($1) as answer', [keep])
  return rows[0].answer
}
const removals = async (): Promise<number> =>
  Number((await cloud.owner.query(`select count(*) as n from public.sync_feed where op = 'R'`)).rows[0].n)
const endOne = (batch: string) =>
  cloud.owner.query('update public.assignments set ended_at = now() where batch_id = $1 and ended_at is null', [batch])
const following = async (): Promise<Mirror> => {
  const mirror = new Mirror(session, `person:${verifier}`, 5)
  await mirror.bootstrap()
  await mirror.pull()
  return mirror
}

test('removals younger than the limit stay, and everybody goes on', { timeout }, async () => {
  const mirror = await following()
  await endOne(batches[0] ?? '')
  const before = await removals()
  expect(before).toBeGreaterThan(0)
  await purge('90 days')
  expect(await purge('90 days')).toMatchObject({ removed: 0 })
  expect(await removals()).toBe(before)
  await mirror.pull()
  expect([...mirror.rows.keys()]).not.toContain(`batches/${batches[0]}`)
})

test('a cursor that has not seen what was forgotten is refused, and one that has goes on', { timeout }, async () => {
  const away = await following()
  await endOne(batches[1] ?? '')
  const present = await following()
  await purge('0')
  const { removed } = await purge('0')
  expect(await removals(), `${removed} were removed`).toBe(0)
  await expect(away.pull()).rejects.toMatchObject({ code: 'PT400', detail: 'invalid_cursor' })

  await present.pull()
  await endOne(batches[2] ?? '')
  await present.pull()
  expect([...present.rows.keys()]).not.toContain(`batches/${batches[2]}`)

  await away.bootstrap()
  await away.pull()
  expect(away.versions()).toEqual(present.versions())
  const readable = await readableRows(session)
  for (const key of Object.keys(away.versions())) expect(readable, key).toHaveProperty(key)
})

test('while a transaction is open, nothing of it or after it is forgotten', { timeout }, async () => {
  const open = await cloud.connect()
  await open.query('begin')
  await open.query('select pg_current_xact_id()')
  await purge('0')
  await purge('0')
  await endOne(batches[3] ?? '')
  const before = await removals()
  expect(before).toBeGreaterThan(0)
  await purge('0')
  await purge('0')
  expect(await removals()).toBe(before)
  await open.query('commit')
  await purge('0')
  await purge('0')
  expect(await removals()).toBe(0)
})

test('a batch that comes back after its removal was forgotten is announced', { timeout }, async () => {
  const mirror = await following()
  await assign(cloud.owner, [batches[1] ?? ''], verifier)
  await mirror.pull()
  expect([...mirror.rows.keys()]).toContain(`batches/${batches[1]}`)
})

test('only the service forgets', { timeout }, async () => {
  await expect(session.call('purge_feed_removals', {})).rejects.toMatchObject({ code: '42501' })
})
