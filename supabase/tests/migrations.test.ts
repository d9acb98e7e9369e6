import { afterAll, beforeAll, expect, test } from 'vitest'
import { migrate } from '../../tools/local-cloud/index.ts'
import { givenBinaries, majorVersion } from '../../tools/local-cloud/postgres-binaries.ts'
import { type Cloud, migrationsDirectory, SERVER_TEST_MS, startCloud } from './support.ts'

const timeout = SERVER_TEST_MS
let cloud: Cloud
beforeAll(async () => {
  cloud = await startCloud()
}, timeout)
afterAll(() => cloud.stop())

const list = async (sql: string): Promise<string[]> => {
  const { rows } = await cloud.owner.query<{ name: string }>(sql)
  return rows.map(({ name }) => name)
}

test('the server is the one whose programs were given, or the installed package’s', async () => {
  const { rows } = await cloud.owner.query<{ version: number }>(
    `select current_setting('server_version_num')::integer / 10000 as version`,
  )
  const given = givenBinaries()
  expect(rows[0]?.version).toBe(given === null ? 17 : majorVersion(given))
})

test('every migration runs on an empty database, and a second run has nothing to do', { timeout }, async () => {
  const empty = await cloud.emptyDatabase()
  const first = await migrate(empty, migrationsDirectory)
  expect(first.length).toBeGreaterThan(15)
  expect(await migrate(empty, migrationsDirectory)).toEqual([])
})

test('migrations run where pgcrypto was installed in another schema', { timeout }, async () => {
  const empty = await cloud.emptyDatabase()
  await empty.query('drop extension pgcrypto; create extension pgcrypto with schema public')
  await migrate(empty, migrationsDirectory)
  const { rows } = await empty.query(
    `select n.nspname as schema from pg_extension e join pg_namespace n on n.oid = e.extnamespace where extname = 'pgcrypto'`,
  )
  expect(rows).toEqual([{ schema: 'extensions' }])
})

test('the source tables have the columns, defaults and checks of the registry', async () => {
  const columns = await list(
    `select table_name || '.' || column_name || ' ' || data_type || coalesce('(' || numeric_precision || ',' || numeric_scale || ')', '')
       || coalesce(' default ' || column_default, '') as name
     from information_schema.columns where table_schema = 'public' and table_name in ('verifications', 'audit_logs')
     order by table_name, ordinal_position`,
  )
  expect(columns).toEqual([
    'audit_logs.id uuid default gen_random_uuid()',
    'audit_logs.user_id uuid',
    'audit_logs.action text',
    'audit_logs.table_name text',
    'audit_logs.record_id uuid',
    'audit_logs.old_values jsonb',
    'audit_logs.new_values jsonb',
    'audit_logs.ip_address inet',
    'audit_logs.user_agent text',
    'audit_logs.created_at timestamp with time zone default now()',
    "audit_logs.actor_type text default 'system'::text",
    "audit_logs.actor text default 'system'::text",
    "audit_logs.severity text default 'info'::text",
    'audit_logs.bundle bigint(64,0)',
    'audit_logs.ordinal integer(32,0)',
    'audit_logs.entry_hash bytea',
    'verifications.id uuid default gen_random_uuid()',
    'verifications.batch_id uuid',
    'verifications.verifier_id uuid',
    'verifications.status text',
    'verifications.score numeric(3,2)',
    'verifications.notes text',
    'verifications.photos ARRAY',
    'verifications.documents ARRAY',
    'verifications.created_at timestamp with time zone default now()',
    'verifications.updated_at timestamp with time zone default now()',
  ])
})
