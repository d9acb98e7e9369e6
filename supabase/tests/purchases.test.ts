import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addOffer, allowManyPurchases, buy, buyAndPay, type Purchase, refusalOf, retire, settle } from './credits.ts'
import { addPerson, type Cloud, SERVER_TEST_MS, SERVICE, type Session, startCloud } from './support.ts'

const timeout = SERVER_TEST_MS
let cloud: Cloud
let buyer: Session
let stranger: Session
let service: Session
beforeAll(async () => {
  cloud = await startCloud()
  await allowManyPurchases(cloud.owner)
  buyer = await cloud.openAs(await addPerson(cloud.owner, { role: 'buyer' }))
  stranger = await cloud.openAs(await addPerson(cloud.owner, { role: 'buyer' }))
  service = await cloud.openAs(SERVICE)
}, timeout)
afterAll(() => cloud.stop())

const totals = async (project: string): Promise<unknown> => {
  const { rows } = await cloud.owner.query(
    'select total_credits_generated as generated, total_credits_sold as sold from public.projects where id = $1',
    [project],
  )
  return rows[0]
}
const offer = (batch: string, session = buyer): Promise<Record<string, unknown>> =>
  session.call('credit_offer', { p_batch: batch })
/** Ends the reservation of a purchase, as half an hour does. */
const lapse = (purchase: Purchase): Promise<unknown> =>
  cloud.owner.query(`update public.credit_purchases set reserved_until = now() - interval '1 second' where id = $1`, [
    purchase.id,
  ])

test('a purchase is made at the price of the moment and reserves its credits', { timeout }, async () => {
  const { batch, project } = await addOffer(cloud.owner, { price: '12.50' })
  const made = await buy(buyer, batch, '2.5')
  expect(made).toMatchObject({
    amount: '2.50',
    price_per_credit: '12.50',
    total_amount: '31.25',
    payment_status: 'pending',
    repeated: false,
  })
  expect(await offer(batch, stranger)).toMatchObject({
    credits: '10.00',
    credits_left: '7.50',
    price_per_credit: '12.50',
    for_sale: true,
  })
  await cloud.owner.query('update public.projects set credit_price = 99 where id = $1', [project])
  expect((await settle(service, made, 'completed')).price_per_credit).toBe('12.50')
  expect(await refusalOf(buy(buyer, batch, '1', { p_expected_price: '12.50' }))).toBe('price_changed')
  expect((await buy(buyer, batch, '1', { p_expected_price: '99' })).total_amount).toBe('99.00')
})

test.each([
  ['0.05', '0.50', '0.02'],
  ['0.15', '0.50', '0.08'],
  ['0.03', '0.50', '0.02'],
  ['3.33', '3.33', '11.09'],
  ['0.07', '1.50', '0.10'],
])('%s credits at %s cost %s, a half to the even hundredth', async (amount, price, total) => {
  const { batch } = await addOffer(cloud.owner, { price })
  expect((await buy(buyer, batch, amount)).total_amount).toBe(total)
})

test.each(['0', '-1', '0.001', '1.005', 'NaN', 'Infinity', '100000000', null])('%s is no amount', async (amount) => {
  const { batch } = await addOffer(cloud.owner)
  expect(
    await refusalOf(
      buyer.call('create_purchase', {
        p_batch: batch,
        p_amount: amount,
        p_payment_method: 'card',
        p_idempotency_key: randomUUID(),
      }),
    ),
  ).toBe('invalid_amount')
})

test('what rounds to nothing is not sold', async () => {
  const { batch } = await addOffer(cloud.owner, { price: '0.50' })
  expect(await refusalOf(buy(buyer, batch, '0.01'))).toBe('invalid_amount')
})

