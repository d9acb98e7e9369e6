import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  addBatches,
  addEvidence,
  addPerson,
  addProject,
  type Cloud,
  publishRubric,
  SERVER_TEST_MS,
  SERVICE,
  startCloud,
} from './support.ts'

const timeout = SERVER_TEST_MS
const allEvents = [
  'batch.created',
  'batch.updated',
  'batch.approved',
  'batch.rejected',
  'batch.verified',
  'purchase.completed',
  'retirement.created',
  'user.registered',
  'user.approved',
  'user.rejected',
]
let cloud: Cloud
let owner: pg.Client
let admin: string
let recycler: string
let buyer: string
let project: string
beforeAll(async () => {
  cloud = await startCloud()
  owner = cloud.owner
  admin = await addPerson(owner, { role: 'admin' })
  recycler = await addPerson(owner, { role: 'recycler' })
  buyer = await addPerson(owner, { role: 'buyer' })
  project = await addProject(owner, recycler)
}, timeout)
afterAll(() => cloud.stop())
beforeEach(async () => {
  await owner.query('update public.webhooks set is_active = false')
  await forget()
})

const listen = async (person: string, events: readonly string[]): Promise<string> => {
  const { rows } = await owner.query<{ id: string }>(
    `insert into public.webhooks (user_id, name, url, events) values ($1, 'Test', 'https://example.org/events', $2) returning id`,
    [person, events],
  )
  return rows[0]?.id ?? ''
}
const forget = async () => {
  await owner.query('delete from private.job_queue')
  await owner.query('delete from private.events')
}
/** What a webhook is to be told, in order of the events' names. */
const toldTo = async (webhook: string): Promise<string[]> => {
  const { rows } = await owner.query<{ event: string }>(
    `select payload ->> 'event' as event from private.job_queue where kind = 'webhook.deliver' and payload ->> 'webhook_id' = $1 order by 1`,
    [webhook],
  )
  return rows.map(({ event }) => event)
}
const move = (batch: string, status: string) =>
  owner.query('update public.batches set status = $2 where id = $1', [batch, status])

test('a batch is told of when it is made, at each state, and at a change of its content, and at nothing else', {
  timeout,
}, async () => {
  const hook = await listen(admin, allEvents)
  const [batch = ''] = await addBatches(owner, project, 1)
  expect(await toldTo(hook)).toEqual(['batch.created'])
  const steps: readonly (readonly [string, readonly string[]])[] = [
    ['under_review', ['batch.updated']],
    ['changes_requested', ['batch.updated']],
    ['under_review', ['batch.updated']],
    ['approved', ['batch.approved', 'batch.updated']],
    ['verified', ['batch.updated', 'batch.verified']],
  ]
  for (const [status, expected] of steps) {
    await forget()
    await move(batch, status)
    expect(await toldTo(hook), status).toEqual(expected)
  }
  const [other = ''] = await addBatches(owner, project, 1, 'under_review')
  await forget()
  await owner.query(`update public.batches set description = 'Corrected' where id = $1`, [other])
  expect(await toldTo(hook), 'content').toEqual(['batch.updated'])
  await forget()
  await owner.query('update public.batches set risk_score = 40 where id = $1', [other])
  await owner.query('update public.batches set status = status where id = $1', [other])
  await publishRubric(owner)
  await addEvidence(owner, other, recycler)
  expect(await toldTo(hook), 'a version, a risk, a rubric, a file').toEqual([])
  await move(other, 'rejected')
  expect(await toldTo(hook)).toEqual(['batch.rejected', 'batch.updated'])
})

test('an event holds the facts of its moment, the state before it, and one id for all that hear it', {
  timeout,
}, async () => {
  const hooks = [await listen(admin, ['batch.updated']), await listen(recycler, ['batch.updated'])]
  const [batch = ''] = await addBatches(owner, project, 1)
  await move(batch, 'under_review')
  const { rows } = await owner.query(`select id, event, subject_id, data from private.events`)
  expect(rows).toMatchObject([
    {
      event: 'batch.updated',
      subject_id: batch,
      data: {
        id: batch,
        status: 'under_review',
        previous_status: 'pending',
        standard: 'APRS',
        tons_or_kwh: 11.5,
        user_id: recycler,
      },
    },
  ])
  const jobs = await owner.query<{ payload: Record<string, string> }>(`select payload from private.job_queue`)
  expect(jobs.rows.map(({ payload }) => payload.webhook_id).toSorted()).toEqual(hooks.toSorted())
  expect(new Set(jobs.rows.map(({ payload }) => payload.event_id))).toEqual(new Set([rows[0]?.id]))
})

test('nothing is told of what was rolled back', { timeout }, async () => {
  const hook = await listen(admin, allEvents)
  await owner.query('begin')
  const [batch = ''] = await addBatches(owner, project, 1)
  await move(batch, 'under_review')
  await owner.query('rollback')
  expect(await toldTo(hook)).toEqual([])
})

