import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { PushResult } from '../../shared/wire/sync.ts'
import { type BatchNow, batchNow, decision, mutation, push, pushOne } from './mutations.ts'
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

/*
 * Many real connections at once. Whatever the order in which the server runs them: nobody's change is lost, one of several that exclude
 * each other wins, no transaction is a deadlock's victim, and ledger and feed agree with the tables afterwards.
 */

const timeout = 2 * SERVER_TEST_MS
const crowdSize = 24
let cloud: Cloud
let recycler: string
let project: string
let crowd: readonly { readonly id: string; readonly session: Session }[]
let owners: readonly pg.Client[]
let deadlocks: number
beforeAll(async () => {
  cloud = await startCloud()
  await publishRubric(cloud.owner)
  recycler = await addPerson(cloud.owner, { role: 'recycler' })
  crowd = await Promise.all(
    Array.from({ length: crowdSize }, async () => {
      const id = await addPerson(await cloud.connect(), { role: 'verifier', subRole: 'desk_verifier' })
      return { id, session: await cloud.openAs(id) }
    }),
  )
  owners = await Promise.all(Array.from({ length: 12 }, () => cloud.connect()))
}, timeout)
afterAll(() => cloud.stop())

const countDeadlocks = async (): Promise<number> => {
  // A session reports to the statistics between its transactions, at most once a second unless asked to.
  for (const client of [...owners, ...crowd.map(({ session }) => session.client)])
    await client.query('select pg_stat_force_next_flush()')
  await cloud.owner.query('select pg_stat_clear_snapshot()')
  const { rows } = await cloud.owner.query<{ count: number }>(
    'select deadlocks::int as count from pg_stat_database where datname = current_database()',
  )
  return rows[0]?.count ?? 0
}

beforeEach(async () => {
  project = await addProject(cloud.owner, recycler)
  deadlocks = await countDeadlocks()
})

afterEach(async () => {
  const { rows: ledger } = await cloud.owner.query(
    `select count(*) filter (where status = 'claimed')::int as unfinished,
       count(*) filter (where status <> coalesce(result ->> 'status', ''))::int as contradicting,
       (count(*) filter (where kind = 'decision.record' and status = 'applied') - (select count(*) from public.decisions))::int as unwritten,
       count(*) filter (where kind = 'decision.record' and status <> 'applied'
         and exists (select 1 from public.decisions d where d.id = row_id))::int as unrecorded
     from public.sync_mutations`,
  )
  expect(ledger).toEqual([{ unfinished: 0, contradicting: 0, unwritten: 0, unrecorded: 0 }])
  const { rows: stale } = await cloud.owner.query(
    `select b.id from public.batches b
     where b.status in ('pending', 'under_review', 'changes_requested', 'approved') and b.content_hash <> public.batch_content_hash(b.id)`,
  )
  expect(stale, 'content hashes are those of the content').toEqual([])
  const { rows: feed } = await cloud.owner.query(
    `select coalesce(l.scope, f.scope) as scope, coalesce(l.tbl, f.tbl) as tbl, l.version as live, f.version as fed
     from private.scope_rows l
     full join (select * from public.sync_feed where op = 'U') f on f.scope = l.scope and f.tbl = l.tbl and f.row_id = l.row_id
     where f.version is distinct from l.version`,
  )
  expect(feed, 'the feed says what the tables say').toEqual([])
  expect(await countDeadlocks(), 'deadlocks').toBe(deadlocks)
})

const outcomes = (results: readonly PushResult[]): Record<string, number> => {
  const counted: Record<string, number> = {}
  for (const { status, code } of results) {
    const name = code === null ? status : `${status} ${code}`
    counted[name] = (counted[name] ?? 0) + 1
  }
  return counted
}
/** What each batch is right now, in the order given. */
const allNow = async (batches: readonly string[]): Promise<readonly BatchNow[]> => {
  const states: BatchNow[] = []
  for (const id of batches) states.push(await batchNow(cloud.owner, id))
  return states
}
const personAt = (index: number) => {
  const person = crowd[index % crowd.length]
  if (person === undefined) throw new Error('the crowd is empty')
  return person
}
const claim = (batch: string) =>
  mutation('batch.claim', batch, { assignment_id: randomUUID() }, { base_version: 1, row_id: batch })
