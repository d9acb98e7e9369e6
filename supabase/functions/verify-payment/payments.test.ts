import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addOffer } from '../../tests/credits.ts'
import { SERVER_TEST_MS } from '../../tests/support.ts'
import { CALLBACK_SECRET, callBack, invoke, startTrading, type Trader, type TradingCloud } from '../../tests/trading.ts'
import { type ClaimedJob, runJob } from '../_shared/run-job.ts'
import { signMessage } from '../_shared/signed-message.ts'
import { handle as createPayment } from '../create-payment/handler.ts'

const timeout = SERVER_TEST_MS
let trading: TradingCloud
let buyer: Trader
let stranger: Trader
beforeAll(async () => {
  trading = await startTrading()
  buyer = await trading.register('buyer')
  stranger = await trading.register('buyer')
}, timeout)
afterAll(() => trading.stop(), timeout)

const order = (batch: string, changes: Readonly<Record<string, unknown>> = {}) => ({
  buyer_id: buyer.id,
  batch_id: batch,
  amount: 2.5,
  price_per_credit: 12.5,
  payment_method: 'card',
  ...changes,
})
const pay = (
  batch: string,
  changes: Readonly<Record<string, unknown>> = {},
  key: string = randomUUID(),
  trader = buyer,
) => invoke(trader.client, 'create-payment', order(batch, changes), { 'Idempotency-Key': key })
const begin = async (batch: string, amount = 2.5): Promise<string> => {
  const { status, body } = await pay(batch, { amount })
  expect(status).toBe(201)
  return String(body.transaction_id)
}
const completed = (transaction: string) => ({ transaction_id: transaction, payment_status: 'completed' })
const rowsOf = async (batch: string) =>
  (
    await trading.owner.query(
      'select payment_status as status, amount, total_amount as total from public.credit_purchases where batch_id = $1',
      [batch],
    )
  ).rows

test('a buyer buys, the provider confirms, and the buyer sees it', { timeout }, async () => {
  const { batch } = await addOffer(trading.owner)
  const { status, body } = await pay(batch)
  expect({ status, body }).toMatchObject({
    status: 201,
    body: {
      success: true,
      payment_status: 'pending',
      amount: '2.50',
      price_per_credit: '12.50',
      total_amount: '31.25',
    },
  })
  const transaction = String(body.transaction_id)
  const poll = (trader: Trader, claim = 'completed') =>
    invoke(trader.client, 'verify-payment', { transaction_id: transaction, payment_status: claim })
  expect(await poll(buyer)).toMatchObject({ status: 200, body: { payment_status: 'pending', expired: false } })
  expect(await rowsOf(batch), 'what the buyer claims counts for nothing').toEqual([
    { status: 'pending', amount: '2.50', total: '31.25' },
  ])
  expect(await poll(stranger)).toMatchObject({ status: 404, body: { success: false, code: 'not_found' } })
  expect(await callBack(trading.cloud, completed(transaction))).toMatchObject({
    status: 200,
    body: { success: true, payment_status: 'completed', refund_due: false },
  })
  expect(await poll(buyer, 'failed')).toMatchObject({ status: 200, body: { payment_status: 'completed' } })
  const { data } = await buyer.client.from('credit_purchases').select('payment_status').eq('batch_id', batch)
  expect(data).toEqual([{ payment_status: 'completed' }])
})

test('the same key answers with the same purchase, however often it is sent at once', { timeout }, async () => {
  const { batch } = await addOffer(trading.owner)
  const key = randomUUID()
  const answers = await Promise.all(Array.from({ length: 8 }, () => pay(batch, {}, key)))
  expect(new Set(answers.map(({ body }) => body.transaction_id)).size).toBe(1)
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 201])
  expect(await rowsOf(batch)).toHaveLength(1)
  expect(await pay(batch, { amount: 3 }, key)).toMatchObject({ status: 409, body: { code: 'idempotency_conflict' } })
  await callBack(trading.cloud, completed(String(answers[0]?.body.transaction_id)))
  expect(await pay(batch, {}, key)).toMatchObject({ status: 200, body: { payment_status: 'completed' } })
})

