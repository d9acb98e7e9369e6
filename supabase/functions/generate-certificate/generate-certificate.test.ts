import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addOffer } from '../../tests/credits.ts'
import { SERVER_TEST_MS } from '../../tests/support.ts'
import { callBack, invoke, startTrading, type Trader, type TradingCloud } from '../../tests/trading.ts'
import { certificatePdf } from './certificate-pdf.ts'
import { notoSansRegular } from './fonts/noto-sans-regular.ts'
import { notoSansSemiBold } from './fonts/noto-sans-semi-bold.ts'
import type { RetirementFacts } from './retirement-facts.ts'

const timeout = SERVER_TEST_MS
let trading: TradingCloud
let buyer: Trader
let stranger: Trader
beforeAll(async () => {
  trading = await startTrading({ REGISTRY_URL: 'https://registry.example.org/' })
  buyer = await trading.register('buyer', 'Łukasz 王')
  stranger = await trading.register('buyer')
}, timeout)
afterAll(() => trading.stop(), timeout)

/** Buys and retires, and gives what the source's client would send for a certificate. */
const retire = async (): Promise<Record<string, unknown>> => {
  const { batch } = await addOffer(trading.owner)
  const { data: purchase } = await buyer.client.rpc('create_purchase', {
    p_batch: batch,
    p_amount: 5,
    p_payment_method: 'card',
    p_idempotency_key: randomUUID(),
  })
  const payment = await invoke(
    buyer.client,
    'create-payment',
    { buyer_id: buyer.id, batch_id: batch, amount: 3, price_per_credit: 12.5, payment_method: 'card' },
    { 'Idempotency-Key': randomUUID() },
  )
  expect(purchase.payment_status).toBe('pending')
  await callBack(trading.cloud, { transaction_id: payment.body.transaction_id, payment_status: 'completed' })
  const { data: retirement } = await buyer.client.rpc('retire_credits', {
    p_batch: batch,
    p_plastic: 2.5,
    p_carbon: 0,
    p_reason: 'Packaging of 2026',
    p_idempotency_key: randomUUID(),
  })
  const { data: summary } = await buyer.client.from('batch_summary_view').select().eq('id', batch).single()
  return {
    certificateId: retirement.certificate_id,
    batchId: batch,
    batchHash: summary.batch_hash,
    retirementDate: retirement.retirement_date,
    retirementId: retirement.id,
    buyerName: 'Łukasz 王',
    plasticCredits: 2.5,
    carbonCredits: 0,
    projectName: summary.project_name,
    recyclerName: summary.recycler_name,
    projectLocation: summary.project_location,
    standard: summary.standard,
    registryUrl: 'https://forged.example.org',
  }
}
const ask = (trader: Trader, data: Readonly<Record<string, unknown>>) =>
  invoke(trader.client, 'generate-certificate', { certificate_data: data })
const textOf = async (bytes: Uint8Array): Promise<string> => {
  const document = await getDocument({ data: bytes.slice(), useSystemFonts: false }).promise
  const page = await document.getPage(1)
  const { items } = await page.getTextContent()
  expect(document.numPages).toBe(1)
  return items
    .map((item) => ('str' in item ? item.str : ''))
    .join(' ')
    .replace(/\s+/g, ' ')
}

test('a buyer gets the certificate of a retirement, once, and nobody else does', { timeout }, async () => {
  const data = await retire()
  expect(await ask(stranger, data)).toMatchObject({ status: 404, body: { success: false, code: 'not_found' } })
  const first = await ask(buyer, data)
  const name = `retirements/${buyer.id}/${data.certificateId}.pdf`
  expect(first).toEqual({
    status: 200,
    body: {
      success: true,
      certificate_url: `${trading.cloud.url}/storage/v1/object/authenticated/certificates/${name}`,
    },
  })
  expect(await ask(buyer, data)).toEqual(first)
  const file = await buyer.client.storage.from('certificates').download(name)
  const text = await textOf(new Uint8Array(await (file.data ?? new Blob()).arrayBuffer()))
  for (const wanted of [
    'Retirement certificate',
    String(data.certificateId),
    '2.50',
    'Łukasz �',
    'Shore cleaning',
    'It is no verification statement',
    `https://registry.example.org/retirements/${data.certificateId}`,
  ])
    expect(text).toContain(wanted)
  expect(text).not.toContain('forged')
  const { data: row } = await buyer.client
    .from('credit_retirements')
    .select('certificate_url')
    .eq('id', data.retirementId)
    .single()
  expect(first.body.certificate_url).toBe(`${trading.cloud.url}${row?.certificate_url}`)
  const byUrl = await fetch(String(first.body.certificate_url))
  expect(byUrl.ok, 'without a token').toBe(false)
  expect((await stranger.client.storage.from('certificates').download(name)).data).toBeNull()
  expect((await stranger.client.storage.from('certificates').createSignedUrl(name, 60)).data).toBeNull()
  expect((await stranger.client.storage.from('certificates').list(`retirements/${buyer.id}`)).data).toEqual([])
  const forged = await buyer.client.storage
    .from('certificates')
    .upload(name, 'x', { contentType: 'application/pdf', upsert: true })
  expect(forged.error).not.toBeNull()
})