const reject = { action: 'reject', reason_code: 'evidence_missing' } as const
const requestChanges = { action: 'request_changes', reason_code: 'evidence_missing' } as const

test('of many verifiers who claim the same batches at once exactly one gets each', { timeout }, async () => {
  const batches = await addBatches(cloud.owner, project, 12, 'pending')
  const results = await Promise.all(
    crowd.map(({ session }, index) => {
      const order = index % 2 === 0 ? batches : batches.toReversed()
      return push(session, order.map(claim))
    }),
  )
  // Whoever comes too late may not read the batch any more, so the answer is that of a batch that does not exist.
  expect(outcomes(results.flat())).toEqual({
    applied: batches.length,
    'rejected not_assigned': batches.length * (crowdSize - 1),
  })
  const { rows } = await cloud.owner.query(
    `select b.status, count(a.id)::int as assigned from public.batches b left join public.assignments a on a.batch_id = b.id
     where b.id = any ($1) group by b.id`,
    [batches],
  )
  expect(rows).toEqual(batches.map(() => ({ status: 'under_review', assigned: 1 })))
})

test('of many who decide on a batch at once one wins, and the others are told that it moved on', {
  timeout,
}, async () => {
  const [batch = ''] = await addBatches(cloud.owner, project, 1, 'under_review')
  for (const { id } of crowd) await assign(cloud.owner, [batch], id)
  const before = await batchNow(cloud.owner, batch)
  const results = await Promise.all(
    crowd.map(({ session }, index) => pushOne(session, decision(batch, before, index % 2 === 0 ? {} : reject))),
  )
  expect(outcomes(results)).toEqual({ applied: 1, 'conflict version_changed': crowdSize - 1 })
  const { rows } = await cloud.owner.query('select to_status from public.decisions where batch_id = $1', [batch])
  const after = await batchNow(cloud.owner, batch)
  expect(rows).toEqual([{ to_status: after.status }])
  expect(after.version, 'one update').toBe(before.version + 1)
})

test('approving against asking for changes: one of both, over many batches', { timeout }, async () => {
  const pairs = crowdSize / 2
  const batches = await addBatches(cloud.owner, project, pairs * 5, 'under_review')
  for (let pair = 0; pair < pairs; pair++) {
    const mine = batches.slice(pair * 5, pair * 5 + 5)
    await assign(cloud.owner, mine, personAt(2 * pair).id)
    await assign(cloud.owner, mine, personAt(2 * pair + 1).id)
  }
  const states = await allNow(batches)
  const results = await Promise.all(
    crowd.map(async ({ session }, index) => {
      const mine = batches.slice(Math.floor(index / 2) * 5, Math.floor(index / 2) * 5 + 5)
      const fates: PushResult[] = []
      for (const id of mine) {
        const now = states[batches.indexOf(id)]
        if (now !== undefined)
          fates.push(await pushOne(session, decision(id, now, index % 2 === 0 ? {} : requestChanges)))
      }
      return fates
    }),
  )
  expect(outcomes(results.flat())).toEqual({ applied: batches.length, 'conflict version_changed': batches.length })
  const { rows } = await cloud.owner.query(
    `select b.status = d.to_status as same, b.version from public.batches b join public.decisions d on d.batch_id = b.id where b.id = any ($1)`,
    [batches],
  )
  expect(rows).toEqual(batches.map(() => ({ same: true, version: 2 })))
})

