-- How often who may ask for what: limits as data, a sliding window per person, key or address, and what is used of it.

create table public.rate_limits (
  id uuid primary key default gen_random_uuid(),
  endpoint text not null check (endpoint ~ '^[a-z][a-z0-9_.]*$' or endpoint = '*'),
  subject_kind text not null check (subject_kind in ('person', 'key', 'address')),
  max_requests integer not null check (max_requests between 1 and 1000000),
  window_seconds integer not null check (window_seconds between 1 and 86400),
  updated_at timestamp with time zone not null default now(),
  version integer not null default 1,
  unique (endpoint, subject_kind)
);
comment on table public.rate_limits is
  'Requests that a person, a key or an address may make in a window. The endpoint * stands for those without a row of their own.';

-- A workstation sends every half minute and at every decision, and fetches its first copy in pages without a pause.
insert into public.rate_limits (endpoint, subject_kind, max_requests, window_seconds) values
  ('*', 'person', 600, 60),
  ('*', 'key', 60, 60),
  ('*', 'address', 300, 60),
  ('workstation_handshake', 'person', 600, 60),
  ('sync_push', 'person', 3000, 60),
  ('sync_pull', 'person', 6000, 60),
  ('sync_bootstrap', 'person', 6000, 60),
  ('sync_digest', 'person', 600, 60),
  ('login', 'address', 600, 60),
  ('exports', 'key', 60, 60),
  ('exports', 'address', 600, 60),
  ('export_person_data', 'person', 10, 3600),
  ('create_purchase', 'person', 30, 60);

create trigger count_rate_limits_version before update on public.rate_limits
  for each row when (old.* is distinct from new.*) execute function private.count_version();
create trigger update_rate_limits_updated_at before update on public.rate_limits
  for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();
create trigger audit_rate_limits_trigger after insert or update or delete on public.rate_limits
  for each row execute function public.audit_trigger_function();

-- Counters are worth nothing after a crash, so they are not logged; one row each, updated in place.
create unlogged table private.rate_counters (
  subject text not null,
  endpoint text not null,
  window_start timestamp with time zone not null,
  used integer not null,
  previous integer not null,
  primary key (subject, endpoint)
) with (fillfactor = 50);
comment on table private.rate_counters is
  'Requests in the present window and in the one before it. The window that slides is the present one and as much of the one before as is left.';
create index rate_counters_window_start on private.rate_counters (window_start);
alter table private.rate_counters enable row level security;

create function private.refuse_rate(p_seconds integer) returns void
language plpgsql set search_path = '' as $$
declare
  said constant text := 'That was asked for too often.';
  advice text := format('Try again in %s seconds.', p_seconds);
begin
  -- Behind the API, an error of this form chooses its own headers; its body is that of any other refusal.
  if coalesce(current_setting('request.method', true), '') <> '' then
    raise sqlstate 'PGRST' using
      message = json_build_object('code', 'PT429', 'message', said, 'details', 'rate_limited', 'hint', advice)::text,
      detail = json_build_object('status', 429, 'headers', json_build_object('Retry-After', p_seconds::text))::text;
  end if;
  raise exception using errcode = 'PT429', message = said, detail = 'rate_limited', hint = advice;
end
$$;
comment on function private.refuse_rate(integer) is
  'Raises 429 rate_limited; through the API with Retry-After (https://docs.postgrest.org/en/v12/references/errors.html, RAISE with sqlstate PGRST).';

create function private.count_request(p_subject text, p_endpoint text, p_max integer, p_window_seconds integer) returns void
language plpgsql security definer set search_path = '' as $$
declare
  opened timestamp with time zone :=
    to_timestamp(floor(extract(epoch from clock_timestamp()) / p_window_seconds) * p_window_seconds);
  span interval := make_interval(secs => p_window_seconds);
  counter private.rate_counters;
  passed double precision;
  wait double precision;
