import { createHmac, randomUUID } from 'node:crypto'
import { createClient, type SupabaseClient } from '@supabase/supabase-js'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type MutationDto, type PushResult, pushAnswer } from '../../shared/wire/sync.ts'
import { createAuthUser, type LocalCloud, startLocalCloud } from '../../tools/local-cloud/index.ts'
import { makeTemporaryFolder } from '../../tools/local-cloud/testing.ts'
import { batchNow, decision, mutation } from './mutations.ts'
import {
  addBatches,
  addOrganization,
  addPerson,
  addProject,
  assign,
  migrationsDirectory,
  publishRubric,
  SERVER_TEST_MS,
} from './support.ts'

/*
 * What somebody with a laptop, an account and the program's source could try, each through supabase-js and HTTP, as they would.
 */

const timeout = SERVER_TEST_MS
const password = 'correct horse battery staple'
const folder = makeTemporaryFolder()
interface Visitor {
  readonly id: string
  readonly client: SupabaseClient
}
let cloud: LocalCloud
let owner: pg.Client
let desk: Visitor
let stranger: Visitor
let recycler: Visitor
let service: SupabaseClient
let project: string
let body: string
beforeAll(async () => {
  cloud = await startLocalCloud({ dataDirectory: folder.path, migrationsDirectory, durable: false })
  owner = new pg.Client({ connectionString: cloud.databaseUrl })
  await owner.connect()
  service = open(cloud.secretKey)
  await publishRubric(owner)
  body = await addOrganization(owner, 'A body')
  const otherBody = await addOrganization(owner, 'Another body')
  await owner.query(`update public.organizations set kind = 'verification_body'`)
  desk = await signUp('verifier', 'desk_verifier', body)
  stranger = await signUp('verifier', 'desk_verifier', otherBody)
  recycler = await signUp('recycler', null, null)
  project = await addProject(owner, recycler.id)
}, timeout)
afterAll(async () => {
  await owner.end()
  await cloud.stop()
  folder.remove()
}, timeout)

const open = (key: string, token?: string): SupabaseClient =>
  createClient(cloud.url, key, {
    auth: { persistSession: false, autoRefreshToken: false },
    ...(token === undefined ? {} : { global: { headers: { authorization: `Bearer ${token}` } } }),
  })
const signUp = async (role: string, subRole: string | null, organization: string | null): Promise<Visitor> => {
  const id = randomUUID()
  const email = `${id}@example.org`
  await createAuthUser(owner, { id, email, password, userMetadata: { name: 'Ann', role } })
  await owner.query(
    `update public.users set role = $2, sub_role = $3, organization_id = $4, approval_status = 'approved' where id = $1`,
    [id, role, subRole, organization],
  )
  const client = open(cloud.publishableKey)
  const { error } = await client.auth.signInWithPassword({ email, password })
  if (error !== null) throw error
  return { id, client }
}

/** A batch under review by the desk verifier. */
let batch: string
beforeEach(async () => {
  batch = await underReview()
})
const underReview = async (): Promise<string> => {
  const [id = ''] = await addBatches(owner, project, 1, 'under_review')
  await assign(owner, [id], desk.id)
  await owner.query(
    'update public.batches b set verification_body_id = u.organization_id from public.users u where b.id = $1 and u.id = $2',
    [id, desk.id],
  )
  return id
}
const send = async (
  { client }: Visitor,
  sent: MutationDto | Readonly<Record<string, unknown>>,
): Promise<PushResult> => {
  const { data, error } = await client.rpc('sync_push', { p_mutations: [sent] })
  if (error !== null) throw error
  const [result] = pushAnswer.parse(data)
  if (result === undefined) throw new Error('a change that was sent has a fate')
  return result
}
const decisionsOf = async (id: string): Promise<readonly { actor_id: string }[]> =>
  (await owner.query<{ actor_id: string }>('select actor_id from public.decisions where batch_id = $1', [id])).rows
const decide = async (visitor: Visitor, id: string, rest: Partial<MutationDto> = {}) =>
  send(visitor, decision(id, await batchNow(owner, id), {}, rest))
const profile = async (id: string) =>
  (await owner.query('select role, sub_role, approval_status, active from public.users where id = $1', [id])).rows[0]

