-- Keys of programs: made for an organization, shown once, kept as a hash, limited in what, how often, how much and how long.

create table public.agent_keys (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id),
  name text not null check (btrim(name) <> '' and length(name) <= 100),
  prefix text not null unique check (prefix ~ '^[0-9a-f]{8}$'),
  key_hash bytea not null check (octet_length(key_hash) = 32),
  scopes text[] not null check (
    cardinality(scopes) > 0
    and scopes <@ array['export.batches', 'export.decisions', 'export.certificates', 'export.audit_anchors', 'personal']
  ),
  rate_per_minute integer not null default 60 check (rate_per_minute between 1 and 6000),
  expires_at timestamp with time zone,
  revoked_at timestamp with time zone,
  revoked_by uuid references public.users (id),
  revoke_reason text,
  last_used_at timestamp with time zone,
  last_used_address inet,
  created_by uuid not null references public.users (id),
  created_at timestamp with time zone not null default now(),
  version integer not null default 1
);
comment on table public.agent_keys is 'Keys of programs that fetch exports. The key itself is shown once and not kept; key_hash is the SHA-256 of its 32 random bytes.';
comment on column public.agent_keys.scopes is 'Which exports, and `personal` for whoever may also be told what is personal in them.';
create index agent_keys_organization_id on public.agent_keys (organization_id);
create index agent_keys_created_by on public.agent_keys (created_by);
create index agent_keys_revoked_by on public.agent_keys (revoked_by);
create trigger count_agent_keys_version before update on public.agent_keys
  for each row when (old.* is distinct from new.*) execute function private.count_version();
-- That a key was used is told by the entry of each call; here only that it was made or revoked.
create trigger audit_agent_keys_trigger after insert or delete or update of revoked_at on public.agent_keys
  for each row execute function public.audit_trigger_function();
create trigger keep_agent_keys before update on public.agent_keys
  for each row when (
    old.key_hash is distinct from new.key_hash or old.organization_id is distinct from new.organization_id
    or old.scopes is distinct from new.scopes or old.prefix is distinct from new.prefix
    or (old.revoked_at is not null and new.revoked_at is null)
  )
  execute function private.forbid_change('A key keeps its powers, and a revoked one stays revoked.', 'Make a new key.');

create table private.agent_key_usage (
  key_id uuid not null references public.agent_keys (id),
  day date not null,
  requests integer not null default 0,
  rows_sent bigint not null default 0,
  primary key (key_id, day)
);
comment on table private.agent_key_usage is 'Requests and rows of each key and day (UTC), for its quota.';
alter table private.agent_key_usage enable row level security;

