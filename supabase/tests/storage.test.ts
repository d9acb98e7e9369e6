import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Actor, makeWorld, type World } from './matrix/world.ts'
import { type Cloud, SERVER_TEST_MS, startCloud } from './support.ts'

const timeout = SERVER_TEST_MS
let cloud: Cloud
let world: World
beforeAll(async () => {
  cloud = await startCloud()
  world = await makeWorld(cloud)
  await cloud.owner.query(
    `insert into storage.objects (bucket_id, name) select bucket, object_path from public.evidence_files
     union all select bucket, object_path from public.certificates`,
  )
}, timeout)
afterAll(() => cloud.stop())

const upload = async (actor: Actor, bucket: string, name: string): Promise<'done' | 'denied'> => {
  const { client, begin } = world.sessions[actor]
  await begin()
  try {
    await client.query('insert into storage.objects (bucket_id, name) values ($1, $2)', [bucket, name])
    return 'done'
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === '42501') return 'denied'
    throw error
  } finally {
    await client.query('rollback')
  }
}

test('the four buckets are private, with limits of size and kind', async () => {
  const { rows } = await cloud.owner.query(
    'select id, public, file_size_limit > 0 as limited, cardinality(allowed_mime_types) > 0 as kinds from storage.buckets order by id',
  )
  expect(rows).toEqual(
    ['batch-photos', 'certificates', 'user-documents', 'verification-docs'].map((id) => ({
      id,
      public: false,
      limited: true,
      kinds: true,
    })),
  )
})

test('people upload into their own folder only, and nobody who is not let in, but for an applicant and their documents', {
  timeout,
}, async () => {
  const { people } = world
  for (const bucket of ['batch-photos', 'user-documents', 'verification-docs']) {
    for (const actor of ['recycler', 'field_agent', 'desk_verifier', 'admin'] as const) {
      expect(await upload(actor, bucket, `${people[actor]}/a.jpg`), actor).toBe('done')
      expect(await upload(actor, bucket, `${people.buyer}/a.jpg`), actor).toBe('denied')
      expect(await upload(actor, bucket, 'a.jpg'), actor).toBe('denied')
    }
    expect(await upload('suspended', bucket, `${people.suspended}/a.jpg`)).toBe('denied')
    expect(await upload('pending', bucket, `${people.pending}/a.jpg`)).toBe(
      bucket === 'user-documents' ? 'done' : 'denied',
    )
    expect(await upload('anon', bucket, `${people.recycler}/a.jpg`)).toBe('denied')
  }
})

test('a file of evidence or a certificate is read by whoever reads its batch', { timeout }, async () => {
  const read = async (actor: Actor, bucket: string): Promise<string[]> => {
    const rows = await world.sessions[actor].query<{ name: string }>(
      'select name from storage.objects where bucket_id = $1',
      [bucket],
    )
    const { rows: named } = await cloud.owner.query<{ object_path: string; batch_id: string }>(
      `select object_path, batch_id from public.evidence_files union all select object_path, batch_id from public.certificates`,
    )
    const batchOf = new Map(named.map((row) => [row.object_path, world.nameOf(row.batch_id)]))
    return rows.map(({ name }) => batchOf.get(name) ?? name).sort()
  }
  const everything = ['mine', 'pool', 'settled', 'theirs']
  const evidence: Partial<Record<Actor, string[]>> = {
    recycler: ['mine', 'pool'],
    field_agent: ['mine'],
    desk_verifier: ['mine', 'pool'],
    auditor: ['pool', 'theirs'],
    compliance: everything,
    admin: everything,
  }
  const certificates: Partial<Record<Actor, string[]>> = {
    recycler: ['mine', 'pool'],
    field_agent: ['mine'],
    desk_verifier: ['mine'],
    auditor: ['theirs'],
    compliance: everything,
    admin: everything,
  }
  for (const actor of [
    'anon',
    'buyer',
    'pending',
    'suspended',
    'recycler',
    'field_agent',
    'desk_verifier',
    'auditor',
    'compliance',
    'admin',
  ] as const) {
    expect(await read(actor, 'batch-photos'), actor).toEqual(evidence[actor] ?? [])
    expect(await read(actor, 'certificates'), actor).toEqual(certificates[actor] ?? [])
  }
})

test('a certificate is uploaded by its issuer, under the name in the register, once', { timeout }, async () => {
  const { rows } = await cloud.owner.query<{ object_path: string }>(
    'select object_path from public.certificates limit 1',
  )
  const name = rows[0]?.object_path ?? ''
  await cloud.owner.query('delete from storage.objects where name = $1', [name])
  expect(await upload('compliance', 'certificates', name)).toBe('done')
  expect(await upload('compliance', 'certificates', `other-${name}`)).toBe('denied')
  for (const actor of ['auditor', 'admin', 'desk_verifier', 'anon'] as const)
    expect(await upload(actor, 'certificates', name), actor).toBe('denied')
})

test('no object is changed or removed by anybody', { timeout }, async () => {
  for (const actor of ['recycler', 'compliance', 'admin', 'anon'] as const) {
    const changed = await world.sessions[actor].query(`update storage.objects set name = name || 'x' returning 1`)
    const removed = await world.sessions[actor].query('delete from storage.objects returning 1')
    expect([changed, removed], actor).toEqual([[], []])
  }
})