test('raise one’s own role', { timeout }, async () => {
  const before = await profile(desk.id)
  const users = desk.client.from('users')
  for (const power of [
    { role: 'admin' },
    { sub_role: 'accredited_auditor' },
    { approval_status: 'approved' },
    { active: true },
  ])
    expect((await users.update(power).eq('id', desk.id)).error, JSON.stringify(power)).not.toBeNull()
  expect((await users.upsert({ id: desk.id, email: 'x@example.org', name: 'x', role: 'admin' })).error).not.toBeNull()
  const change = { p_user: desk.id, p_changes: { role: 'admin' } }
  expect((await desk.client.rpc('change_person', change)).error).toMatchObject({ details: 'not_allowed' })
  expect(
    (await desk.client.from('user_grants').insert({ user_id: desk.id, grant_name: 'compliance' })).error,
  ).not.toBeNull()
  // The account's own metadata may be written by its holder, and must mean nothing.
  await desk.client.auth.updateUser({ data: { role: 'admin', sub_role: 'accredited_auditor' } })
  expect(await profile(desk.id)).toEqual(before)
  const { data } = await open(cloud.publishableKey).auth.signUp({
    email: `${randomUUID()}@example.org`,
    password,
    options: { data: { name: 'Eve', role: 'admin', sub_role: 'accredited_auditor', approval_status: 'approved' } },
  })
  if (data.user !== null)
    expect(await profile(data.user.id)).toMatchObject({ role: 'recycler', sub_role: null, approval_status: 'pending' })
})

test('read another organization', { timeout }, async () => {
  await decide(desk, batch)
  for (const table of [
    'batches',
    'evidence_files',
    'assignments',
    'scores',
    'findings',
    'decisions',
    'certificates',
    'verifications',
  ]) {
    const { data } = await stranger.client
      .from(table)
      .select('*')
      .eq(table === 'batches' ? 'id' : 'batch_id', batch)
    expect(data ?? [], table).toEqual([])
  }
  expect((await stranger.client.from('users').select('id').eq('id', desk.id)).data ?? []).toEqual([])
  expect((await stranger.client.from('audit_logs').select('id')).data ?? []).toEqual([])
  for (const scope of [`person:${desk.id}`, `pool:${body}`, `register:${body}`, 'register']) {
    const asked = { p_scope: scope, p_table: 'batches', p_after: null, p_limit: 10 }
    expect((await stranger.client.rpc('sync_bootstrap', asked)).error, scope).toMatchObject({
      details: 'scope_not_held',
    })
    const pull = { p_scope: scope, p_cursor: '1:1:', p_upto: null, p_after: null, p_limit: 10 }
    expect((await stranger.client.rpc('sync_pull', pull)).error, scope).toMatchObject({ details: 'scope_not_held' })
  }
})

test('decide on one’s own approval', { timeout }, async () => {
  expect(await decide(desk, batch)).toMatchObject({ status: 'applied' })
  await owner.query(`update public.users set sub_role = 'accredited_auditor' where id = $1`, [desk.id])
  const verify = decision(batch, await batchNow(owner, batch), {
    action: 'verify',
    reason_code: 'verified',
    score: '5.00',
    rubric_id: randomUUID(),
    opinion: 'unmodified',
    assurance_level: 'limited',
  })
  try {
    expect(await send(desk, verify)).toMatchObject({ status: 'rejected', code: 'four_eyes' })
  } finally {
    await owner.query(`update public.users set sub_role = 'desk_verifier' where id = $1`, [desk.id])
  }
  expect((await batchNow(owner, batch)).status).toBe('approved')
})

test('decide when unassigned', { timeout }, async () => {
  for (const visitor of [stranger, recycler])
    expect(await decide(visitor, batch)).toMatchObject({ status: 'rejected', code: 'not_assigned', rows: [] })
  expect(await decisionsOf(batch)).toEqual([])
})