test('an assignment that ends while its holder decides: decided before it, or refused', { timeout }, async () => {
  const batches = await addBatches(cloud.owner, project, crowdSize * 4, 'under_review')
  const holderOf = (index: number) => personAt(index)
  for (const [index, id] of batches.entries()) await assign(cloud.owner, [id], holderOf(index).id)
  const seen = await allNow(batches)
  const decided = Promise.all(
    crowd.map(async ({ session }, person) => {
      const fates: (readonly [string, PushResult])[] = []
      for (const [index, id] of batches.entries()) {
        const now = seen[index]
        if (index % crowdSize === person && now !== undefined)
          fates.push([id, await pushOne(session, decision(id, now))])
      }
      return fates
    }),
  )
  // In the order of the batches, several at a time, so that some ends come before and some after the decision.
  const ended = Promise.all(
    owners.map(async (client, worker) => {
      for (const [index, id] of batches.toReversed().entries())
        if (index % owners.length === worker)
          await client.query('select public.end_assignments($1, $2)', [[id], holderOf(batches.length - 1 - index).id])
    }),
  )
  const fates = (await decided).flat()
  await ended
  const { rows } = await cloud.owner.query<{ id: string; status: string; decisions: number; running: number }>(
    `select b.id, b.status, (select count(*)::int from public.decisions d where d.batch_id = b.id) as decisions,
       (select count(*)::int from public.assignments a where a.batch_id = b.id and a.ended_at is null) as running
     from public.batches b where b.id = any ($1)`,
    [batches],
  )
  const after = new Map(rows.map((row) => [row.id, row]))
  for (const [id, fate] of fates) {
    const applied = fate.status === 'applied'
    if (!applied) expect(fate).toMatchObject({ status: 'rejected', code: 'not_assigned' })
    expect(after.get(id)).toEqual({
      id,
      status: applied ? 'approved' : 'under_review',
      decisions: applied ? 1 : 0,
      running: 0,
    })
  }
})

test('opposite orders over many batches wait for each other and never lock each other out', { timeout }, async () => {
  const batches: string[] = []
  for (let count = 0; count < 4; count++)
    batches.push(...(await addBatches(cloud.owner, await addProject(cloud.owner, recycler), 12, 'pending')))
  batches.sort()
  const other = await addPerson(cloud.owner, { role: 'verifier', subRole: 'desk_verifier' })
  const orders = [batches, batches.toReversed(), batches.toSorted((a, b) => a.slice(9).localeCompare(b.slice(9)))]
  const order = (index: number): readonly string[] => orders[index % orders.length] ?? batches
  const work: Promise<unknown>[] = []
  for (const [index, { session }] of crowd.entries())
    work.push(
      (async () => {
        for (let round = 0; round < 4; round++) await push(session, order(index + round).map(claim))
      })(),
    )
  for (const [index, client] of owners.entries())
    work.push(
      (async () => {
        for (let round = 0; round < 4; round++) {
          const chosen = order(index + round).slice(round * 4, round * 4 + 30)
          if (index % 3 === 0)
            await client.query(`select public.assign_batches($1, $2, 'desk_verifier')`, [chosen, other])
          else if (index % 3 === 1) await client.query('select public.end_assignments($1, $2)', [chosen, other])
          else await client.query('select private.refresh_content_hashes($1)', [chosen])
        }
      })(),
    )
  await Promise.all(work)
  const { rows } = await cloud.owner.query<{ batch: string }>(
    `select batch_id as batch from public.assignments where ended_at is null and user_id <> $2 and batch_id = any ($1)
     group by 1 having count(*) > 1`,
    [batches, other],
  )
  expect(rows, 'claimed by two').toEqual([])
})

