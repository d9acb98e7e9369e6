import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import type { CloudProfile } from '../../../shared/contract/views.ts'
import { createAuthUsers, type SeedContext, startLocalCloud } from '../../../tools/local-cloud/index.ts'
import { sha256Hex } from '../../platform/identifiers.ts'

/** Milliseconds that a test with a real cloud may take on a busy machine. */
export const cloudTestMilliseconds = 180_000

/** The password of everybody in the fixture. */
export const password = 'correct horse battery staple'

const uuid = (kind: number, number: number): string =>
  `${kind.toString(16).padStart(8, '0')}-0000-4000-8000-${number.toString(16).padStart(12, '0')}`

/** The people of the fixture. */
export const people = {
  admin: { id: uuid(9, 0), email: 'admin@example.org', role: 'admin', subRole: null },
  auditor: { id: uuid(9, 1), email: 'auditor@example.org', role: 'verifier', subRole: 'accredited_auditor' },
  desk: { id: uuid(9, 2), email: 'desk@example.org', role: 'verifier', subRole: 'desk_verifier' },
  compliance: { id: uuid(9, 3), email: 'compliance@example.org', role: 'verifier', subRole: null },
  pending: { id: uuid(9, 4), email: 'pending@example.org', role: 'verifier', subRole: 'desk_verifier' },
  suspended: { id: uuid(9, 5), email: 'suspended@example.org', role: 'verifier', subRole: 'desk_verifier' },
  recycler: { id: uuid(9, 6), email: 'recycler@example.org', role: 'recycler', subRole: null },
} as const

/** Ids of rows, so that a test can name them. Batches 0 to 19 are the auditor's, 10 to 29 the desk's, the others nobody's. */
export const rows = {
  batch: (number: number): string => uuid(1, number),
  project: (number: number): string => uuid(2, number),
  evidence: (number: number): string => uuid(3, number),
} as const

/** Files of evidence with real bytes, by number: the first has several segments, the second a few bytes. */
export const evidenceBytes = (number: number): Uint8Array => {
  const bytes = new Uint8Array(number === 0 ? 500_000 : 1_000 + number)
  let state = number + 1
  for (let index = 0; index < bytes.length; index += 1) {
    state = (state * 1103515245 + 12345) % 2147483648
    bytes[index] = state >>> 16
  }
  return bytes
}

/** How much there is to mirror. */
export interface CloudFixtureOptions {
  readonly batches?: number
  readonly evidenceFiles?: number
}

/** A real cloud on this machine with rows in it. */
export interface CloudFixture {
  readonly profile: CloudProfile
  readonly owner: pg.Client
  readonly folder: string
  readonly databaseUrl: string
  readonly stop: () => Promise<void>
}

