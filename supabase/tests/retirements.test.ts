import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addOffer, allowManyPurchases, buy, buyAndPay, refusalOf, retire } from './credits.ts'
import { addOrganization, addPerson, type Cloud, SERVER_TEST_MS, SERVICE, type Session, startCloud } from './support.ts'

const timeout = SERVER_TEST_MS
let cloud: Cloud
let buyerId: string
let buyer: Session
let stranger: Session
let service: Session
beforeAll(async () => {
  cloud = await startCloud()
  await allowManyPurchases(cloud.owner)
  buyerId = await addPerson(cloud.owner, { role: 'buyer' })
  buyer = await cloud.openAs(buyerId)
  stranger = await cloud.openAs(await addPerson(cloud.owner, { role: 'buyer' }))
  service = await cloud.openAs(SERVICE)
}, timeout)
afterAll(() => cloud.stop())

test('a buyer retires what they paid for, each credit once', { timeout }, async () => {
  const { batch } = await addOffer(cloud.owner)
  await buy(buyer, batch, '3')
  expect(await refusalOf(retire(buyer, batch, '1')), 'not paid yet').toBe('not_bought')
  await buyAndPay(buyer, service, batch, '4')
  expect(await refusalOf(retire(stranger, batch, '1')), 'a stranger').toBe('not_bought')
  const made = await retire(buyer, batch, '2.5')
  expect(made).toMatchObject({
    plastic_credits_retired: '2.50',
    carbon_credits_retired: '0.00',
    batch_status: 'verified',
  })
  expect(made.certificate_id).toMatch(/^RET-APRS-\d{4}-[0-9A-F]{16}$/)
  expect(await refusalOf(retire(buyer, batch, '1.51'))).toBe('not_bought')
  await retire(buyer, batch, '1.50')
  expect(await refusalOf(retire(buyer, batch, '0.01'))).toBe('not_bought')
})

test('who retires too often in a minute waits', { timeout }, async () => {
  const { batch } = await addOffer(cloud.owner)
  const person = await addPerson(cloud.owner, { role: 'buyer' })
  const eager = await cloud.openAs(person)
  await buyAndPay(eager, service, batch, '3')
  const before = await cloud.owner.query(
    `select max_requests from public.rate_limits where endpoint = 'retire_credits'`,
  )
  await cloud.owner.query(`update public.rate_limits set max_requests = 2 where endpoint = 'retire_credits'`)
  await retire(eager, batch, '1')
  await retire(eager, batch, '1')
  expect(await refusalOf(retire(eager, batch, '1'))).toBe('rate_limited')
  await cloud.owner.query(`update public.rate_limits set max_requests = $1 where endpoint = 'retire_credits'`, [
    before.rows[0].max_requests,
  ])
})

test('plastic and carbon are retired up to what the batch has of each', { timeout }, async () => {
  const { batch } = await addOffer(cloud.owner, { plastic: '2', carbon: '3' })
  await buyAndPay(buyer, service, batch, '5')
  expect(await refusalOf(retire(buyer, batch, '2.01'))).toBe('not_enough_credits')
  expect(await refusalOf(retire(buyer, batch, '0', '3.01'))).toBe('not_enough_credits')
  await retire(buyer, batch, '1', '3')
  expect(await refusalOf(retire(buyer, batch, '0', '0.01'))).toBe('not_enough_credits')
})

test('with its last credit the batch is retired by a decision of the buyer', { timeout }, async () => {
  const { batch, recycler } = await addOffer(cloud.owner, { plastic: '2', carbon: '1' })
  await buyAndPay(buyer, service, batch, '2')
  await buyAndPay(stranger, service, batch, '1')
  expect((await retire(buyer, batch, '2')).batch_status).toBe('verified')
  expect((await retire(stranger, batch, '0', '1')).batch_status).toBe('retired')
  const decisions = await (await cloud.openAs(recycler)).query(
    `select d.action, d.from_status, d.to_status, d.reason_code, d.content_hash = b.content_hash as bound
     from public.decisions d join public.batches b on b.id = d.batch_id where d.batch_id = $1`,
    [batch],
  )
  expect(decisions).toEqual([
    { action: 'retire', from_status: 'verified', to_status: 'retired', reason_code: 'retired', bound: true },
  ])
  expect(await refusalOf(buy(buyer, batch, '0.01'))).toBe('not_for_sale')
  expect(await refusalOf(retire(stranger, batch, '0', '0.01'))).toBe('not_bought')
})