test('evidence that arrives while a batch is approved: the decision came first, or it is in conflict', {
  timeout,
}, async () => {
  const batches = await addBatches(cloud.owner, project, crowdSize * 3, 'under_review')
  for (const [index, id] of batches.entries()) await assign(cloud.owner, [id], personAt(index).id)
  const seen = await allNow(batches)
  const fates = await Promise.all([
    ...crowd.map(async ({ session }, person) => {
      const mine: (readonly [number, PushResult])[] = []
      for (const [index, id] of batches.entries()) {
        const now = seen[index]
        if (index % crowdSize === person && now !== undefined)
          mine.push([index, await pushOne(session, decision(id, now))] as const)
      }
      return mine
    }),
    ...owners.map(async (client, worker) => {
      for (const [index, id] of batches.entries())
        if (index % owners.length === worker) await addEvidence(client, id, recycler)
      return []
    }),
  ])
  for (const [index, fate] of fates.flat()) {
    const id = batches[index] ?? ''
    const [before, after] = [seen[index]?.version ?? 0, await batchNow(cloud.owner, id)]
    const applied = fate.status === 'applied'
    if (!applied) expect(fate).toMatchObject({ status: 'conflict', code: 'content_changed' })
    const { rows } = await cloud.owner.query('select content_hash from public.decisions where batch_id = $1', [id])
    expect(rows).toEqual(applied ? [{ content_hash: seen[index]?.content_hash }] : [])
    expect(after).toMatchObject({
      status: applied ? 'approved' : 'under_review',
      version: before + (applied ? 2 : 1),
    })
    expect(after.content_hash).not.toBe(seen[index]?.content_hash)
  }
})

test('a rubric that is published while batches are approved and get evidence: the old one or the new one, never a mixture', {
  timeout,
}, async () => {
  const batches = await addBatches(cloud.owner, project, crowdSize * 3, 'under_review')
  for (const [index, id] of batches.entries()) await assign(cloud.owner, [id], personAt(index).id)
  const seen = await allNow(batches)
  const [publisher, corrector, ...adders] = owners
  const fates = await Promise.all([
    ...crowd.map(async ({ session }, person) => {
      const mine: PushResult[] = []
      for (const [index, id] of batches.entries()) {
        const now = seen[index]
        if (index % crowdSize === person && now !== undefined) mine.push(await pushOne(session, decision(id, now)))
      }
      return mine
    }),
    (async () => {
      for (let revision = 0; revision < 6 && publisher !== undefined; revision++) await publishRubric(publisher)
      return []
    })(),
    (async () => {
      for (const id of batches)
        await corrector?.query(`update public.batches set tons_or_kwh = tons_or_kwh + 1 where id = $1`, [id])
      return []
    })(),
    ...adders.map(async (client, worker) => {
      for (const [index, id] of batches.toReversed().entries())
        if (index % adders.length === worker) await addEvidence(client, id, recycler)
      return []
    }),
    (async () => {
      const more = await cloud.connect()
      for (let round = 0; round < 10; round++) await addBatches(more, project, 3, 'pending')
      return []
    })(),
  ])
  const counted = outcomes(fates.flat())
  expect(Object.keys(counted).filter((name) => name !== 'applied' && name !== 'conflict content_changed')).toEqual([])
  const { rows } = await cloud.owner.query<{ id: string; content_hash: string }>(
    'select batch_id as id, content_hash from public.decisions where batch_id = any ($1)',
    [batches],
  )
  expect(rows.length).toBe(counted.applied ?? 0)
  for (const { id, content_hash } of rows) expect(content_hash).toBe(seen[batches.indexOf(id)]?.content_hash)
})

test('the same change sent by many connections at once is applied once, and all hear the same', {
  timeout,
}, async () => {
  const [batch = ''] = await addBatches(cloud.owner, project, 1, 'under_review')
  const { id } = personAt(0)
  await assign(cloud.owner, [batch], id)
  const sent = decision(batch, await batchNow(cloud.owner, batch))
  const devices = await Promise.all(Array.from({ length: 20 }, () => cloud.openAs(id)))
  const results = await Promise.all(devices.map((session) => pushOne(session, sent)))
  expect(outcomes(results)).toEqual({ applied: 1, duplicate: 19 })
  await Promise.all(devices.map(({ client }) => client.end()))
})