/** Starts PostgreSQL and the interfaces of Supabase over it, with the migrations of the project and the rows of the fixture. */
export async function startCloudFixture(options: CloudFixtureOptions = {}): Promise<CloudFixture> {
  const folder = mkdtempSync(path.join(tmpdir(), 'veridesk-sync-cloud-'))
  chmodSync(folder, 0o711)
  const cloud = await startLocalCloud({
    dataDirectory: folder,
    durable: false,
    migrationsDirectory: path.join(import.meta.dirname, '../../../supabase/migrations'),
    seed: (context) => seed(context, options),
  })
  const owner = new pg.Client({ connectionString: cloud.databaseUrl })
  owner.on('error', () => {})
  await owner.connect()
  return {
    profile: { name: 'Test cloud', url: cloud.url, publishableKey: cloud.publishableKey, source: 'entered' },
    owner,
    folder,
    databaseUrl: cloud.databaseUrl,
    async stop() {
      await owner.end()
      await cloud.stop()
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

const criteria = ['E-01', 'Q-01'].map((code) => ({
  code,
  group: 'eligibility',
  question: `Question ${code}?`,
  guidance: 'Read the ticket.',
  weight: 1,
  anchors: ['none', 'poor', 'weak', 'fair', 'good', 'full'],
  required_evidence: [],
  knock_out: code === 'E-01',
  not_applicable: 'with_reason',
}))

async function seed({ client, putObject }: SeedContext, options: CloudFixtureOptions): Promise<void> {
  const { batches = 50, evidenceFiles = 12 } = options
  await createAuthUsers(
    client,
    Object.entries(people).map(([name, { id, email }]) => ({ id, email, password, userMetadata: { name } })),
  )
  for (const [name, { id, role, subRole }] of Object.entries(people)) {
    await client.query(
      `update public.users set role = $2, sub_role = $3, active = $4, approval_status = $5, organization_name = 'Office'
       where id = $1`,
      [id, role, subRole, name !== 'suspended', name === 'pending' ? 'pending' : 'approved'],
    )
  }
  await client.query("insert into public.user_grants (user_id, grant_name) values ($1, 'compliance')", [
    people.compliance.id,
  ])
  await client.query("select public.publish_rubric('APRS', 'Test rubric', $1)", [JSON.stringify({ criteria })])
  for (const number of [0, 1, 2]) {
    await client.query(
      `insert into public.projects (id, user_id, name, standard, location, latitude, longitude, time_zone)
       values ($1, $2, $3, 'APRS', 'Surabaya', -7.25, 112.75, 'Asia/Jakarta')`,
      [rows.project(number), people.recycler.id, `River project ${number}`],
    )
  }
  // A bulk seed leaves feed, audit and hashes to one repair at its end.
  await client.query("set local veridesk.bulk = 'on'")
  await client.query(
    `insert into public.batches
       (id, user_id, project_id, batch_hash, standard, tons_or_kwh, location, date_submitted, description, risk_score, risk_reasons,
        status, content_hash)
     select ('00000001-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, $1,
       ('00000002-0000-4000-8000-' || lpad(to_hex(n % 3), 12, '0'))::uuid,
       'BATCH-' || upper(md5(n::text)), 'APRS', 10 + (n % 500) * 1.25, 'Jalan Kembang ' || n || ', Surabaya',
       date '2026-01-01' + (n % 300), case when n % 2 = 0 then 'Sorted bottles, washed and baled, lot ' || n end,
       n % 101, case when n % 5 = 0 then '["Quantity far above the project mean"]'::jsonb else '[]'::jsonb end,
       case when n < 30 then 'under_review' else 'pending' end, repeat('0', 64)
     from generate_series(0, $2::integer - 1) n`,
    [people.recycler.id, batches],
  )
  for (let number = 0; number < evidenceFiles; number += 1) {
    const bytes = evidenceBytes(number)
    const name = `${people.recycler.id}/${rows.evidence(number)}.pdf`
    await putObject({
      bucket: 'verification-docs',
      name,
      bytes,
      mediaType: 'application/pdf',
      owner: people.recycler.id,
    })
    await client.query(
      `insert into public.evidence_files (id, batch_id, bucket, object_path, sha256, byte_size, media_type, kind, title, uploaded_by)
       values ($1, $2, 'verification-docs', $3, $4, $5, 'application/pdf', 'weighbridge_ticket', $6, $7)`,
      [
        rows.evidence(number),
        rows.batch(number % 10),
        name,
        sha256Hex(bytes),
        bytes.length,
        `Ticket ${number}`,
        people.recycler.id,
      ],
    )
  }
  await client.query(
    `insert into public.assignments (batch_id, user_id, role, due_at)
     select ('00000001-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, $1::uuid, 'accredited_auditor',
       timestamptz '2026-12-01' + n * interval '1 day'
     from generate_series(0, 19) n
     union all
     select ('00000001-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, $2::uuid, 'desk_verifier', null
     from generate_series(10, 29) n`,
    [people.auditor.id, people.desk.id],
  )
  await client.query('select private.rebuild_feed()')
}