test('a webhook hears only what its owner may read, when it happens and again when it is delivered', {
  timeout,
}, async () => {
  const stranger = await addPerson(owner, { role: 'recycler' })
  const [mine, theirs] = [
    await listen(recycler, ['batch.created']),
    await listen(stranger, ['batch.created', 'user.registered']),
  ]
  const suspended = await addPerson(owner, { role: 'admin' })
  const off = await listen(suspended, ['batch.created'])
  await owner.query('update public.users set active = false where id = $1', [suspended])
  await addBatches(owner, project, 2)
  await addPerson(owner, { role: 'buyer' })
  expect(await toldTo(mine)).toEqual(['batch.created', 'batch.created'])
  expect(await toldTo(theirs)).toEqual([])
  expect(await toldTo(off)).toEqual([])

  const { rows } = await owner.query<{ id: string }>(
    `select id from private.events where event = 'batch.created' limit 1`,
  )
  const service = await cloud.openAs(SERVICE)
  const begin = () => service.call('begin_webhook_delivery', { p_webhook: mine, p_event_id: rows[0]?.id })
  expect(await begin()).toMatchObject({
    body: { id: rows[0]?.id, event: 'batch.created', data: { user_id: recycler } },
  })
  await owner.query('update public.users set active = false where id = $1', [recycler])
  expect(await begin()).toMatchObject({ skip: expect.stringContaining('may no longer read') })
  await owner.query('update public.users set active = true where id = $1', [recycler])
})

test('accounts are told of when they register and are approved or rejected, to administrators', {
  timeout,
}, async () => {
  const [hook, other] = [await listen(admin, allEvents), await listen(buyer, allEvents)]
  const person = await addPerson(owner, { role: 'verifier', approval: 'pending' })
  expect(await toldTo(hook)).toEqual(['user.registered'])
  const session = await cloud.openAs(admin)
  await session.call('change_person', { p_user: person, p_changes: { approval_status: 'approved' } })
  expect(await toldTo(hook)).toEqual(['user.approved', 'user.registered'])
  await session.call('change_person', {
    p_user: person,
    p_changes: { approval_status: 'rejected', rejection_reason: 'x' },
  })
  await session.call('change_person', { p_user: person, p_changes: { rejection_reason: 'y' } })
  expect(await toldTo(hook)).toEqual(['user.approved', 'user.registered', 'user.rejected'])
  expect(await toldTo(other)).toEqual([])
})

test('a completed purchase and a retirement are told to the register and to their buyer, once', {
  timeout,
}, async () => {
  const otherBuyer = await addPerson(owner, { role: 'buyer' })
  const hooks = [await listen(admin, allEvents), await listen(buyer, allEvents), await listen(otherBuyer, allEvents)]
  const [batch = ''] = await addBatches(owner, project, 1, 'verified')
  await forget()
  const purchase = randomUUID()
  await owner.query(
    `insert into public.credit_purchases (id, buyer_id, batch_id, amount, price_per_credit, total_amount)
     values ($1, $2, $3, 2, 10, 20)`,
    [purchase, buyer, batch],
  )
  expect(await toldTo(hooks[0] ?? ''), 'not before it is paid').toEqual([])
  await owner.query(`update public.credit_purchases set payment_status = 'completed' where id = $1`, [purchase])
  await owner.query(`update public.credit_purchases set transaction_id = 't-1' where id = $1`, [purchase])
  await owner.query(
    `insert into public.credit_retirements (buyer_id, batch_id, certificate_id, plastic_credits_retired, carbon_credits_retired, retirement_date)
     values ($1, $2, $3, 1, 0, now())`,
    [buyer, batch, randomUUID()],
  )
  const heard = await Promise.all(hooks.map(toldTo))
  const both = ['purchase.completed', 'retirement.created']
  expect(heard.map((events) => events.filter((event) => both.includes(event)))).toEqual([both, both, []])
})

test('hundreds of batches in one statement are told of to whoever listens, and cost nothing where nobody does', {
  timeout,
}, async () => {
  await addBatches(owner, project, 400)
  expect((await owner.query('select count(*)::int as n from private.events')).rows).toEqual([{ n: 0 }])
  const hook = await listen(recycler, ['batch.created', 'batch.approved'])
  const ids = await addBatches(owner, project, 400, 'under_review')
  expect((await toldTo(hook)).length).toBe(400)
  await owner.query(`update public.batches set status = 'approved' where id = any ($1)`, [ids])
  expect((await toldTo(hook)).filter((event) => event === 'batch.approved').length).toBe(400)
})

test('telling somebody else leaves the person who acts as they were', { timeout }, async () => {
  await listen(admin, ['batch.created'])
  const session = await cloud.openAs(recycler)
  await session.begin()
  await session.client.query(
    `insert into public.batches (user_id, project_id, standard, tons_or_kwh, location, date_submitted)
     values ($1, $2, 'APRS', 1, 'x', now())`,
    [recycler, project],
  )
  const { rows } = await session.client.query(
    `select auth.uid() as me, (select count(*)::int from public.users) as people, current_user as role`,
  )
  await session.client.query('rollback')
  expect(rows).toEqual([{ me: recycler, people: 1, role: 'authenticated' }])
})
