import { createHash, randomUUID } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createClient, type SupabaseClient } from '@supabase/supabase-js'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { handshakeAnswer, pushAnswer } from '../../shared/wire/sync.ts'
import { createAuthUser, type LocalCloud, startLocalCloud } from '../../tools/local-cloud/index.ts'
import { grantAccess } from './grants.ts'
import { batchNow, decision, mutation } from './mutations.ts'
import {
  addBatches,
  addPerson,
  addProject,
  assign,
  migrationsDirectory,
  publishRubric,
  SERVER_TEST_MS,
  smallRubric,
} from './support.ts'

const timeout = SERVER_TEST_MS
const password = 'correct horse battery staple'
let folder: string
let cloud: LocalCloud
let owner: pg.Client
beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'veridesk-wire-'))
  chmodSync(folder, 0o711)
  cloud = await startLocalCloud({ dataDirectory: folder, migrationsDirectory, durable: false })
  owner = new pg.Client({ connectionString: cloud.databaseUrl })
  await owner.connect()
}, timeout)
afterAll(async () => {
  await owner.end()
  await cloud.stop()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}, timeout)

const connect = (): SupabaseClient =>
  createClient(cloud.url, cloud.publishableKey, { auth: { persistSession: false, autoRefreshToken: false } })
const register = async (changes: string): Promise<{ id: string; client: SupabaseClient }> => {
  const id = randomUUID()
  const email = `${id}@example.org`
  await createAuthUser(owner, { id, email, password, userMetadata: { name: 'Ann', role: 'verifier' } })
  await owner.query(`update public.users set ${changes} where id = $1`, [id])
  const client = connect()
  const { error } = await client.auth.signInWithPassword({ email, password })
  expect(error).toBeNull()
  return { id, client }
}
const request = {
  protocol_version: 1,
  schema_version: 1,
  device_id: randomUUID(),
  device_name: 'Laptop',
  program_version: '1',
}

test('a person who is not let in is told why through every layer', { timeout }, async () => {
  const { client } = await register(`approval_status = 'rejected', rejection_reason = 'No licence'`)
  const { error, status } = await client.rpc('workstation_handshake', { p_request: request })
  expect({ status, ...error }).toMatchObject({
    status: 403,
    code: 'PT403',
    details: 'account_rejected',
    message: 'This account was not approved: No licence',
  })
  expect((await client.from('batches').select('id')).data).toEqual([])
  const visitor = await connect().from('batches').select('id')
  expect(visitor.data).toBeNull()
  expect((await connect().rpc('sync_push', { p_mutations: [] })).error).not.toBeNull()
})

test('a verification and its certificate go through the real layers, and the file once', { timeout }, async () => {
  const { id, client } = await register(`approval_status = 'approved', sub_role = 'accredited_auditor'`)
  const other = await register(`approval_status = 'approved', sub_role = 'accredited_auditor'`)
  const recycler = await addPerson(owner, { role: 'recycler' })
  const rubric = await publishRubric(owner)
  const [batch = ''] = await addBatches(owner, await addProject(owner, recycler), 1, 'approved')
  await assign(owner, [batch], id, 'accredited_auditor')
  await grantAccess(owner, id, { standards: ['APRS'], independentOf: [recycler] })
  const hello = handshakeAnswer.parse((await client.rpc('workstation_handshake', { p_request: request })).data)
  expect(hello.person).toMatchObject({ id, role: 'verifier', sub_role: 'accredited_auditor' })

  const scores = smallRubric.criteria.map(({ code }) =>
    mutation('score.set', batch, {
      rubric_id: rubric,
      criterion_code: code,
      points: 5,
      not_applicable_reason: null,
      note: '',
      evidence_ids: [],
    }),
  )
  const now = await batchNow(owner, batch)
  const verify = decision(batch, now, {
    action: 'verify',
    reason_code: 'verified',
    score: '5.00',
    rubric_id: rubric,
    opinion: 'unmodified',
    assurance_level: 'reasonable',
  })
  const file = new TextEncoder().encode('%PDF-1.7 certificate')
  const digest = createHash('sha256').update(file).digest('hex')
  const objectPath = `${batch}/${randomUUID()}.pdf`
  const issue = mutation(
    'certificate.issue',
    batch,
    {
      decision_id: verify.row_id,
      certificate_number: 'VD-APRS-2026-0000000001',
      opinion: 'unmodified',
      assurance_level: 'reasonable',
      object_path: objectPath,
      sha256: digest,
      byte_range_digest: digest,
      byte_size: file.byteLength,
      signature_id: randomUUID(),
      signer_subject: 'CN=Ann',
      signer_serial: '1',
      signer_fingerprint: digest,
      level: 'B-B',
      claimed_at: '2026-11-20T21:33:00.000Z',
    },
    { content_hash: now.content_hash },
  )
  const certificates = client.storage.from('certificates')
  const options = { contentType: 'application/pdf', upsert: false }
  expect((await certificates.upload(objectPath, file, options)).error, 'before the register names it').not.toBeNull()
  const answer = pushAnswer.parse((await client.rpc('sync_push', { p_mutations: [...scores, verify, issue] })).data)
  expect(answer.map(({ status, code }) => [status, code])).toEqual(answer.map(() => ['applied', null]))
  expect((await other.client.storage.from('certificates').upload(objectPath, file, options)).error).not.toBeNull()
  expect((await certificates.upload(objectPath, file, options)).error).toBeNull()
  for (const upsert of [false, true])
    expect(
      (await certificates.upload(objectPath, 'forged', { ...options, upsert })).error,
      `upsert ${upsert}`,
    ).not.toBeNull()
  const { data } = await certificates.download(objectPath)
  expect(
    createHash('sha256')
      .update(new Uint8Array(await (data ?? new Blob()).arrayBuffer()))
      .digest('hex'),
  ).toBe(digest)
  expect((await other.client.storage.from('certificates').download(objectPath)).data).toBeNull()
  await certificates.remove([objectPath])
  expect((await certificates.download(objectPath)).error).toBeNull()
})
