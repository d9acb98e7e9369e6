import { afterAll, beforeAll, expect, test } from 'vitest'
import { migrate } from '../../tools/local-cloud/index.ts'
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

test('every table has row-level security, a comment and an index under each foreign key', async () => {
  expect(
    await list(
      `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relrowsecurity`,
    ),
  ).toEqual([])
  expect(
    await list(
      `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v')
       and coalesce(obj_description(oid, 'pg_class'), '') = ''`,
    ),
  ).toEqual([])
  expect(
    await list(
      `select c.conrelid::regclass || ' ' || c.conname as name from pg_constraint c
       where c.contype = 'f' and c.connamespace = 'public'::regnamespace and not exists (
         select 1 from pg_index i where i.indrelid = c.conrelid and i.indpred is null
           and (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey
       )`,
    ),
  ).toEqual([])
})

test('every function has a comment, and none that runs as its owner follows the search path of its caller', async () => {
  expect(
    await list(
      `select p.oid::regprocedure::text as name from pg_proc p
       where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace) and coalesce(obj_description(p.oid, 'pg_proc'), '') = ''`,
    ),
  ).toEqual([])
  expect(
    await list(
      `select p.oid::regprocedure::text as name from pg_proc p
       where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace) and p.prosecdef
         and not coalesce(p.proconfig @> array['search_path=""'], false)`,
    ),
  ).toEqual([])
})

test('an anonymous visitor may execute, read and write nothing', async () => {
  expect(
    await list(
      `select p.oid::regprocedure::text as name from pg_proc p
       where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace) and has_function_privilege('anon', p.oid, 'execute')`,
    ),
  ).toEqual([])
  expect(
    await list(
      `select c.oid::regclass::text as name from pg_class c
       where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace) and c.relkind in ('r', 'p', 'v', 'm', 'S')
         and (has_any_column_privilege('anon', c.oid, 'select, insert, update, references')
           or has_table_privilege('anon', c.oid, 'delete, truncate, trigger'))`,
    ),
  ).toEqual([])
})

test('every view runs under the policies of whoever asks', async () => {
  expect(
    await list(
      `select c.oid::regclass::text as name from pg_class c
       where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace) and c.relkind = 'v'
         and not coalesce(c.reloptions @> array['security_invoker=true'], false)`,
    ),
  ).toEqual([])
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