create function public.create_agent_key(
  p_organization uuid, p_name text, p_scopes text[], p_rate_per_minute integer default 60, p_expires_at timestamp with time zone default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  person public.users := private.require_permission('agent_key.manage');
  bytes bytea := extensions.gen_random_bytes(32);
  made public.agent_keys;
begin
  if coalesce(btrim(p_name), '') = '' or length(p_name) > 100 or coalesce(cardinality(p_scopes), 0) = 0
    or not p_scopes <@ array['export.batches', 'export.decisions', 'export.certificates', 'export.audit_anchors', 'personal']
    or coalesce(p_rate_per_minute, 0) not between 1 and 6000 or p_expires_at <= now() then
    raise exception using errcode = 'PT400', message = 'The key cannot be made like this.', detail = 'invalid_request',
      hint = 'Give a name, scopes out of export.batches, export.decisions, export.certificates, export.audit_anchors and personal, 1 to 6,000 requests a minute, and an end that is not over.';
  end if;
  if not exists (select 1 from public.organizations o where o.id = p_organization) then
    raise exception using errcode = 'PT404', message = 'There is no such organization.', detail = 'not_found', hint = 'Look at the list of organizations.';
  end if;
  insert into public.agent_keys (organization_id, name, prefix, key_hash, scopes, rate_per_minute, expires_at, created_by)
  values (
    p_organization, btrim(p_name), encode(extensions.gen_random_bytes(4), 'hex'), sha256(bytes),
    array(select distinct s from unnest(p_scopes) s order by s), p_rate_per_minute, p_expires_at, person.id
  )
  returning * into made;
  perform private.note_security_event('info', 'agent_key_made', person.id, null,
    jsonb_build_object('key', made.id, 'name', made.name, 'scopes', made.scopes));
  return jsonb_build_object(
    'id', made.id, 'prefix', made.prefix, 'scopes', made.scopes, 'expires_at', made.expires_at,
    'key', 'vdk_' || made.prefix || '_' || encode(bytes, 'hex')
  );
end
$$;
comment on function public.create_agent_key(uuid, text, text[], integer, timestamp with time zone) is
  'Makes a key for an organization''s program. The answer is the only place where the key itself is ever seen.';

create function public.list_agent_keys() returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  perform private.require_permission('agent_key.manage');
  return coalesce((
    select jsonb_agg(jsonb_build_object(
      'id', k.id, 'organization_id', k.organization_id, 'name', k.name, 'prefix', k.prefix, 'scopes', k.scopes,
      'rate_per_minute', k.rate_per_minute, 'created_at', k.created_at, 'expires_at', k.expires_at, 'revoked_at', k.revoked_at,
      'last_used_at', k.last_used_at, 'requests_today', coalesce(u.requests, 0), 'rows_today', coalesce(u.rows_sent, 0),
      'daily_rows', (private.quota_of(k.organization_id)).daily_key_rows
    ) order by k.created_at, k.id)
    from public.agent_keys k
    left join private.agent_key_usage u on u.key_id = k.id and u.day = (now() at time zone 'UTC')::date
  ), '[]');
end
$$;
comment on function public.list_agent_keys() is 'All keys without the keys themselves, with what they used today.';

create function public.revoke_agent_key(p_id uuid, p_reason text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  person public.users := private.require_permission('agent_key.manage');
  revoked public.agent_keys;
begin
  update public.agent_keys k
  set revoked_at = coalesce(k.revoked_at, now()), revoked_by = coalesce(k.revoked_by, person.id),
      revoke_reason = coalesce(k.revoke_reason, left(p_reason, 500))
  where k.id = p_id
  returning k.* into revoked;
  if revoked.id is null then
    raise exception using errcode = 'PT404', message = 'There is no such key.', detail = 'not_found', hint = 'Look at the list of keys.';
  end if;
  perform private.note_security_event('info', 'agent_key_revoked', person.id, null, jsonb_build_object('key', p_id));
  return jsonb_build_object('id', revoked.id, 'revoked_at', revoked.revoked_at);
end
$$;
comment on function public.revoke_agent_key(uuid, text) is 'Revokes a key for good.';

create function private.admit_key(p_key text, p_scope text) returns public.agent_keys
language plpgsql security definer set search_path = '' as $$
declare
  parts text[] := regexp_match(p_key, '^vdk_([0-9a-f]{8})_([0-9a-f]{64})$');
  found_key public.agent_keys;
begin
  select k.* into found_key
  from public.agent_keys k
  where k.prefix = parts[1] and k.key_hash = sha256(decode(parts[2], 'hex'));
  -- One answer for a key that never was, was revoked or has ended.
  if found_key.id is null or found_key.revoked_at is not null or found_key.expires_at <= now() then
    raise exception using errcode = 'PT401', message = 'This key is not accepted.', detail = 'key_refused',
      hint = 'Ask the organization''s administrator for a key that is in force.';
  end if;
  perform private.count_request('key:' || found_key.id::text, 'exports', found_key.rate_per_minute, 60);
  if not p_scope = any (found_key.scopes) then
    perform private.refuse_access('scope_missing', format('This key does not have the scope %s.', p_scope), 'Ask for a key that has it.');
  end if;
  -- Written once a minute: a program that asks in a row does not write the row in a row.
  update public.agent_keys k set last_used_at = now()
  where k.id = found_key.id and (k.last_used_at is null or k.last_used_at < now() - interval '1 minute');
  return found_key;
end
$$;
comment on function private.admit_key(text, text) is 'The key, or 401 key_refused, 429 rate_limited, 403 scope_missing.';

create function private.export_rows(p_key public.agent_keys, p_dataset text, p_after text, p_limit integer) returns table (place text, body jsonb)
language plpgsql stable security definer set search_path = '' as $$
declare
  kind text := (select o.kind from public.organizations o where o.id = p_key.organization_id);
begin
  if p_dataset = 'audit_anchors' then
    return query
      select a.number::text, to_jsonb(a.*)
      from public.audit_anchors a
      where a.number > coalesce(p_after::bigint, 0)
      order by a.number
      limit p_limit;
    return;
  end if;
  -- The registry's own programs see all; a verification body's its batches; a recycler's the batches of its people; nobody else any.
  return query execute format(
    $query$
      select t.id::text, to_jsonb(t.*)
      from public.%I t
      join public.batches b on b.id = t.%I
      where t.id > $1
        and case $2
          when 'registry' then true
          when 'verification_body' then b.verification_body_id = $3
          when 'recycler' then exists (select 1 from public.users u where u.id = b.user_id and u.organization_id = $3)
          else false
        end
      order by t.id
      limit $4
    $query$,
    p_dataset, case p_dataset when 'batches' then 'id' else 'batch_id' end
  ) using coalesce(p_after::uuid, '00000000-0000-0000-0000-000000000000'), kind, p_key.organization_id, p_limit;
end
$$;
comment on function private.export_rows(public.agent_keys, text, text, integer) is 'A page of a dataset of the key''s organization, unmasked.';

create function public.export_with_key(p_key text, p_dataset text, p_after text default null, p_limit integer default 500) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  agent public.agent_keys;
  wanted integer := least(greatest(coalesce(p_limit, 500), 1), 1000);
  quota integer;
  today date := (now() at time zone 'UTC')::date;
  used bigint;
  answer jsonb;
  sent integer;
begin
  if p_dataset is null or p_dataset not in ('batches', 'decisions', 'certificates', 'audit_anchors') then
    raise exception using errcode = 'PT404', message = 'There is no such dataset.', detail = 'not_found',
      hint = 'There are batches, decisions, certificates and audit_anchors.';
  end if;
  if p_after is not null and not (
    case p_dataset when 'audit_anchors' then p_after ~ '^[0-9]{1,18}$' else private.uuid_or_null(p_after) is not null end
  ) then
    raise exception using errcode = 'PT400', message = 'The cursor cannot be read.', detail = 'invalid_cursor',
      hint = 'Send the cursor of the page before, or none.';
  end if;
  agent := private.admit_key(p_key, 'export.' || p_dataset);
  quota := (private.quota_of(agent.organization_id)).daily_key_rows;
  insert into private.agent_key_usage as u (key_id, day, requests) values (agent.id, today, 1)
  on conflict (key_id, day) do update set requests = u.requests + 1
  returning rows_sent into used;
  wanted := least(wanted, quota - used);
  if wanted <= 0 then
    perform private.refuse_rate(ceil(extract(epoch from (today + 1)::timestamp at time zone 'UTC' - now()))::integer);
  end if;
  with page as materialized (
    select r.place, r.body, r.number
    from private.export_rows(agent, p_dataset, p_after, wanted) with ordinality as r (place, body, number)
  )
  select jsonb_build_object(
      'rows', coalesce(jsonb_agg(
        private.mask_row(p_dataset, page.body, 'personal' = any (agent.scopes), agent.id) order by page.number
      ), '[]'),
      'next', case when count(*) = wanted then (select last.place from page last order by last.number desc limit 1) end
    ), count(*)
  into answer, sent
  from page;
  update private.agent_key_usage u set rows_sent = u.rows_sent + sent where u.key_id = agent.id and u.day = today;
  perform set_config('veridesk.agent', agent.name, true);
  if pg_catalog.to_regprocedure('private.write_audit_entry(text, text, uuid, jsonb, jsonb, text)') is not null then
    perform private.write_audit_entry('EXPORT', p_dataset, agent.id, null,
      jsonb_build_object('key_prefix', agent.prefix, 'after', p_after, 'rows', sent, 'personal', 'personal' = any (agent.scopes)));
  end if;
  return answer;
end
$$;
comment on function public.export_with_key(text, text, text, integer) is
  'A page of a dataset for the holder of a key, masked by the sensitivity of its columns, counted and audited. Called by the function exports with the service''s rights.';

create function public.count_export_call(p_address text) returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform private.take_rate('address:' || coalesce(nullif(p_address, ''), 'unknown'), 'exports');
end
$$;
comment on function public.count_export_call(text) is 'Counts a call of exports by address, so that keys are not guessed in a row: 429 rate_limited.';

alter table public.agent_keys enable row level security;
revoke all on public.agent_keys, private.agent_key_usage from public, anon, authenticated;
grant all on public.agent_keys, private.agent_key_usage to service_role;
revoke all on function
  public.create_agent_key(uuid, text, text[], integer, timestamp with time zone), public.list_agent_keys(),
  public.revoke_agent_key(uuid, text), private.admit_key(text, text),
  private.export_rows(public.agent_keys, text, text, integer), public.export_with_key(text, text, text, integer),
  public.count_export_call(text)
from public, anon, authenticated;
grant execute on function
  public.create_agent_key(uuid, text, text[], integer, timestamp with time zone), public.list_agent_keys(),
  public.revoke_agent_key(uuid, text), private.admit_key(text, text),
  private.export_rows(public.agent_keys, text, text, integer), public.export_with_key(text, text, text, integer),
  public.count_export_call(text)
to service_role;
grant execute on function
  public.create_agent_key(uuid, text, text[], integer, timestamp with time zone), public.list_agent_keys(),
  public.revoke_agent_key(uuid, text)
to authenticated;