test('what was cut off after the reservation goes on with the same key', { timeout }, async () => {
  const { batch } = await addOffer(trading.owner)
  const key = randomUUID()
  const { data } = await buyer.client.rpc('create_purchase', {
    p_batch: batch,
    p_amount: '2.50',
    p_payment_method: 'card',
    p_idempotency_key: key,
  })
  expect(await pay(batch, {}, key)).toMatchObject({ status: 200, body: { transaction_id: `test_${data.id}` } })
})

test('a payment is refused with a reason that says what to do', { timeout }, async () => {
  const { batch } = await addOffer(trading.owner)
  const cases: [Readonly<Record<string, unknown>>, number, string][] = [
    [{ buyer_id: stranger.id }, 403, 'not_your_account'],
    [{ price_per_credit: 12.49 }, 409, 'price_changed'],
    [{ amount: 10.01 }, 409, 'not_enough_credits'],
    [{ batch_id: randomUUID() }, 404, 'not_found'],
    [{ batch_id: 'x' }, 400, 'invalid_request'],
    [{ amount: 0 }, 400, 'invalid_amount'],
    [{ amount: 0.1 + 0.2 }, 400, 'invalid_amount'],
    [{ amount: '1e3' }, 400, 'invalid_amount'],
    [{ amount: -1 }, 400, 'invalid_amount'],
    [{ price_per_credit: null }, 400, 'invalid_price'],
    [{ payment_method: '' }, 400, 'invalid_request'],
  ]
  for (const [changes, status, code] of cases)
    expect(await pay(batch, changes), JSON.stringify(changes)).toMatchObject({ status, body: { success: false, code } })
  expect(await invoke(buyer.client, 'create-payment', order(batch))).toMatchObject({
    status: 400,
    body: { code: 'idempotency_key_missing' },
  })
  const recycler = await trading.register('recycler')
  expect(await pay(batch, { buyer_id: recycler.id }, randomUUID(), recycler)).toMatchObject({
    status: 403,
    body: { code: 'not_allowed' },
  })
  expect(await rowsOf(batch)).toEqual([])
})

test('an expired reservation is told and needs a new key', { timeout }, async () => {
  const { batch } = await addOffer(trading.owner)
  const key = randomUUID()
  const { body } = await pay(batch, {}, key)
  await trading.owner.query(
    `update public.credit_purchases set reserved_until = now() - interval '1 s' where batch_id = $1`,
    [batch],
  )
  expect(await pay(batch, {}, key)).toMatchObject({ status: 409, body: { code: 'purchase_expired' } })
  expect(
    await invoke(buyer.client, 'verify-payment', { transaction_id: body.transaction_id, payment_status: 'completed' }),
  ).toMatchObject({ body: { payment_status: 'pending', expired: true } })
})

test('a callback that is not the provider’s, old, altered or sent again changes nothing', { timeout }, async () => {
  const { batch } = await addOffer(trading.owner)
  const transaction = await begin(batch)
  const now = Math.floor(Date.now() / 1000)
  const forgeries: [string, (text: string) => Promise<string> | string, string][] = [
    ['another secret', (text) => signMessage('another secret of some length', now, text), 'signature_wrong'],
    ['another body', () => signMessage(CALLBACK_SECRET, now, '{}'), 'signature_wrong'],
    [
      'a moved time',
      async (text) => (await signMessage(CALLBACK_SECRET, now, text)).replace(`${now}`, `${now - 1}`),
      'signature_wrong',
    ],
    ['too old', (text) => signMessage(CALLBACK_SECRET, now - 301, text), 'signature_too_old'],
    ['from the future', (text) => signMessage(CALLBACK_SECRET, now + 330, text), 'signature_too_old'],
    ['no signature', () => 'x', 'signature_malformed'],
  ]
  for (const [name, sign, code] of forgeries)
    expect(await callBack(trading.cloud, completed(transaction), sign), name).toMatchObject({
      status: 401,
      body: { code },
    })
  expect(await rowsOf(batch)).toMatchObject([{ status: 'pending' }])
  const signature = await signMessage(CALLBACK_SECRET, now, JSON.stringify(completed(transaction)))
  expect(await callBack(trading.cloud, completed(transaction), () => signature)).toMatchObject({ status: 200 })
  expect(await callBack(trading.cloud, completed(transaction), () => signature)).toMatchObject({
    status: 409,
    body: { code: 'replayed' },
  })
  expect(await callBack(trading.cloud, completed('unknown'))).toMatchObject({ status: 404 })
  expect(await callBack(trading.cloud, { transaction_id: transaction, payment_status: 'refunded' })).toMatchObject({
    status: 400,
    body: { code: 'invalid_request' },
  })
  const nobody = await fetch(`${trading.cloud.url}/functions/v1/verify-payment`, {
    method: 'POST',
    body: JSON.stringify(completed(transaction)),
  })
  expect(nobody.status).toBe(401)
})

