import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { addOffer, allowManyPurchases, buy, buyAndPay, refusalOf, retire, settle } from './credits.ts'
import { addPerson, type Cloud, SERVER_TEST_MS, SERVICE, type Session, startCloud } from './support.ts'

const timeout = SERVER_TEST_MS
const CONNECTIONS = 40
let cloud: Cloud
let buyers: Session[]
let service: Session
beforeAll(async () => {
  cloud = await startCloud()
  await allowManyPurchases(cloud.owner)
  buyers = []
  for (let index = 0; index < CONNECTIONS; index += 1)
    buyers.push(await cloud.openAs(await addPerson(cloud.owner, { role: 'buyer' })))
  service = await cloud.openAs(SERVICE)
}, timeout)
afterAll(() => cloud.stop())

const opened: Session[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ client }) => client.end()))
})
/** Connections of one person that are closed after the test. */
const openMany = async (person: string, count: number): Promise<Session[]> => {
  const sessions = await Promise.all(Array.from({ length: count }, () => cloud.openAs(person)))
  opened.push(...sessions)
  return sessions
}

/** How many calls ended in which way. */
const tally = async (calls: readonly Promise<unknown>[]): Promise<Record<string, number>> => {
  const counted: Record<string, number> = {}
  for (const ending of await Promise.all(calls.map(refusalOf))) counted[ending] = (counted[ending] ?? 0) + 1
  return counted
}
const claimed = async (batch: string): Promise<unknown> => {
  const { rows } = await cloud.owner.query(
    `select sum(amount) as sum from public.credit_purchases where batch_id = $1 and payment_status in ('pending', 'completed')`,
    [batch],
  )
  return rows[0]?.sum
}

test('forty buyers race for the last credits: the first ones get them, none too many', { timeout }, async () => {
  const { batch } = await addOffer(cloud.owner, { plastic: '10.20' })
  expect(await tally(buyers.map((buyer) => buy(buyer, batch, '1')))).toEqual({ done: 10, not_enough_credits: 30 })
  expect(await claimed(batch)).toBe('10.00')
  expect(await tally(buyers.map((buyer) => buy(buyer, batch, '0.03')))).toEqual({ done: 6, not_enough_credits: 34 })
  expect(await claimed(batch)).toBe('10.18')
})

test('two batches bought in opposite order block nobody for good', { timeout }, async () => {
  const { batch: one, recycler, project } = await addOffer(cloud.owner)
  const { batch: other } = await addOffer(cloud.owner, { recycler, project })
  const rounds = buyers.map(async (buyer, index) => {
    const order = index % 2 === 0 ? [one, other] : [other, one]
    const endings: string[] = []
    for (const batch of [...order, ...order]) endings.push(await refusalOf(buyAndPay(buyer, buyer, batch, '0.30')))
    return endings
  })
  // A buyer does not settle; the reservation was made all the same.
  expect(new Set((await Promise.all(rounds)).flat())).toEqual(new Set(['42501', 'not_enough_credits']))
  expect([await claimed(one), await claimed(other)]).toEqual(['9.90', '9.90'])
})

test('programs that write several purchases at once in opposite order block nobody for good', { timeout }, async () => {
  const { batch: one, recycler, project } = await addOffer(cloud.owner)
  const { batch: other } = await addOffer(cloud.owner, { recycler, project })
  const buyer = await addPerson(cloud.owner, { role: 'buyer' })
  const services = await openMany(SERVICE, 20)
  const calls = services.map((session, index) =>
    session.query(
      `insert into public.credit_purchases (buyer_id, batch_id, amount, price_per_credit, total_amount, payment_status)
       select $1, b, 1, 1, 1, 'completed' from unnest($2::uuid[]) b`,
      [buyer, index % 2 === 0 ? [one, other] : [other, one]],
    ),
  )
  expect(await tally(calls)).toEqual({ done: 10, not_enough_credits: 10 })
  const { rows } = await cloud.owner.query('select total_credits_sold as sold from public.projects where id = $1', [
    project,
  ])
  expect(rows).toEqual([{ sold: '20.00' }])
})