test('the same key is the same retirement', { timeout }, async () => {
  const { batch } = await addOffer(cloud.owner)
  await buyAndPay(buyer, service, batch, '4')
  const key = { p_idempotency_key: 'once' }
  const first = await retire(buyer, batch, '2', '0', key)
  expect(await retire(buyer, batch, '2.00', '0', key)).toEqual({ ...first, repeated: true })
  expect(await refusalOf(retire(buyer, batch, '1', '0', key))).toBe('idempotency_conflict')
  expect(await refusalOf(retire(buyer, batch, '2', '0', { ...key, p_reason: 'Another' }))).toBe('idempotency_conflict')
})

test.each([
  ['0', '0'],
  ['-1', '2'],
  ['0.001', '0'],
  ['NaN', '0'],
  ['0', 'Infinity'],
])('%s plastic and %s carbon credits are no amount', async (plastic, carbon) => {
  const { batch } = await addOffer(cloud.owner)
  expect(await refusalOf(retire(buyer, batch, plastic, carbon))).toBe('invalid_amount')
})

test('retirements are for good, and only the certificate is added once', { timeout }, async () => {
  const { batch } = await addOffer(cloud.owner)
  await buyAndPay(buyer, service, batch, '4')
  const made = await retire(buyer, batch, '2')
  const named = (url: string): Promise<string> =>
    service.call('name_certificate', { p_retirement: made.id, p_certificate_url: url })
  expect(await named('/first.pdf')).toBe('/first.pdf')
  expect(await named('/second.pdf')).toBe('/first.pdf')
  for (const statement of [
    `update public.credit_retirements set certificate_url = '/forged.pdf'`,
    'update public.credit_retirements set plastic_credits_retired = 1',
    `update public.credit_retirements set retirement_reason = 'Another'`,
    'delete from public.credit_retirements',
    'truncate public.credit_retirements',
  ])
    expect(await refusalOf(service.query(statement)), statement).toBe('immutable')
  const insert = `insert into public.credit_retirements (buyer_id, batch_id, certificate_id, plastic_credits_retired, carbon_credits_retired, retirement_date)
                  values ($1, $2, $3, $4, 0, now())`
  expect(await refusalOf(service.query(insert, [buyerId, batch, randomUUID(), '2.01']))).toBe('not_bought')
  await service.query(insert, [buyerId, batch, randomUUID(), '2'])
})

test('a verification never names the file of a retirement as its certificate', { timeout }, async () => {
  const { batch } = await addOffer(cloud.owner)
  const digits = 'cd'.repeat(32)
  const issue = (objectPath: string) =>
    cloud.owner.query(
      `with d as (
         insert into public.decisions (id, batch_id, actor_id, action, from_status, to_status, reason_code, reason, content_hash, decided_at)
         values (gen_random_uuid(), $1, $2, 'verify', 'approved', 'verified', 'verified', '', $3, now()) returning id
       )
       insert into public.certificates (id, batch_id, decision_id, certificate_number, opinion, assurance_level, content_hash, object_path,
         sha256, byte_range_digest, byte_size, issued_by, claimed_at)
       select gen_random_uuid(), $1, d.id, $4, 'unmodified', 'limited', $3, $4, $3, $3, 10, $2, now() from d`,
      [batch, buyerId, digits, objectPath],
    )
  expect(await refusalOf(issue(`retirements/${buyerId}/RET-1.pdf`))).toBe('23514')
  expect(await refusalOf(issue(`${batch}/certificate.pdf`))).toBe('done')
})