begin
  insert into private.rate_counters as c (subject, endpoint, window_start, used, previous)
  values (p_subject, p_endpoint, opened, 1, 0)
  on conflict (subject, endpoint) do update
  -- Another request may have opened the next window while this one waited for the row.
  set used = case when c.window_start >= excluded.window_start then c.used + 1 else 1 end,
      previous = case
        when c.window_start >= excluded.window_start then c.previous
        when c.window_start = excluded.window_start - span then c.used
        else 0
      end,
      window_start = greatest(c.window_start, excluded.window_start)
  returning c.* into counter;
  passed := least(1, greatest(0, extract(epoch from clock_timestamp() - counter.window_start) / p_window_seconds));
  if counter.previous * (1 - passed) + counter.used <= p_max then
    return;
  end if;
  -- What is refused is not counted: the error takes this request's increment back.
  wait := case
    when counter.used <= p_max then 1 - (p_max - counter.used)::double precision / counter.previous - passed
    else 1 - passed + greatest(0, 1 - (p_max - 1)::double precision / (counter.used - 1))
  end;
  perform private.refuse_rate(greatest(1, ceil(wait * p_window_seconds))::integer);
end
$$;
comment on function private.count_request(text, text, integer, integer) is
  'Counts a request in a sliding window and raises 429 rate_limited when it is one too many. Requests of one subject to one endpoint count one after the other.';