test('only verified credits with a price of an active project are sold, and only to buyers', { timeout }, async () => {
  for (const status of ['pending', 'under_review', 'approved', 'rejected'])
    expect(await refusalOf(buy(buyer, (await addOffer(cloud.owner, { status })).batch, '1')), status).toBe('not_found')
  expect(await refusalOf(buy(buyer, randomUUID(), '1'))).toBe('not_found')
  for (const price of [null, '0'])
    expect(await refusalOf(buy(buyer, (await addOffer(cloud.owner, { price })).batch, '1'))).toBe('not_for_sale')
  const { batch, project, recycler } = await addOffer(cloud.owner)
  expect(await refusalOf(buy(await cloud.openAs(recycler), batch, '1'))).toBe('not_allowed')
  await cloud.owner.query(`update public.projects set status = 'suspended' where id = $1`, [project])
  expect(await refusalOf(buy(buyer, batch, '1'))).toBe('not_for_sale')
  expect(await offer(batch)).toMatchObject({ for_sale: false })
})

test('the same key is the same purchase, and of another one it is refused', { timeout }, async () => {
  const { batch, project } = await addOffer(cloud.owner)
  const other = await addOffer(cloud.owner)
  const key = { p_idempotency_key: 'once' }
  const first = await buy(buyer, batch, '4', key)
  await cloud.owner.query('update public.projects set credit_price = 1 where id = $1', [project])
  expect(await buy(buyer, batch, '4.00', key)).toEqual({ ...first, repeated: true })
  expect(await refusalOf(buy(buyer, batch, '5', key))).toBe('idempotency_conflict')
  expect(await refusalOf(buy(buyer, other.batch, '4', key))).toBe('idempotency_conflict')
  expect(await refusalOf(buy(buyer, batch, '4', { ...key, p_payment_method: 'transfer' }))).toBe('idempotency_conflict')
  expect((await buy(stranger, batch, '4', key)).id).not.toBe(first.id)
  expect(await refusalOf(buy(buyer, batch, '1', { p_idempotency_key: '' }))).toBe('idempotency_key_missing')
})

test('a reservation that was not paid gives its credits back', { timeout }, async () => {
  const { batch } = await addOffer(cloud.owner)
  const first = await buy(buyer, batch, '10')
  expect(await refusalOf(buy(stranger, batch, '0.01'))).toBe('not_enough_credits')
  await lapse(first)
  expect(await offer(batch)).toMatchObject({ credits_left: '10.00' })
  expect((await buy(stranger, batch, '10')).payment_status).toBe('pending')
  expect(await service.call('expire_purchases')).toBe(1)
  expect(await service.call('expire_purchases')).toBe(0)
  const [row] = await buyer.query('select payment_status, failure_reason from public.credit_purchases where id = $1', [
    first.id,
  ])
  expect(row).toEqual({ payment_status: 'failed', failure_reason: 'expired' })
})

test('a payment that comes late is completed while there are credits', { timeout }, async () => {
  for (const marked of [false, true]) {
    const { batch } = await addOffer(cloud.owner)
    const late = await buy(buyer, batch, '6')
    await lapse(late)
    if (marked) await service.call('expire_purchases')
    await buyAndPay(stranger, service, batch, '4')
    expect(await settle(service, late, 'completed'), `marked ${marked}`).toMatchObject({
      payment_status: 'completed',
      failure_reason: null,
      refund_due: false,
    })
  }
})

test('a payment that comes too late is to be given back, and never oversells', { timeout }, async () => {
  const { batch, project } = await addOffer(cloud.owner)
  const late = await buy(buyer, batch, '6')
  await lapse(late)
  await buyAndPay(stranger, service, batch, '5')
  const failed = await settle(service, late, 'completed')
  expect(failed).toMatchObject({ payment_status: 'failed', failure_reason: 'sold_out', refund_due: true })
  expect(await settle(service, late, 'completed')).toMatchObject({ payment_status: 'failed', refund_due: true })
  expect(await totals(project)).toEqual({ generated: '10.00', sold: '5.00' })
  const { rows } = await cloud.owner.query(
    `select payload from private.job_queue where idempotency_key = 'purchase.refund:' || $1`,
    [late.id],
  )
  expect(rows).toEqual([{ payload: { transaction_id: `t-${late.id}` } }])
  expect(await settle(service, late, 'refunded')).toMatchObject({ payment_status: 'refunded', refund_due: false })
})