test('money for credits that were gone is given back by the queue', { timeout }, async () => {
  const { batch } = await addOffer(trading.owner)
  const transaction = await begin(batch, 6)
  await trading.owner.query(
    `update public.credit_purchases set reserved_until = now() - interval '1 s' where batch_id = $1`,
    [batch],
  )
  const other = await begin(batch, 5)
  await callBack(trading.cloud, completed(other))
  expect(await callBack(trading.cloud, completed(transaction))).toMatchObject({
    status: 200,
    body: { payment_status: 'failed', failure_reason: 'sold_out', refund_due: true },
  })
  const environment = {
    SUPABASE_URL: trading.cloud.url,
    SUPABASE_ANON_KEY: trading.cloud.publishableKey,
    SUPABASE_SERVICE_ROLE_KEY: trading.cloud.secretKey,
  }
  const { rows: jobs } = await trading.owner.query<ClaimedJob>(
    `select id, kind, payload, 1 as attempts, max_attempts from private.job_queue where kind = 'purchase.refund'`,
  )
  expect(jobs).toHaveLength(1)
  for (const attempt of ['the first time', 'again'])
    for (const job of jobs) expect(await runJob(job, environment), attempt).toEqual({ state: 'done' })
  expect(await rowsOf(batch)).toContainEqual({ status: 'refunded', amount: '6.00', total: '75.00' })
  const expire = { id: randomUUID(), kind: 'purchase.expire', payload: {}, attempts: 1, max_attempts: 8 }
  expect(await runJob(expire, environment)).toEqual({ state: 'done' })
})

test('twelve buyers pay for the last credits through every layer at once', { timeout }, async () => {
  const { batch } = await addOffer(trading.owner)
  const buyers: Trader[] = []
  for (let index = 0; index < 12; index += 1) buyers.push(await trading.register('buyer'))
  const answers = await Promise.all(
    buyers.map((trader) => pay(batch, { buyer_id: trader.id, amount: 3 }, randomUUID(), trader)),
  )
  const won = answers.filter(({ status }) => status === 201)
  expect(won).toHaveLength(3)
  expect(new Set(answers.filter(({ status }) => status !== 201).map(({ body }) => body.code))).toEqual(
    new Set(['not_enough_credits']),
  )
})

test('without a provider, and with the test provider in production, nothing is sold', async () => {
  const { batch } = await addOffer(trading.owner)
  const token = `x.${btoa(JSON.stringify({ sub: buyer.id }))}.x`
  const ask = async (environment: Readonly<Record<string, string>>) => {
    const response = await createPayment(
      new Request('http://localhost/functions/v1/create-payment', {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'idempotency-key': 'k' },
        body: JSON.stringify(order(batch)),
      }),
      { SUPABASE_URL: 'http://127.0.0.1:1', SUPABASE_ANON_KEY: 'a', SUPABASE_SERVICE_ROLE_KEY: 's', ...environment },
    )
    return { status: response.status, code: (await response.json()).code }
  }
  const test = { PAYMENT_PROVIDER: 'test', PAYMENT_CALLBACK_SECRET: CALLBACK_SECRET }
  expect(await ask({})).toEqual({ status: 503, code: 'payments_not_set_up' })
  expect(await ask({ PAYMENT_PROVIDER: 'other' })).toEqual({ status: 503, code: 'payments_not_set_up' })
  expect(await ask({ ...test, PAYMENT_CALLBACK_SECRET: 'short' })).toEqual({ status: 503, code: 'payments_not_set_up' })
  expect(await ask({ ...test, VERIDESK_ENVIRONMENT: 'production' })).toEqual({
    status: 503,
    code: 'test_provider_in_production',
  })
  expect(await ask(test), 'gets as far as the database').toEqual({ status: 503, code: 'unavailable' })
})
