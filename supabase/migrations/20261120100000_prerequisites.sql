-- What the other migrations stand on: the platform's roles, pgcrypto in `extensions`, and the schema `private`.

do $$
declare
  wanted text;
begin
  foreach wanted in array array['anon', 'authenticated', 'service_role'] loop
    if not exists (select 1 from pg_catalog.pg_roles where rolname = wanted) then
      raise exception 'The role % is missing. Run these migrations on a Supabase project or on the local cloud.', wanted;
    end if;
  end loop;
  if pg_catalog.to_regclass('auth.users') is null or pg_catalog.to_regprocedure('auth.uid()') is null then
    raise exception 'auth.users or auth.uid() is missing. Run these migrations on a Supabase project or on the local cloud.';
  end if;
end
$$;

create schema if not exists extensions;
grant usage on schema extensions to anon, authenticated, service_role;

do $$
begin
  if exists (
    select 1
    from pg_catalog.pg_extension e
    join pg_catalog.pg_namespace n on n.oid = e.extnamespace
    where e.extname = 'pgcrypto' and n.nspname <> 'extensions'
  ) then
    alter extension pgcrypto set schema extensions;
  end if;
end
$$;
create extension if not exists pgcrypto with schema extensions;

create schema private;
comment on schema private is
  'Helpers of policies, triggers and functions. Not exposed by the API; callable only by what runs inside the database.';
revoke all on schema private from public;
grant usage on schema private to authenticated, service_role;
grant usage on schema public to anon, authenticated, service_role;

-- The platform grants everything on new tables and functions to the API's roles; here every grant is written down.
alter default privileges in schema public revoke all on tables from anon, authenticated;
alter default privileges in schema public revoke all on sequences from anon, authenticated;
alter default privileges in schema public revoke all on functions from anon, authenticated;
