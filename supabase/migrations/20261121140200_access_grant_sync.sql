-- Grants on workstations: a person's own in their scope, all of them in the register, keys and rules with the reference data.

create function private.wire(r public.access_grants) returns json language sql stable as $$
  select json_build_object(
    'id', r.id, 'user_id', r.user_id, 'kind', r.kind, 'body', r.body, 'key_id', r.key_id, 'signature', r.signature,
    'revoked_at', r.revoked_at, 'revocation_reason', r.revocation_reason, 'version', r.version)
$$;
create function private.wire(r public.grant_keys) returns json language sql stable as $$
  select json_build_object(
    'id', r.id, 'key_id', r.key_id, 'public_key', r.public_key, 'valid_from', r.valid_from, 'retired_at', r.retired_at,
    'version', r.version)
$$;
create function private.wire(r public.gate_rules) returns json language sql stable as $$
  select json_build_object(
    'id', r.id, 'standard', r.standard, 'action', r.action, 'gate', r.gate, 'required', r.required,
    'unconfirmed', r.unconfirmed, 'version', r.version)
$$;
comment on function private.wire(public.access_grants) is 'A row as workstations receive it.';
comment on function private.wire(public.grant_keys) is 'A row as workstations receive it.';
comment on function private.wire(public.gate_rules) is 'A row as workstations receive it.';

-- The views as they are by now, with the new tables added: whoever changed them before keeps what they did.
do $$
declare
  added record;
  definition text;
begin
  for added in
    select * from (values
      ('reference_rows', 'select ''grant_keys''::text, k.id, k.version from public.grant_keys k
        union all select ''gate_rules'', r.id, r.version from public.gate_rules r'),
      ('scope_rows', 'select ''register''::text, ''access_grants''::text, g.id, g.version
          from public.access_grants g where g.signature is not null
        union all select ''person:'' || g.user_id::text, ''access_grants'', g.id, g.version
          from public.access_grants g where g.signature is not null'),
      ('wire_rows', 'select ''access_grants''::text, t.id, private.wire(t) from public.access_grants t where t.signature is not null
        union all select ''grant_keys'', t.id, private.wire(t) from public.grant_keys t
        union all select ''gate_rules'', t.id, private.wire(t) from public.gate_rules t')
    ) v (name, rows)
  loop
    definition := rtrim(pg_get_viewdef(('private.' || added.name)::regclass), E'; \n');
    execute format('create or replace view private.%I with (security_invoker = true) as %s union all %s', added.name, definition, added.rows);
  end loop;
end
$$;

create function private.feed_access_grants() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if private.in_bulk() then
    return null;
  end if;
  perform private.lock_batches('{}');
  insert into public.sync_feed (scope, tbl, row_id, op, version)
  select s.scope, 'access_grants', c.id, 'U', c.version
  from changed c
  cross join lateral (values ('register'), ('person:' || c.user_id::text)) as s (scope)
  where c.signature is not null
  order by s.scope, c.id
  on conflict (scope, tbl, row_id) do update
  set op = excluded.op, version = excluded.version, xid = excluded.xid;
  return null;
end
$$;
comment on function private.feed_access_grants() is 'Announces signed grants, and what becomes of them, to the person and to the register.';
create trigger feed_access_grants_insert after insert on public.access_grants
  referencing new table as changed for each statement execute function private.feed_access_grants();
create trigger feed_access_grants_update after update on public.access_grants
  referencing new table as changed for each statement execute function private.feed_access_grants();

do $$
declare
  t text;
  verb text;
begin
  foreach t in array array['grant_keys', 'gate_rules'] loop
    foreach verb in array array['insert', 'update'] loop
      execute format(
        'create trigger %I after %s on public.%I referencing new table as changed for each statement execute function private.feed_reference()',
        'feed_' || t || '_' || verb, verb, t
      );
    end loop;
  end loop;
end
$$;

-- The rules were there before the feed knew them.
insert into public.sync_feed (scope, tbl, row_id, op, version)
select 'reference', 'gate_rules', r.id, 'U', r.version from public.gate_rules r;

revoke all on function
  private.wire(public.access_grants), private.wire(public.grant_keys), private.wire(public.gate_rules), private.feed_access_grants()
from public, anon, authenticated;
grant execute on function
  private.wire(public.access_grants), private.wire(public.grant_keys), private.wire(public.gate_rules)
to authenticated, service_role;
