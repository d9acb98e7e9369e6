import { createHash } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { contentHash } from '../../shared/domain/content-hash.ts'
import type { Sha256 } from '../../shared/domain/ids.ts'
import {
  type BatchDto,
  type EvidenceFileDto,
  mirroredTableNames,
  mirroredTables,
  rubricDto,
} from '../../shared/wire/rows.ts'
import {
  loadGrantKey,
  migrate,
  prepareDatabase,
  type RunningPostgres,
  registerGrantKey,
  signGrant,
  startPostgres,
} from '../local-cloud/index.ts'
import type { AnswerKey } from './answer-key.ts'
import { DEMO_PASSWORD, demoPeople } from './people.ts'
import { AlreadySeededError, type DemoDataOptions, seedDemoData } from './seed-demo-data.ts'

const timeout = 300_000
const folder = mkdtempSync(path.join(os.tmpdir(), 'veridesk-seed-'))
chmodSync(folder, 0o711)
const dataDirectory = path.join(folder, 'data')
const objects = new Map<string, { readonly bytes: Uint8Array; readonly mediaType: string; readonly ownerId: string }>()
let server: RunningPostgres
let client: pg.Client
let key: AnswerKey

const trustAnchorPem = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'
const storeObject: DemoDataOptions['storeObject'] = async (bucket, objectPath, bytes, mediaType, ownerId) => {
  objects.set(`${bucket}/${objectPath}`, { bytes, mediaType, ownerId })
}

