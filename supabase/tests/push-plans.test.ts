import { afterAll, beforeAll, expect, test } from 'vitest'
import type { MutationDto } from '../../shared/wire/sync.ts'
import { batchNow, decision, push } from './mutations.ts'
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
const decisionsOn = async (batches: readonly string[]): Promise<readonly MutationDto[]> => {
  const made: MutationDto[] = []
  for (const batch of batches) made.push(decision(batch, await batchNow(cloud.owner, batch)))
  return made
}
beforeAll(async () => {
  cloud = await startCloud()
  await publishRubric(cloud.owner)
}, timeout)
afterAll(() => cloud.stop())

test('a session that began to push into an empty cloud does not read the whole ledger for each later change', {
  timeout,
}, async () => {
  const project = await addProject(cloud.owner, await addPerson(cloud.owner, { role: 'recycler' }))
  const desk = await addPerson(cloud.owner, { role: 'verifier', subRole: 'desk_verifier' })
  const session = await cloud.openAs(desk)
  const decide = async (count: number) => {
    const batches = await addBatches(cloud.owner, project, count, 'under_review')
    await assign(cloud.owner, batches, desk)
    const sent = await decisionsOn(batches)
    const answers = await push(session, sent)
    expect(answers.map(({ mutation_id, status }) => ({ mutation_id, status }))).toEqual(
      sent.map(({ mutation_id }) => ({ mutation_id, status: 'applied' })),
    )
  }
  const readInFull = async (): Promise<number> => {
    await session.client.query('select pg_stat_force_next_flush()')
    await session.client.query('select pg_stat_clear_snapshot()')
    const { rows } = await session.client.query<{ rows: number }>(
      `select sum(seq_tup_read)::int as rows from pg_stat_user_tables
       where relname in ('sync_mutations', 'decisions', 'verifications')`,
    )
    return rows[0]?.rows ?? 0
  }
  // What a plan costs is judged by the size of the tables as it was noted last: nothing.
  await cloud.owner.query('analyze')
  // A plan is kept after a few runs.
  await decide(20)
  const before = await readInFull()
  await decide(100)
  await decide(100)
  expect((await readInFull()) - before).toBe(0)
})

test('an answer of many changes has each in its place, and one of none is an empty list', { timeout }, async () => {
  const session = await cloud.openAs(await addPerson(cloud.owner, { role: 'verifier', subRole: 'desk_verifier' }))
  expect(await push(session, [])).toEqual([])
  const project = await addProject(cloud.owner, await addPerson(cloud.owner, { role: 'recycler' }))
  const batches = await addBatches(cloud.owner, project, 3, 'under_review')
  const sent = await decisionsOn(batches)
  const answers = await push(session, sent)
  expect(answers.map(({ mutation_id, code }) => [mutation_id, code])).toEqual(
    sent.map(({ mutation_id }) => [mutation_id, 'not_assigned']),
  )
})

test('a decision reads as much after thousands of the same person as before', { timeout }, async () => {
  const project = await addProject(cloud.owner, await addPerson(cloud.owner, { role: 'recycler' }))
  const desk = await addPerson(cloud.owner, { role: 'verifier', subRole: 'desk_verifier' })
  const session = await cloud.openAs(desk)
  const other = await addProject(cloud.owner, await addPerson(cloud.owner, { role: 'recycler' }))
  await cloud.owner.query(
    `insert into public.decisions
       (id, batch_id, actor_id, action, from_status, to_status, reason_code, reason, content_hash, decided_at)
     select gen_random_uuid(), b, $2, 'verify', 'approved', 'verified', 'evidence_complete', '', repeat('0', 64), now()
     from unnest($1::uuid[]) b`,
    [await addBatches(cloud.owner, other, 3000, 'verified'), desk],
  )
  const batches = await addBatches(cloud.owner, project, 60, 'under_review')
  await assign(cloud.owner, batches, desk)
  const rowsFetched = async (): Promise<number> => {
    await session.client.query('select pg_stat_force_next_flush()')
    await session.client.query('select pg_stat_clear_snapshot()')
    const { rows } = await session.client.query<{ rows: number }>(
      `select sum(idx_tup_fetch + seq_tup_read)::int as rows from pg_stat_user_tables where relname in ('decisions', 'batches')`,
    )
    return rows[0]?.rows ?? 0
  }
  await cloud.owner.query('analyze')
  const sent = await decisionsOn(batches)
  await push(session, sent.slice(0, 20))
  const before = await rowsFetched()
  const answers = await push(session, sent.slice(20))
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 'applied'))
  expect(await rowsFetched()).toBeLessThan(before + answers.length * 50)
})