test('decide with an open corrective action request', { timeout }, async () => {
  const car = mutation('finding.raise', batch, {
    round_id: randomUUID(),
    kind: 'car',
    title: 'Weights',
    description: 'The weights do not add up.',
    criterion_code: null,
    evidence_file_id: null,
    due_at: null,
    misstatement: null,
  })
  expect(await send(desk, car)).toMatchObject({ status: 'applied' })
  expect(await decide(desk, batch)).toMatchObject({ status: 'rejected', code: 'open_findings' })
  expect((await desk.client.from('findings').update({ status: 'closed' }).eq('batch_id', batch)).error).not.toBeNull()
  expect(await decisionsOf(batch)).toEqual([])
})

test('replay another’s change', { timeout }, async () => {
  const sent = decision(batch, await batchNow(owner, batch))
  expect(await send(desk, sent)).toMatchObject({ status: 'applied' })
  expect(await send(stranger, sent)).toMatchObject({ status: 'rejected', code: 'mutation_reused', rows: [] })
  const other = await underReview()
  const reused = { ...decision(other, await batchNow(owner, other)), mutation_id: sent.mutation_id }
  expect(await send(desk, reused)).toMatchObject({ status: 'rejected', code: 'mutation_reused' })
  expect(await send(desk, sent)).toMatchObject({ status: 'duplicate' })
  expect([await decisionsOf(batch), await decisionsOf(other)]).toEqual([[{ actor_id: desk.id }], []])
})

test('forge the content hash', { timeout }, async () => {
  for (const content_hash of ['a'.repeat(64), '', null])
    expect(await decide(desk, batch, { content_hash })).toMatchObject({ status: 'conflict', code: 'content_changed' })
  expect(
    (
      await desk.client
        .from('batches')
        .update({ content_hash: 'a'.repeat(64) })
        .eq('id', batch)
    ).error,
  ).not.toBeNull()
  expect(await decisionsOf(batch)).toEqual([])
})

test('forge the actor', { timeout }, async () => {
  const forged = { actor_id: stranger.id, user_id: stranger.id, verifier_id: stranger.id }
  const sent = decision(batch, await batchNow(owner, batch))
  await send(desk, { ...sent, ...forged, payload: { ...sent.payload, ...forged } })
  expect(await decisionsOf(batch)).toEqual([{ actor_id: desk.id }])
  const row = {
    id: randomUUID(),
    batch_id: batch,
    actor_id: stranger.id,
    action: 'approve',
    from_status: 'under_review',
    to_status: 'approved',
    reason_code: 'x',
    reason: '',
    content_hash: 'a'.repeat(64),
    decided_at: new Date().toISOString(),
  }
  expect((await desk.client.from('decisions').insert(row)).error).not.toBeNull()
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = {
    sub: stranger.id,
    role: 'authenticated',
    aud: 'authenticated',
    exp: Math.floor(Date.now() / 1000) + 3600,
  }
  for (const [name, key] of [
    ['HS256', 'a guessed secret'],
    ['HS256', cloud.publishableKey],
    ['none', null],
  ] as const) {
    const text = `${part({ alg: name, typ: 'JWT' })}.${part(claims)}`
    const seal = key === null ? '' : createHmac('sha256', key).update(text).digest('base64url')
    const { data, error } = await open(cloud.publishableKey, `${text}.${seal}`).from('people').select('id')
    expect(data ?? [], name).toEqual([])
    expect(error, name).not.toBeNull()
  }
})

test('write audit rows', { timeout }, async () => {
  const entry = { user_id: stranger.id, action: 'UPDATE', table_name: 'batches', record_id: batch }
  for (const visitor of [desk, stranger, recycler]) {
    const logs = visitor.client.from('audit_logs')
    expect((await logs.insert(entry)).error).not.toBeNull()
    expect((await logs.update({ user_id: desk.id }).eq('record_id', batch)).error).not.toBeNull()
    expect((await logs.delete().eq('record_id', batch)).error).not.toBeNull()
  }
  const { rows: before } = await owner.query('select * from public.audit_logs where record_id = $1 order by id', [
    batch,
  ])
  expect(before.length).toBeGreaterThan(0)
  // Not even a program with the secret key.
  expect((await service.from('audit_logs').update({ user_id: desk.id }).eq('record_id', batch)).error).not.toBeNull()
  expect((await service.from('audit_logs').delete().eq('record_id', batch)).error).not.toBeNull()
  const { rows: after } = await owner.query('select * from public.audit_logs where record_id = $1 order by id', [batch])
  expect(after).toEqual(before)
})