test('the facts of a certificate are for its buyer and for the service', { timeout }, async () => {
  const { batch } = await addOffer(cloud.owner)
  await buyAndPay(buyer, service, batch, '4')
  const made = await retire(buyer, batch, '2')
  const ask = (session: Session): Promise<unknown> =>
    session.call('retirement_facts', { p_certificate_id: made.certificate_id })
  const facts = await ask(buyer)
  expect(facts).toMatchObject({ retirement_id: made.id, plastic_credits: '2.00', project_name: 'Shore cleaning' })
  expect(await ask(service)).toEqual(facts)
  expect(await refusalOf(ask(stranger))).toBe('not_found')
  expect(await refusalOf(service.call('retirement_facts', {}))).toBe('not_found')
})

test('purchases and retirements are read by their buyer, the recycler of the batch and the register', {
  timeout,
}, async () => {
  const { batch, recycler } = await addOffer(cloud.owner)
  await buyAndPay(buyer, service, batch, '4')
  await buyAndPay(stranger, service, batch, '1')
  await buy(stranger, batch, '2')
  await retire(buyer, batch, '2')
  const summary = async (session: Session) =>
    (
      await session.query(
        'select total_purchased, total_completed, total_retired from public.batch_summary_view where id = $1',
        [batch],
      )
    )[0]
  const admin = await cloud.openAs(await addPerson(cloud.owner, { role: 'admin' }))
  const all = { total_purchased: '7.00', total_completed: '5.00', total_retired: '2.00' }
  expect(await summary(admin)).toEqual(all)
  expect(await summary(await cloud.openAs(recycler))).toEqual(all)
  expect(await summary(buyer)).toEqual({ total_purchased: '4.00', total_completed: '4.00', total_retired: '2.00' })
  expect(await summary(stranger)).toEqual({ total_purchased: '3.00', total_completed: '1.00', total_retired: '0' })
  const otherRecycler = await cloud.openAs(await addPerson(cloud.owner, { role: 'recycler' }))
  const verifier = await cloud.openAs(await addPerson(cloud.owner, { role: 'verifier', subRole: 'desk_verifier' }))
  for (const session of [otherRecycler, verifier]) {
    expect(await summary(session)).toBeUndefined()
    for (const table of ['credit_purchases', 'credit_retirements'])
      expect(await session.query(`select id from public.${table} where batch_id = $1`, [batch]), table).toEqual([])
  }
})

test('whoever reads the register of one verification body reads the sales of its batches alone', {
  timeout,
}, async () => {
  const bodies = [await addOrganization(cloud.owner, 'One body'), await addOrganization(cloud.owner, 'Other body')]
  await cloud.owner.query(`update public.organizations set kind = 'verification_body' where id = any ($1)`, [bodies])
  const offers = [await addOffer(cloud.owner), await addOffer(cloud.owner)]
  for (const [index, { batch }] of offers.entries()) {
    await cloud.owner.query('update public.batches set verification_body_id = $2 where id = $1', [batch, bodies[index]])
    await buyAndPay(buyer, service, batch, '2')
    await retire(buyer, batch, '1')
  }
  for (const [index, organizationId] of bodies.entries())
    for (const facts of [
      { role: 'admin', organizationId } as const,
      { role: 'verifier', subRole: 'desk_verifier', organizationId, grants: ['compliance'] } as const,
    ]) {
      const bound = await cloud.openAs(await addPerson(cloud.owner, facts))
      for (const table of ['credit_purchases', 'credit_retirements'])
        expect(await bound.query(`select batch_id as batch from public.${table}`), table).toEqual([
          { batch: offers[index]?.batch },
        ])
      const [own, foreign] = index === 0 ? offers : offers.toReversed()
      expect(await refusalOf(bound.call('credit_offer', { p_batch: own?.batch }))).toBe('done')
      expect(await refusalOf(bound.call('credit_offer', { p_batch: foreign?.batch }))).toBe('not_found')
      expect(await refusalOf(bound.call('calculate_batch_credits', { batch_id: foreign?.batch }))).toBe('not_allowed')
    }
})