beforeAll(async () => {
  server = await startPostgres({ dataDirectory: path.join(folder, 'server'), durable: false })
  client = new pg.Client({ connectionString: server.connectionString })
  await client.connect()
  await prepareDatabase(client)
  await migrate(client, path.join(import.meta.dirname, '../../supabase/migrations'))
  const grantKey = loadGrantKey(folder)
  await registerGrantKey(client, grantKey)
  await client.query('begin')
  key = await seedDemoData({
    client,
    storeObject,
    trustAnchorPem,
    dataDirectory,
    signGrant: (body) => ({ keyId: grantKey.keyId, signature: signGrant(grantKey, body) }),
  })
  await client.query('commit')
}, timeout)
afterAll(async () => {
  await client.end()
  await server.stop()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

const rowsOf = async (sql: string, values: readonly unknown[] = []): Promise<readonly Record<string, unknown>[]> =>
  (await client.query(sql, [...values])).rows

const wireRows = async (table: string): Promise<readonly unknown[]> =>
  (await rowsOf(`select private.wire(t) as wire from public.${table} t`)).map((row) => row.wire)

test(
  'every row has the shape of the contract',
  async () => {
    for (const table of mirroredTableNames) {
      const rows = await wireRows(table)
      for (const row of rows) mirroredTables[table].parse(row)
      expect(rows.length > 0, table).toBe(table !== 'certificates' && table !== 'signatures')
    }
  },
  timeout,
)

test('the feed and the directory are what the tables say, and nothing is left to rebuild', async () => {
  const [people] = await rowsOf('select count(*)::int as count from public.people')
  // Everybody who was ever approved, the suspended one included.
  expect(people?.count).toBe(demoPeople().length + 1)
  await client.query('begin')
  expect(await rowsOf('select private.rebuild_feed()::int as written')).toEqual([{ written: 0 }])
  await client.query('rollback')
})

test(
  'content hashes equal those of the workstation, and every decision is bound to its batch',
  async () => {
    const rubrics = new Map(
      (await wireRows('rubrics')).map((row) => rubricDto.parse(row)).map((row) => [row.standard, row]),
    )
    const evidence = (await wireRows('evidence_files')) as readonly EvidenceFileDto[]
    const batches = (await wireRows('batches')) as readonly BatchDto[]
    const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
    for (const batch of batches) {
      const rubric = rubrics.get(batch.standard)
      const expected: Sha256 = contentHash(
        {
          batch,
          calculation: {
            plastic_credits: batch.calculated_plastic_credits,
            carbon_credits: batch.calculated_carbon_credits,
          },
          evidence: evidence.filter((file) => file.batch_id === batch.id),
          rubric: rubric === undefined ? null : { id: rubric.id, revision: rubric.revision },
        },
        sha256,
      )
      if (batch.content_hash !== expected) throw new Error(`${batch.id}: ${batch.content_hash} is not ${expected}`)
    }
    expect(
      await rowsOf(`select d.id from public.decisions d join public.batches b on b.id = d.batch_id
                  where d.content_hash <> b.content_hash`),
    ).toEqual([])
  },
  timeout,
)

test('decisions fit the state of their batch, the role of their actor and four eyes', async () => {
  expect(
    await rowsOf(
      `select d.id from public.decisions d join public.users u on u.id = d.actor_id
       where private.decision_transition(d.from_status, d.action, u.role, u.sub_role) is distinct from d.to_status`,
    ),
  ).toEqual([])
  expect(
    await rowsOf(
      `select b.id, b.status from public.batches b
       where b.status in ('approved', 'rejected', 'changes_requested', 'verified') and b.status is distinct from (
         select d.to_status from public.decisions d where d.batch_id = b.id order by d.decided_at desc limit 1)`,
    ),
  ).toEqual([])
  expect(
    await rowsOf(
      `select d.id from public.decisions d
       join public.batches b on b.id = d.batch_id
       join public.users actor on actor.id = d.actor_id
       join public.users owner on owner.id = b.user_id
       where actor.organization_id = owner.organization_id`,
    ),
  ).toEqual([])
  expect(
    await rowsOf(`select b.id from public.batches b where b.status = 'approved' and exists (
      select from public.findings f where f.batch_id = b.id and f.kind in ('car', 'cl') and f.status in ('open', 'answered'))`),
  ).toEqual([])
  const [verifications] = await rowsOf('select count(*)::int as count from public.verifications')
  const [decisions] = await rowsOf('select count(*)::int as count from public.decisions')
  expect(verifications?.count).toBe(decisions?.count)
})

test('the score of each desk decision with marks is the one that the cloud computes', async () => {
  const rows = await rowsOf(
    `select d.score::text, (private.batch_score(d.batch_id, d.actor_id, d.rubric_id) ->> 'hundredths')::int as hundredths
     from public.decisions d where d.action = 'approve'
       and exists (select from public.scores s where s.batch_id = d.batch_id and s.verifier_id = d.actor_id)`,
  )
  expect(rows.length).toBeGreaterThanOrEqual(8)
  for (const row of rows) expect(Number(String(row.score).replace('.', ''))).toBe(row.hundredths)
})

test('files are stored under their uploader with the registered hash, except for the altered ones', async () => {
  const altered = new Set(key.defects.filter((defect) => defect.kind === 'altered_file').map((defect) => defect.fileId))
  const rows = (await wireRows('evidence_files')) as readonly EvidenceFileDto[]
  expect(rows.length).toBe(objects.size)
  const buckets = new Map(
    (await rowsOf('select id, allowed_mime_types, file_size_limit from storage.buckets')).map((row) => [row.id, row]),
  )
  for (const row of rows) {
    const object = objects.get(`${row.bucket}/${row.object_path}`)
    if (object === undefined) throw new Error(`${row.object_path} was not stored`)
    const hash = createHash('sha256').update(object.bytes).digest('hex')
    expect(hash === row.sha256, row.title).toBe(!altered.has(row.id))
    expect(row.object_path.startsWith(`${object.ownerId}/`)).toBe(true)
    const bucket = buckets.get(row.bucket)
    expect(bucket?.allowed_mime_types).toContain(row.media_type)
    expect(object.bytes.length).toBeLessThan(Number(bucket?.file_size_limit))
  }
})

test('the published password opens every account that may get in', async () => {
  const [row] = await rowsOf(
    `select count(*)::int as count from auth.users a join public.users u on u.id = a.id
     where a.encrypted_password = extensions.crypt($1, a.encrypted_password) and u.active and u.approval_status = 'approved'`,
    [DEMO_PASSWORD],
  )
  expect(row?.count).toBe(demoPeople().length)
})

test('batches can be submitted again as usual afterwards, with a random public id', async () => {
  await client.query('begin')
  const [row] = await rowsOf(
    `insert into public.batches (user_id, project_id, batch_hash, standard, tons_or_kwh, location, date_submitted)
     select p.user_id, p.id, 'ignored', p.standard, 1, p.location, '2026-11-20' from public.projects p limit 1 returning batch_hash`,
  )
  await client.query('rollback')
  expect(row?.batch_hash).toMatch(/^BATCH-[0-9a-f]{32}$/)
})

test('the key is written beside the data', () => {
  expect(JSON.parse(readFileSync(path.join(dataDirectory, 'answer-key.json'), 'utf8'))).toEqual(
    JSON.parse(JSON.stringify(key)),
  )
})

test('a register that holds batches is left alone, and so is one outside of a transaction', async () => {
  await client.query('begin')
  await expect(seedDemoData({ client, storeObject, trustAnchorPem })).rejects.toThrow(AlreadySeededError)
  await client.query('rollback')
  await expect(seedDemoData({ client, storeObject, trustAnchorPem })).rejects.toThrow(AlreadySeededError)
})

test(
  'every auditor may verify at once, but for the one declaration that is left to be made',
  async () => {
    const closed = await rowsOf(
      `select u.name, r.name as recycler, private.grant_gates(jsonb_build_object(
           'action', 'verify', 'standard', 'APRS', 'at', now(), 'about', jsonb_build_object('recycler', r.id),
           'rules', (select jsonb_agg(to_jsonb(g)) from public.gate_rules g where g.standard = 'APRS'),
           'grants', (select jsonb_agg(to_jsonb(g) || '{"confirmed": true}') from public.access_grants g where g.user_id = u.id and g.signature is not null),
           'verified_at', '[]'::jsonb)) as closed
       from public.users u cross join public.users r
       where u.sub_role = 'accredited_auditor' and u.active and r.role = 'recycler'`,
    )
    expect(closed.length).toBe(15)
    expect(closed.filter((row) => JSON.stringify(row.closed) !== '[]')).toEqual([
      { name: 'Catalina Restrepo', recycler: 'Wanjiru Kamau', closed: ['independence/missing'] },
    ])
    expect(await rowsOf('select id from public.access_grants where signature is null')).toEqual([])
  },
  timeout,
)
