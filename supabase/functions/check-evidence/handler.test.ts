import { createHash, randomUUID } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { edgeFunctions } from '../../../tools/local-cloud/edge-functions.ts'
import { type LocalCloud, startLocalCloud } from '../../../tools/local-cloud/index.ts'
import { addBatches, addPerson, addProject, migrationsDirectory, SERVER_TEST_MS } from '../../tests/support.ts'

const timeout = SERVER_TEST_MS
const bucket = 'batch-photos'
const jpeg = Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3])
const page = new TextEncoder().encode('<html><script>alert(1)</script></html>')
let folder: string
let cloud: LocalCloud
let owner: pg.Client
let recycler: string
let batch: string
beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'veridesk-evidence-'))
  chmodSync(folder, 0o711)
  cloud = await startLocalCloud({
    dataDirectory: folder,
    migrationsDirectory,
    durable: false,
    functions: edgeFunctions,
    // Bytes that no check stands before, as on a storage that takes the client's word.
    seed: async ({ client, putObject }) => {
      const owner = await addPerson(client, { role: 'recycler' })
      await putObject({ bucket, name: 'seed/photo.jpg', bytes: jpeg, mediaType: 'image/jpeg', owner })
      await putObject({ bucket, name: 'seed/page.jpg', bytes: page, mediaType: 'image/jpeg', owner })
    },
  })
  owner = new pg.Client({ connectionString: cloud.databaseUrl })
  await owner.connect()
  recycler = await addPerson(owner, { role: 'recycler' })
  const [made = ''] = await addBatches(owner, await addProject(owner, recycler), 1)
  batch = made
}, timeout)
afterAll(async () => {
  await owner.end()
  await cloud.stop()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}, timeout)

const register = async (name: string, bytes: Uint8Array, facts: { size?: number; sha256?: string } = {}) => {
  const id = randomUUID()
  await owner.query(
    `insert into public.evidence_files (id, batch_id, bucket, object_path, sha256, byte_size, media_type, kind, title, uploaded_by)
     values ($1, $2, $3, $4, $5, $6, 'image/jpeg', 'photo', 'Bales', $7)`,
    [
      id,
      batch,
      bucket,
      name,
      facts.sha256 ?? createHash('sha256').update(bytes).digest('hex'),
      facts.size ?? bytes.length,
      recycler,
    ],
  )
  return id
}

const check = async (id: string, key = cloud.secretKey) => {
  const answer = await fetch(`${cloud.url}/functions/v1/check-evidence`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, apikey: key, 'content-type': 'application/json' },
    body: JSON.stringify({ evidence_file_id: id }),
  })
  return { status: answer.status, body: await answer.json() }
}

const eventsOf = async (id: string) =>
  (
    await owner.query<{ facts: object; severity: string }>(
      `select severity, facts from public.security_events where facts ->> 'evidence_file_id' = $1`,
      [id],
    )
  ).rows

test('a file that is what its row says is found so, and says nothing more', { timeout }, async () => {
  const id = await register('seed/photo.jpg', jpeg)
  expect(await check(id)).toEqual({ status: 200, body: { success: true, verdict: 'matches' } })
  expect(await eventsOf(id)).toEqual([])
  const { rows } = await owner.query(
    `select run_after > now() as later, payload from private.job_queue where kind = 'evidence.check'`,
  )
  expect(rows).toContainEqual({ later: true, payload: { evidence_file_id: id } })
})

test.each([
  ['another kind', 'seed/page.jpg', page, {}, 'wrong_type'],
  ['other bytes', 'seed/photo.jpg', jpeg, { sha256: 'ab'.repeat(32) }, 'wrong_content'],
  ['another size', 'seed/photo.jpg', jpeg, { size: 8 }, 'wrong_size'],
] as const)('a file of %s is a security event, once', { timeout }, async (_what, name, bytes, facts, verdict) => {
  const id = await register(name, bytes, facts)
  expect((await check(id)).body).toEqual({ success: true, verdict })
  await check(id)
  expect(await eventsOf(id)).toEqual([
    { severity: 'critical', facts: expect.objectContaining({ verdict, batch_id: batch }) },
  ])
})

test('a file that is not there yet is looked for again', { timeout }, async () => {
  const id = await register(`${recycler}/later.jpg`, jpeg)
  expect(await check(id)).toMatchObject({ status: 409, body: { code: 'file_missing' } })
  const { rows } = await owner.query('select verdict from public.evidence_checks where evidence_file_id = $1', [id])
  expect(rows).toEqual([{ verdict: 'missing' }])
  expect(await eventsOf(id)).toEqual([])
})

test('a path that leads out of its bucket is followed nowhere', { timeout }, async () => {
  for (const name of [
    `${recycler}/../seed/photo.jpg`,
    `${recycler}/../../${bucket}/seed/photo.jpg`,
    `${recycler}/../../../v1/object/${bucket}/seed/photo.jpg`,
    './seed/photo.jpg',
  ])
    expect(await check(await register(name, jpeg)), name).toMatchObject({ status: 409, body: { code: 'file_missing' } })
})

test('only the service has files checked', { timeout }, async () => {
  expect((await check(randomUUID(), cloud.publishableKey)).status).toBe(401)
  expect((await check(randomUUID())).status).toBe(404)
  expect((await check('x')).status).toBe(400)
})