test('a payment goes one way, and repeating what became of it changes nothing', { timeout }, async () => {
  const { batch, project } = await addOffer(cloud.owner)
  const made = await buy(buyer, batch, '4')
  expect(await refusalOf(settle(service, made, 'refunded'))).toBe('already_settled')
  const completed = await settle(service, made, 'completed')
  expect(await settle(service, made, 'completed')).toEqual(completed)
  expect(await totals(project)).toEqual({ generated: '10.00', sold: '4.00' })
  expect(await refusalOf(settle(service, made, 'failed'))).toBe('already_settled')
  const refunded = await settle(service, made, 'refunded')
  expect(await settle(service, made, 'refunded')).toEqual(refunded)
  expect(await totals(project)).toEqual({ generated: '10.00', sold: '0.00' })
  expect(await refusalOf(settle(service, made, 'completed'))).toBe('already_settled')
  const declined = await buy(buyer, batch, '1')
  expect(await settle(service, declined, 'failed')).toMatchObject({ failure_reason: 'declined' })
  expect(await refusalOf(settle(service, declined, 'refunded'))).toBe('already_settled')
  expect(await refusalOf(settle(service, declined, 'pending'))).toBe('invalid_request')
})

test('a callback is acted on once, and is not used up by a failure', { timeout }, async () => {
  const { batch } = await addOffer(cloud.owner)
  const made = await buy(buyer, batch, '1')
  const callback = (status: string) =>
    service.call('settle_purchase', {
      p_transaction_id: `t-${made.id}`,
      p_payment_status: status,
      p_callback_signature: 'ab'.repeat(32),
    })
  expect(await refusalOf(callback('completed'))).toBe('not_found')
  await service.call('name_transaction', { p_purchase: made.id, p_transaction_id: `t-${made.id}` })
  expect(await refusalOf(callback('refunded'))).toBe('already_settled')
  expect(await callback('completed')).toMatchObject({ payment_status: 'completed' })
  expect(await refusalOf(callback('completed'))).toBe('replayed')
})

test('a transaction belongs to one purchase and stays', { timeout }, async () => {
  const { batch } = await addOffer(cloud.owner)
  const [first, second] = [await buy(buyer, batch, '1'), await buy(buyer, batch, '1')]
  const name = (purchase: Purchase, transaction: string): Promise<Purchase> =>
    service.call('name_transaction', { p_purchase: purchase.id, p_transaction_id: transaction })
  expect((await name(first, 'one')).transaction_id).toBe('one')
  expect((await name(first, 'two')).transaction_id).toBe('one')
  expect(await refusalOf(name(second, 'one'))).toBe('transaction_taken')
})

test('credits that were retired are not refunded', { timeout }, async () => {
  const { batch } = await addOffer(cloud.owner)
  const [first, second] = [await buyAndPay(buyer, service, batch, '4'), await buyAndPay(buyer, service, batch, '4')]
  await retire(buyer, batch, '3')
  expect((await settle(service, first, 'refunded')).payment_status).toBe('refunded')
  expect(await refusalOf(settle(service, second, 'refunded'))).toBe('already_retired')
})

test('a buyer reserves at most twenty times at once', { timeout }, async () => {
  const hoarder = await cloud.openAs(await addPerson(cloud.owner, { role: 'buyer' }))
  const { batch } = await addOffer(cloud.owner)
  for (let made = 0; made < 20; made += 1) await buy(hoarder, batch, '0.01')
  expect(await refusalOf(buy(hoarder, batch, '0.01'))).toBe('too_many_pending')
})

test('a buyer who asks too often is told when to ask again', { timeout }, async () => {
  const { batch } = await addOffer(cloud.owner)
  const eager = await cloud.openAs(await addPerson(cloud.owner, { role: 'buyer' }))
  await cloud.owner.query(`update public.rate_limits set max_requests = 2 where endpoint = 'create_purchase'`)
  expect(await refusalOf(buy(eager, batch, '1'))).toBe('done')
  expect(await refusalOf(buy(eager, batch, '1'))).toBe('done')
  expect(await refusalOf(buy(eager, batch, '1'))).toBe('rate_limited')
  await allowManyPurchases(cloud.owner)
})