test('nobody writes purchases or retirements other than by the functions', { timeout }, async () => {
  const { batch } = await addOffer(cloud.owner)
  for (const statement of [
    `insert into public.credit_purchases (buyer_id, batch_id, amount, price_per_credit, total_amount) values ('${buyerId}', '${batch}', 1, 1, 1)`,
    `update public.credit_purchases set payment_status = 'completed'`,
    `insert into public.credit_retirements (buyer_id, batch_id, certificate_id, plastic_credits_retired, carbon_credits_retired, retirement_date) values ('${buyerId}', '${batch}', 'x', 1, 0, now())`,
    `select public.settle_purchase('x', 'completed')`,
    `select public.name_certificate('${batch}', 'x')`,
  ])
    expect(await refusalOf(buyer.query(statement)), statement).toBe('42501')
})

test('an administrator of the registry changes a rule, which counts for batches that are calculated afterwards', {
  timeout,
}, async () => {
  const admin = await cloud.openAs(await addPerson(cloud.owner, { role: 'admin' }))
  const body = await addOrganization(cloud.owner, 'Verification body')
  await cloud.owner.query(`update public.organizations set kind = 'verification_body' where id = $1`, [body])
  const bound = await cloud.openAs(await addPerson(cloud.owner, { role: 'admin', organizationId: body }))
  const change = (session: Session, plastic: string, carbon: string, standard = 'APRS'): Promise<unknown> =>
    session.call('change_credit_rule', { p_standard: standard, p_plastic_per_unit: plastic, p_carbon_per_unit: carbon })
  expect(await refusalOf(change(bound, '2', '0'))).toBe('not_allowed')
  expect(await refusalOf(change(buyer, '2', '0'))).toBe('not_allowed')
  for (const figure of ['-1', 'NaN', '0.001', 'Infinity'])
    expect(await refusalOf(change(admin, figure, '0')), figure).toBe('invalid_amount')
  expect(await refusalOf(change(admin, '1', '0', 'XYZ'))).toBe('invalid_request')
  expect(await change(admin, '0.05', '1')).toMatchObject({ plastic_per_unit: '0.05', version: 2 })
  const { rows } = await cloud.owner.query(
    `select new_values ->> 'plastic_per_unit' as plastic from public.audit_logs where table_name = 'credit_rules'`,
  )
  expect(rows).toEqual([{ plastic: '0.05' }])

  const figures = async (batch: string, tons: string) => {
    await cloud.owner.query('update public.batches set tons_or_kwh = $2 where id = $1', [batch, tons])
    await admin.call('calculate_batch_credits', { batch_id: batch })
    return (
      await cloud.owner.query(
        'select calculated_plastic_credits as p, calculated_carbon_credits as c from public.batches where id = $1',
        [batch],
      )
    ).rows[0]
  }
  const open = await addOffer(cloud.owner, { status: 'under_review' })
  expect(await figures(open.batch, '10.50'), 'a half goes to the even hundredth').toEqual({ p: '0.52', c: '10.50' })
  expect(await figures(open.batch, '10.30')).toEqual({ p: '0.52', c: '10.30' })
  const settled = await addOffer(cloud.owner)
  expect(await refusalOf(admin.call('calculate_batch_credits', { batch_id: settled.batch }))).toBe('settled')
  await buyAndPay(buyer, service, settled.batch, '10')
  await change(admin, '0.99', '0')
  expect(await refusalOf(service.call('calculate_batch_credits', { batch_id: settled.batch }))).toBe('credits_sold')
  await change(admin, '1', '0')
  expect(await refusalOf(admin.call('calculate_batch_credits', { batch_id: settled.batch }))).toBe('done')
})