test('a request that says something else than the register is refused and makes nothing', { timeout }, async () => {
  const data = await retire()
  const cases: Readonly<Record<string, unknown>> = {
    plasticCredits: 250,
    carbonCredits: 1,
    buyerName: 'Somebody else',
    projectName: 'x',
    standard: 'ARCS',
    batchHash: 'x',
    batchId: randomUUID(),
    retirementDate: '2020-01-01',
    recyclerName: 'x',
    recyclerOrganization: 'x',
    projectLocation: 'x',
    buyerOrganization: 'x',
    certificateId: 'RET-1',
  }
  for (const [field, value] of Object.entries(cases)) {
    const { status, body } = await ask(buyer, { ...data, [field]: value })
    expect([status, body.code], field).toEqual([422, 'certificate_data_mismatch'])
    expect(body.error).toContain(field)
  }
  const { rows } = await trading.owner.query('select certificate_url from public.credit_retirements where id = $1', [
    data.retirementId,
  ])
  expect(rows).toEqual([{ certificate_url: null }])
  for (const bad of [{}, { ...data, retirementId: 'x' }])
    expect(await ask(buyer, bad)).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
  expect(await ask(buyer, { ...data, retirementId: randomUUID() })).toMatchObject({ status: 404 })
})

test('calls at the same moment make one certificate', { timeout }, async () => {
  const data = await retire()
  const answers = await Promise.all(Array.from({ length: 6 }, () => ask(buyer, data)))
  expect(new Set(answers.map(({ body }) => body.certificate_url)).size).toBe(1)
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200])
})

const facts: RetirementFacts = {
  retirement_id: '7c0f0c1a-1d6c-4b9d-8a52-0a6f8a1b2c3d',
  certificate_id: 'RET-APRS-2026-8F3A0C11D2E4B596',
  certificate_url: null,
  retirement_date: '2026-11-20',
  retirement_reason: null,
  created_at: '2026-11-20T10:00:00.000Z',
  plastic_credits: '99999999.99',
  carbon_credits: '0.00',
  buyer_id: '8c0f0c1a-1d6c-4b9d-8a52-0a6f8a1b2c3d',
  buyer_name: 'Ann',
  buyer_organization: null,
  batch_id: '9c0f0c1a-1d6c-4b9d-8a52-0a6f8a1b2c3d',
  batch_hash: 'BATCH-0123456789abcdef0123456789abcdef',
  standard: 'APRS',
  project_name: 'Shore cleaning',
  project_location: 'Mombasa',
  recycler_name: 'Works',
  recycler_organization: null,
}

test('the typefaces are those of the other documents', () => {
  for (const [file, text] of [
    ['NotoSans-Regular.ttf', notoSansRegular],
    ['NotoSans-SemiBold.ttf', notoSansSemiBold],
  ] as const)
    expect(
      readFileSync(path.join(import.meta.dirname, '../../../resources/fonts', file)).toString('base64') === text,
    ).toBe(true)
})

test('equal facts give equal bytes', async () => {
  expect(await certificatePdf(facts, 'https://example.org/1')).toEqual(
    await certificatePdf(facts, 'https://example.org/1'),
  )
})

test('names of every script are shown or replaced, never misspelled, and stand in full in the properties', async () => {
  const names = [
    'Ωmega Żółć Đặng',
    'Юлия',
    '王小明',
    'شركة النخيل',
    '🌊 GmbH',
    'e\u0301\n\u202Ex',
    '\uD800',
    'W'.repeat(500),
    '',
  ]
  for (const name of names) {
    const bytes = await certificatePdf({ ...facts, buyer_name: name }, 'https://example.org/1')
    const text = await textOf(bytes)
    if (/^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic} ]{1,40}$/u.test(name)) expect(text).toContain(name)
    else if (name.length < 40 && name !== '' && !name.startsWith('e')) expect(text, name).toContain('\uFFFD')
    const { info } = await (await getDocument({ data: bytes.slice() }).promise).getMetadata()
    if (name.length < 40 && name.isWellFormed()) expect((info as { Subject?: string }).Subject, name).toContain(name)
  }
})