test('late payments race with new buyers: the sum stays within the batch, and whoever got nothing gets the money back', {
  timeout,
}, async () => {
  const { batch } = await addOffer(cloud.owner)
  const late = await Promise.all(buyers.slice(0, 10).map((buyer) => buy(buyer, batch, '1')))
  for (const { id } of late) await service.call('name_transaction', { p_purchase: id, p_transaction_id: `t-${id}` })
  await cloud.owner.query(
    `update public.credit_purchases set reserved_until = now() - interval '1 second' where batch_id = $1`,
    [batch],
  )
  const services = await openMany(SERVICE, late.length)
  const settled = Promise.all(late.map((purchase, index) => settle(services[index] ?? service, purchase, 'completed')))
  const bought = tally(buyers.slice(10, 30).map((buyer) => buy(buyer, batch, '1')))
  const outcome = await settled
  const { done = 0 } = await bought
  const completed = outcome.filter(({ payment_status: status }) => status === 'completed').length
  expect(completed + done).toBe(10)
  expect(outcome.filter(({ refund_due: due }) => due).length).toBe(10 - completed)
  expect(await claimed(batch)).toBe('10.00')
})

test('one key sent many times at once makes one purchase', { timeout }, async () => {
  const { batch } = await addOffer(cloud.owner)
  const { batch: other } = await addOffer(cloud.owner)
  const person = await addPerson(cloud.owner, { role: 'buyer' })
  const sessions = await openMany(person, 12)
  const key = { p_idempotency_key: randomUUID() }
  const made = await Promise.all(sessions.map((session) => buy(session, batch, '1', key)))
  expect(new Set(made.map(({ id }) => id)).size).toBe(1)
  expect(made.filter(({ repeated }) => repeated === false)).toHaveLength(1)
  const second = { p_idempotency_key: randomUUID() }
  const endings = await tally(
    sessions.map((session, index) => buy(session, index % 2 === 0 ? batch : other, '1', second)),
  )
  expect(endings).toEqual({ done: 6, idempotency_conflict: 6 })
})

test('one buyer who retires on many connections retires each credit once', { timeout }, async () => {
  const { batch } = await addOffer(cloud.owner)
  const person = await addPerson(cloud.owner, { role: 'buyer' })
  const sessions = await openMany(person, CONNECTIONS)
  const [first] = sessions
  if (first === undefined) throw new Error('a session was opened')
  await buyAndPay(first, service, batch, '10')
  const endings = await tally(sessions.map((session) => retire(session, batch, '1')))
  expect(endings).toEqual({ done: 10, not_bought: 30 })
  const { rows } = await cloud.owner.query(
    `select b.status, (select sum(plastic_credits_retired) from public.credit_retirements where batch_id = b.id) as retired,
       (select count(*)::integer from public.decisions where batch_id = b.id and action = 'retire') as decisions
     from public.batches b where b.id = $1`,
    [batch],
  )
  expect(rows).toEqual([{ status: 'retired', retired: '10.00', decisions: 1 }])
})

test('credits are not lowered under a purchase that is made at the same moment', { timeout }, async () => {
  for (let round = 0; round < 10; round += 1) {
    const { batch } = await addOffer(cloud.owner)
    const [buyer] = buyers
    if (buyer === undefined) throw new Error('a session was opened')
    const [bought, lowered] = await Promise.all([
      refusalOf(buy(buyer, batch, '6', { p_idempotency_key: randomUUID() })),
      refusalOf(service.query('update public.batches set calculated_plastic_credits = 5 where id = $1', [batch])),
    ])
    expect([bought, lowered].filter((ending) => ending === 'done')).toHaveLength(1)
  }
})