const jpeg = Buffer.from('ffd8ffe000104a46494600010100000100010000ffd9', 'hex')
const photo = async (): Promise<string> => {
  const name = `${recycler.id}/${randomUUID()}.jpg`
  const { error } = await recycler.client.storage.from('batch-photos').upload(name, jpeg, { contentType: 'image/jpeg' })
  if (error !== null) throw error
  return name
}

test('list another’s files', { timeout }, async () => {
  const name = await photo()
  const listed = async ({ client }: Visitor, prefix: string) =>
    ((await client.storage.from('batch-photos').list(prefix)).data ?? []).map((file) => file.name)
  expect(await listed(recycler, recycler.id)).toContain(name.split('/')[1])
  for (const prefix of [recycler.id, '']) expect(await listed(stranger, prefix), prefix).toEqual([])
  expect((await open(cloud.publishableKey).storage.from('batch-photos').list(recycler.id)).data ?? []).toEqual([])
})

test('sign a URL for another’s file, or take, replace, move or remove it', { timeout }, async () => {
  const name = await photo()
  const mine = await recycler.client.storage.from('batch-photos').createSignedUrl(name, 60)
  expect(mine.error).toBeNull()
  expect((await fetch(mine.data?.signedUrl ?? '')).status).toBe(200)
  const own = await recycler.client.storage.from('batch-photos').createSignedUploadUrl(`${recycler.id}/own.jpg`)
  expect(own.error).toBeNull()
  for (const client of [stranger.client, open(cloud.publishableKey)]) {
    const files = client.storage.from('batch-photos')
    expect((await files.createSignedUrl(name, 60)).error).not.toBeNull()
    const several = await files.createSignedUrls([name], 60)
    expect((several.data ?? []).filter(({ signedUrl }) => Boolean(signedUrl))).toEqual([])
    expect((await files.download(name)).error).not.toBeNull()
    expect((await files.createSignedUploadUrl(`${recycler.id}/forged.jpg`)).error).not.toBeNull()
    expect((await files.upload(`${recycler.id}/forged.jpg`, jpeg, { contentType: 'image/jpeg' })).error).not.toBeNull()
    expect((await files.upload(name, jpeg, { contentType: 'image/jpeg', upsert: true })).error).not.toBeNull()
    expect((await files.move(name, `${desk.id}/taken.jpg`)).error).not.toBeNull()
    expect((await files.copy(name, `${desk.id}/taken.jpg`)).error).not.toBeNull()
    await files.remove([name])
    expect(
      (
        await fetch(
          client === stranger.client
            ? `${cloud.url}/storage/v1/object/public/batch-photos/${name}`
            : `${cloud.url}/storage/v1/object/batch-photos/${name}`,
        )
      ).ok,
    ).toBe(false)
  }
  expect((await recycler.client.storage.from('batch-photos').download(name)).error).toBeNull()
})

test('reach into the private schema', { timeout }, async () => {
  for (const client of [desk.client, service, open(cloud.publishableKey)]) {
    const inside = client.schema('private')
    expect((await inside.from('job_queue').select('*')).error).not.toBeNull()
    expect((await inside.rpc('push_one', { p_actor: null, m: {} })).error).not.toBeNull()
    expect((await client.rpc('apply_decision', {})).error).not.toBeNull()
    expect((await client.from('job_queue').select('*')).error).not.toBeNull()
  }
})

test('be somebody else’s batch’s recycler', { timeout }, async () => {
  const other = await addPerson(owner, { role: 'recycler' })
  const theirs = await addProject(owner, other)
  const row = { project_id: theirs, standard: 'APRS', tons_or_kwh: 1, location: 'x', date_submitted: '2026-03-01' }
  const batches = recycler.client.from('batches')
  expect((await batches.insert({ ...row, user_id: other })).error).not.toBeNull()
  expect((await batches.insert({ ...row, user_id: recycler.id })).error).not.toBeNull()
  expect((await batches.update({ status: 'approved' }).eq('id', batch)).error).not.toBeNull()
  expect((await batches.update({ tons_or_kwh: 99 }).eq('id', batch).select()).data ?? []).toEqual([])
})
