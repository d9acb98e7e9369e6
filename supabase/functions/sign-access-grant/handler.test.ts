import { createHash, generateKeyPairSync } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LocalCloud, startLocalCloud } from '../../../tools/local-cloud/index.ts'
import { addPerson } from '../../tests/support.ts'
import { readGrantSigner } from './grant-signer.ts'
import { handle } from './handler.ts'

const timeout = 180_000
const folder = mkdtempSync(path.join(os.tmpdir(), 'veridesk-grants-'))
chmodSync(folder, 0o711)
let cloud: LocalCloud
let owner: pg.Client
let auditor: string

beforeAll(async () => {
  cloud = await startLocalCloud({
    dataDirectory: folder,
    durable: false,
    migrationsDirectory: path.join(import.meta.dirname, '../../migrations'),
    functionSettings: {},
    jobs: false,
  })
  owner = new pg.Client({ connectionString: cloud.databaseUrl })
  await owner.connect()
  auditor = await addPerson(owner, { role: 'verifier', subRole: 'accredited_auditor' })
}, timeout)
afterAll(async () => {
  await owner.end()
  await cloud.stop()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

const newGrant = async (): Promise<string> => {
  const { rows } = await owner.query<{ id: string }>(
    `insert into public.access_grants (user_id, kind, subject, valid_from, valid_until)
     values ($1, 'accreditation', '{"standards": ["APRS"], "body": "Ålesund Service", "number": "1"}', now(), now() + interval '1 year')
     returning id`,
    [auditor],
  )
  return rows[0]?.id ?? ''
}
const stored = async (id: string) =>
  (
    await owner.query<{ body: string; key_id: string | null; signature: string | null; public_key: string | null }>(
      `select g.body, g.key_id, g.signature, k.public_key from public.access_grants g
       left join public.grant_keys k on k.key_id = g.key_id where g.id = $1`,
      [id],
    )
  ).rows[0]
const call = (key: string, method = 'POST') =>
  fetch(`${cloud.url}/functions/v1/sign-access-grant`, {
    method,
    headers: { apikey: key, authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(method === 'POST' ? { body: '{}' } : {}),
  })

test('every grant that waits is signed once, with the key of the data directory, over its very text', {
  timeout,
}, async () => {
  const ids = [await newGrant(), await newGrant()]
  const first = await call(cloud.secretKey)
  expect([first.status, await first.json()]).toEqual([200, { success: true, signed: 2 }])
  expect(await (await call(cloud.secretKey)).json()).toEqual({ success: true, signed: 0 })
  for (const id of ids) {
    const grant = await stored(id)
    const spki = Buffer.from(grant?.public_key ?? '', 'base64')
    expect(createHash('sha256').update(spki).digest('hex').slice(0, 16)).toBe(grant?.key_id)
    const key = await crypto.subtle.importKey('spki', spki, 'Ed25519', false, ['verify'])
    const signature = Buffer.from(grant?.signature ?? '', 'base64')
    const text = new TextEncoder().encode(grant?.body)
    expect(await crypto.subtle.verify('Ed25519', key, signature, text)).toBe(true)
    text[10] = (text[10] ?? 0) ^ 1
    expect(await crypto.subtle.verify('Ed25519', key, signature, text)).toBe(false)
  }
  expect(statSync(path.join(folder, 'grant-signing-key')).mode & 0o777).toBe(0o600)
})

test('calls at once sign each grant once', { timeout }, async () => {
  const ids = await Promise.all([1, 2, 3, 4, 5].map(newGrant))
  const answers = await Promise.all([1, 2, 3].map(async () => (await call(cloud.secretKey)).json()))
  expect(answers.reduce((sum: number, { signed }: { signed: number }) => sum + signed, 0)).toBe(5)
  for (const id of ids) expect((await stored(id))?.signature).not.toBeNull()
})

test('nobody but the service has grants signed', { timeout }, async () => {
  const id = await newGrant()
  expect((await call(cloud.publishableKey)).status).toBe(401)
  const environment = { SUPABASE_URL: cloud.url, SUPABASE_ANON_KEY: 'anon', SUPABASE_SERVICE_ROLE_KEY: 'service' }
  const request = (token: string, method = 'POST') =>
    new Request('http://function/', { method, headers: { authorization: `Bearer ${token}` } })
  expect((await handle(request('a-person'), environment)).status).toBe(403)
  expect((await handle(request('service', 'GET'), environment)).status).toBe(405)
  expect((await handle(request('service', 'OPTIONS'), environment)).status).toBe(204)
  expect((await stored(id))?.signature).toBeNull()
})

test('without a key, or with one of another kind, nothing is signed and what is missing is said', {
  timeout,
}, async () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'der' })
  for (const key of ['', 'no base64!', 'AAAA', rsa.toString('base64')]) {
    expect(await readGrantSigner(key)).toBeNull()
    const answer = await handle(
      new Request('http://function/', { method: 'POST', headers: { authorization: 'Bearer service' } }),
      { SUPABASE_URL: cloud.url, SUPABASE_SERVICE_ROLE_KEY: 'service', GRANT_SIGNING_KEY: key },
    )
    expect([answer.status, await answer.json()]).toMatchObject([503, { code: 'not_configured' }])
  }
})

test('a key that the register does not know signs nothing', { timeout }, async () => {
  const id = await newGrant()
  const stranger = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64')
  const answer = await handle(
    new Request('http://function/', { method: 'POST', headers: { authorization: `Bearer ${cloud.secretKey}` } }),
    {
      SUPABASE_URL: cloud.url,
      SUPABASE_ANON_KEY: cloud.publishableKey,
      SUPABASE_SERVICE_ROLE_KEY: cloud.secretKey,
      GRANT_SIGNING_KEY: stranger,
    },
  )
  expect([answer.status, await answer.json()]).toMatchObject([422, { code: 'unknown_key' }])
  expect(await stored(id)).toMatchObject({ key_id: null, signature: null })
})