create function private.take_rate(p_subject text, p_endpoint text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  kind text := case split_part(p_subject, ':', 1) when 'key' then 'key' when 'address' then 'address' else 'person' end;
  rule public.rate_limits;
begin
  -- Nobody is signed in: a maintenance script or the service role.
  if p_subject is null then
    return;
  end if;
  select r.* into rule
  from public.rate_limits r
  where r.endpoint in (p_endpoint, '*') and r.subject_kind = kind
  order by r.endpoint = '*'
  limit 1;
  if rule.id is not null then
    perform private.count_request(p_subject, p_endpoint, rule.max_requests, rule.window_seconds);
  end if;
end
$$;
comment on function private.take_rate(text, text) is
  'To be called first in a function that clients call, before any lock. The subject is a person''s id, or key:<id>, or address:<inet>; null counts nothing.';

create function private.sweep_rate_counters() returns integer
language plpgsql security definer set search_path = '' as $$
declare
  swept integer;
begin
  delete from private.rate_counters c where c.window_start < now() - interval '2 days';
  get diagnostics swept = row_count;
  return swept;
end
$$;
comment on function private.sweep_rate_counters() is 'Removes counters that no window reaches any more; for the retention job.';

-- What an organization may store, and how many rows its keys may take out in a day.
create table public.quotas (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid unique references public.organizations (id),
  storage_bytes bigint not null check (storage_bytes > 0),
  daily_key_rows integer not null check (daily_key_rows > 0),
  updated_at timestamp with time zone not null default now(),
  version integer not null default 1
);
comment on table public.quotas is 'Bytes that an organization may store and rows that each of its keys may fetch in a day. The row without an organization holds for all others.';
insert into public.quotas (organization_id, storage_bytes, daily_key_rows) values (null, 107374182400, 1000000);
create unique index quotas_default on public.quotas ((true)) where organization_id is null;
create trigger count_quotas_version before update on public.quotas
  for each row when (old.* is distinct from new.*) execute function private.count_version();
create trigger update_quotas_updated_at before update on public.quotas
  for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();
create trigger audit_quotas_trigger after insert or update or delete on public.quotas
  for each row execute function public.audit_trigger_function();

create function private.quota_of(p_organization uuid) returns public.quotas
language sql stable security definer set search_path = '' as $$
  select q.* from public.quotas q
  where q.organization_id = p_organization or q.organization_id is null
  order by q.organization_id is null
  limit 1
$$;
comment on function private.quota_of(uuid) is 'The quota of an organization: its own, or the one for all.';

create function private.storage_used(p_organization uuid) returns bigint
language sql stable security definer set search_path = '' as $$
  select coalesce(sum((o.metadata ->> 'size')::bigint), 0)::bigint
  -- People upload into a folder of their own; this form of comparison is the one that the index of storage on names serves.
  from public.users u
  join storage.objects o on o.name ~>=~ (u.id::text || '/') and o.name ~<~ (u.id::text || '0')
  where u.organization_id = p_organization
$$;
comment on function private.storage_used(uuid) is 'Bytes in the folders of an organization''s people.';

create function private.within_storage_quota() returns boolean
language sql stable security definer set search_path = '' as $$
  select coalesce((
    select private.storage_used(u.organization_id) < (private.quota_of(u.organization_id)).storage_bytes
    from public.users u
    where u.id = auth.uid() and u.organization_id is not null
  ), true)
$$;
comment on function private.within_storage_quota() is
  'False once the signed-in person''s organization has used up its storage. The file that crosses the line is still taken: its size is known only afterwards.';

do $$
begin
  create policy "Within the organization's quota" on storage.objects as restrictive for insert to authenticated
    -- A certificate belongs to a decision that stands; it is never turned away for want of room.
    with check (bucket_id = 'certificates' or (select private.within_storage_quota()));
exception
  when insufficient_privilege then
    raise warning 'No policy could be placed on storage.objects: the storage quota is not enforced.';
end
$$;

create function public.my_usage() returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  person public.users := private.require_access();
begin
  return jsonb_build_object(
    'requests', coalesce((
      select jsonb_agg(jsonb_build_object(
        'endpoint', r.endpoint, 'max_requests', r.max_requests, 'window_seconds', r.window_seconds,
        'used', coalesce(ceil(case
          when age.windows < 1 then c.used + c.previous * (1 - age.windows)
          when age.windows < 2 then c.used * (2 - age.windows)
        end), 0)
      ) order by r.endpoint)
      from public.rate_limits r
      left join private.rate_counters c on c.subject = person.id::text and c.endpoint = r.endpoint
      left join lateral (
        select extract(epoch from clock_timestamp() - c.window_start) / r.window_seconds as windows
      ) age on true
      where r.subject_kind = 'person' and r.endpoint <> '*'
    ), '[]'),
    'storage', case when person.organization_id is not null then jsonb_build_object(
      'used_bytes', private.storage_used(person.organization_id),
      'quota_bytes', (private.quota_of(person.organization_id)).storage_bytes
    ) end,
    'daily_key_rows', (private.quota_of(person.organization_id)).daily_key_rows
  );
end
$$;
comment on function public.my_usage() is 'What the signed-in person has used of each limit, and what the organization has used of its storage.';

alter table public.rate_limits enable row level security;
alter table public.quotas enable row level security;
create policy "Everyone who is let in reads the limits" on public.rate_limits for select to authenticated
  using ((select private.is_active_person()));
create policy "One's own organization's quota, and all of them for who manages organizations" on public.quotas for select to authenticated
  using (
    (select private.may('organization.manage'))
    or ((select private.is_active_person()) and (organization_id is null or organization_id = (
      select u.organization_id from public.users u where u.id = (select auth.uid())
    )))
  );

revoke all on public.rate_limits, public.quotas, private.rate_counters from public, anon, authenticated;
grant select on public.rate_limits, public.quotas to authenticated;
grant all on public.rate_limits, public.quotas, private.rate_counters to service_role;
revoke all on function
  private.refuse_rate(integer), private.count_request(text, text, integer, integer), private.take_rate(text, text),
  private.sweep_rate_counters(), private.quota_of(uuid), private.storage_used(uuid), private.within_storage_quota(), public.my_usage()
from public, anon, authenticated;
grant execute on function
  private.refuse_rate(integer), private.count_request(text, text, integer, integer), private.take_rate(text, text),
  private.sweep_rate_counters(), private.quota_of(uuid), private.storage_used(uuid), private.within_storage_quota(), public.my_usage()
to service_role;
grant execute on function private.within_storage_quota(), public.my_usage() to authenticated;
