import type { Client } from 'pg'
import { getAuthSchemaSql, getStorageSchemaSql } from './lite.ts'

/** Roles a Supabase project has before anything of ours is in it. */
const ROLES = `
do $$ begin
  if not exists (select from pg_roles where rolname = 'anon') then create role anon nologin noinherit; end if;
  if not exists (select from pg_roles where rolname = 'authenticated') then
    create role authenticated nologin noinherit;
  end if;
  if not exists (select from pg_roles where rolname = 'service_role') then
    create role service_role nologin noinherit bypassrls;
  end if;
end $$;
`

/** Extensions live in their own schema, which every session searches last. */
const EXTENSIONS = `
create schema extensions;
grant usage on schema extensions to anon, authenticated, service_role;
create extension if not exists pgcrypto with schema extensions;
create extension if not exists "uuid-ossp" with schema extensions;
do $$ begin
  execute format('alter database %I set search_path to "$user", public, extensions', current_database());
end $$;
`

/** What Supabase grants to its roles on the schemas that policies need to read. */
const AUTH_GRANTS = `
grant usage on schema auth to anon, authenticated, service_role;
grant select on all tables in schema auth to service_role;
`

/** The same four helpers as a Supabase project, which read either form of the request's claims. */
const AUTH_HELPERS = `
create or replace function auth.uid() returns uuid language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.sub', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
  )::uuid
$$;
create or replace function auth.role() returns text language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.role', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'
  )::text
$$;
create or replace function auth.email() returns text language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.email', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email'
  )::text
$$;
create or replace function auth.jwt() returns jsonb language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')
  )::jsonb
$$;
`

const STORAGE_GRANTS = `
grant usage on schema storage to anon, authenticated, service_role;
grant all on all tables in schema storage to anon, authenticated, service_role;
`

/**
 * A Supabase project grants every new object in `public` to its three roles and leaves the rest to row level security.
 * The same is done here, so that a migration which forgets to revoke shows its hole locally and not in production.
 */
const PUBLIC_GRANTS = `
grant usage on schema public to anon, authenticated, service_role;
alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges in schema public grant all on functions to anon, authenticated, service_role;
alter default privileges in schema public grant all on sequences to anon, authenticated, service_role;
`

const SEED_LEDGER = `
create schema if not exists supabase_migrations;
create table if not exists supabase_migrations.seed_files (path text primary key, hash text not null);
`

const exists = async (client: Client, query: string): Promise<boolean> =>
  (await client.query<{ found: boolean }>(`select (${query}) is not null as found`)).rows[0]?.found === true

/**
 * Brings an empty PostgreSQL to where a new Supabase project begins: its roles, the `auth`, `storage` and
 * `extensions` schemas, and its default grants. On a real project, or a second time, it finds them and leaves them.
 * All or nothing: one transaction.
 */
export const prepareDatabase = async (client: Client): Promise<void> => {
  await client.query('begin')
  try {
    await client.query("select pg_advisory_xact_lock(hashtext('local-cloud.prepare'))")
    const isNew = !(await exists(client, "to_regclass('auth.users')"))
    await client.query(ROLES)
    if (!(await exists(client, "to_regnamespace('extensions')"))) await client.query(EXTENSIONS)
    if (isNew) {
      await client.query(getAuthSchemaSql())
      await client.query(AUTH_HELPERS + AUTH_GRANTS + PUBLIC_GRANTS)
    }
    if (!(await exists(client, "to_regclass('storage.objects')"))) {
      await client.query(getStorageSchemaSql())
      await client.query(STORAGE_GRANTS)
    }
    await client.query(SEED_LEDGER)
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw error
  }
  // The database's setting reaches new sessions only.
  await client.query('set search_path to "$user", public, extensions')
}
