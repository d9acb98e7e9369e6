import { afterAll, beforeAll, expect, test } from 'vitest'
import { addOffer, allowManyPurchases, buy, buyAndPay, refusalOf, retire, settle } from './credits.ts'
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

test('the limits hold for whoever writes past the functions', { timeout }, async () => {
  const { batch, recycler, project } = await addOffer(cloud.owner)
  const other = await addOffer(cloud.owner, { recycler, project })
  const waiting = await addOffer(cloud.owner, { recycler, project, status: 'approved' })
  const people = [await addPerson(cloud.owner, { role: 'buyer' }), await addPerson(cloud.owner, { role: 'buyer' })]
  const insert = (amounts: readonly (readonly [string, string])[], status = 'completed') =>
    service.query(
      `insert into public.credit_purchases (buyer_id, batch_id, amount, price_per_credit, total_amount, payment_status)
       select $1, b, a, 1, a, $2 from unnest($3::uuid[], $4::numeric[]) t (b, a) returning id`,
      [people[0], status, amounts.map(([id]) => id), amounts.map(([, amount]) => amount)],
    )
  expect(await refusalOf(insert([[waiting.batch, '1']]))).toBe('not_enough_credits')
  expect(
    await refusalOf(
      insert([
        [batch, '6'],
        [other.batch, '1'],
        [batch, '5'],
      ]),
    ),
  ).toBe('not_enough_credits')
  expect(await refusalOf(insert([[batch, '11']], 'pending'))).toBe('not_enough_credits')
  await insert([
    [batch, '6'],
    [other.batch, '1'],
  ])
  await insert([[batch, '5']], 'failed')
  expect(await totals(project)).toEqual({ generated: '20.00', sold: '7.00' })
  expect(
    await refusalOf(
      service.query(`update public.credit_purchases set payment_status = 'completed' where batch_id = $1`, [batch]),
    ),
  ).toBe('not_enough_credits')
  for (const change of [
    `amount = 1, total_amount = 1`,
    `buyer_id = '${people[1]}'`,
    `price_per_credit = 2, total_amount = 12`,
    `payment_status = 'pending'`,
  ])
    expect(
      await refusalOf(
        service.query(
          `update public.credit_purchases set ${change} where batch_id = $1 and payment_status = 'completed'`,
          [batch],
        ),
      ),
      change,
    ).toBe('immutable')
  for (const verb of ['delete from public.credit_purchases', 'truncate public.credit_purchases'])
    expect(await refusalOf(service.query(verb)), verb).toBe('immutable')
  expect(
    await refusalOf(
      service.query(
        `insert into public.credit_purchases (buyer_id, batch_id, amount, price_per_credit, total_amount) values ($1, $2, 1, 1.5, 2)`,
        [people[0], batch],
      ),
    ),
  ).toBe('23514')
  expect(
    await refusalOf(
      service.query(
        `insert into public.credit_purchases (buyer_id, batch_id, amount, price_per_credit, total_amount) values ($1, $2, 'NaN', 1, 'NaN')`,
        [people[0], batch],
      ),
    ),
  ).toBe('23514')
})

test('the credits of a batch never fall under what is sold, reserved or retired of it', { timeout }, async () => {
  const { batch, project } = await addOffer(cloud.owner, { plastic: '10', carbon: '5' })
  await buyAndPay(buyer, service, batch, '6')
  const reserved = await buy(stranger, batch, '2')
  await retire(buyer, batch, '1', '4')
  const set = (plastic: string, carbon: string) =>
    service.query(
      'update public.batches set calculated_plastic_credits = $2, calculated_carbon_credits = $3 where id = $1',
      [batch, plastic, carbon],
    )
  expect(await refusalOf(set('3.99', '4'))).toBe('credits_sold')
  expect(await refusalOf(set('10', '3.99'))).toBe('credits_sold')
  expect(await refusalOf(set('0.99', '10'))).toBe('credits_sold')
  expect(await refusalOf(service.query(`update public.batches set status = 'rejected' where id = $1`, [batch]))).toBe(
    'credits_sold',
  )
  await set('4', '4')
  expect(await totals(project)).toEqual({ generated: '8.00', sold: '6.00' })
  await settle(service, reserved, 'failed')
  await set('2', '4')
})
