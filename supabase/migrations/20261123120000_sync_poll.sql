-- One call in the place of a handshake and a pull of each scope: most synchronizations have nothing new to hear, and ask it twice a minute.

create function private.greeting(p_person public.users) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return jsonb_build_object(
    'protocol_version', 1,
    'schema_version', 1,
    'server_epoch', (select s.server_epoch from public.server_state s),
    'person', jsonb_build_object(
      'id', p_person.id,
      'name', p_person.name,
      'email', p_person.email,
      'role', p_person.role,
      'sub_role', p_person.sub_role,
      'grants', private.grants_of(p_person.id),
      'organization_id', p_person.organization_id,
      'organization_name', coalesce(
        (select o.name from public.organizations o where o.id = p_person.organization_id), p_person.organization_name
      )
    ),
    'scopes', private.held_scopes()
  );
end
$$;
comment on function private.greeting(public.users) is
  'What a handshake tells the signed-in person, without what it tells of the moment and of the device.';

create function private.fingerprint_of(p_greeting jsonb) returns text
language plpgsql immutable set search_path = '' as $$
begin
  return left(encode(sha256(convert_to(p_greeting::text, 'UTF8')), 'hex'), 16);
end
$$;
comment on function private.fingerprint_of(jsonb) is
  'Short for a greeting: a workstation that was told one with the same fingerprint knows it. It protects nothing.';

create or replace function private.greet_device(p_request jsonb) returns json
language plpgsql security definer set search_path = '' as $$
declare
  person public.users;
  device uuid;
  revoked timestamp with time zone;
  greeting jsonb;
begin
  person := private.require_access();
  if coalesce(p_request ->> 'protocol_version', '') <> '1'
    or coalesce(p_request ->> 'schema_version', '') !~ '^[0-9]{1,4}$'
    or (p_request ->> 'schema_version')::integer not between -1 and 1 then
    raise exception using
      errcode = 'PT426',
      message = 'This version of the program and the cloud do not understand each other.',
      detail = 'protocol_version',
      hint = 'Update the program, or ask an administrator to update the cloud.';
  end if;
  begin
    device := (p_request ->> 'device_id')::uuid;
  exception when data_exception then
    device := null;
  end;
  if device is null then
    raise exception using errcode = 'PT400', message = 'The request names no device.', detail = 'invalid_request',
      hint = 'Send device_id, device_name and program_version.';
  end if;
  insert into public.devices as known (id, user_id, name, program_version)
  values (device, person.id, left(coalesce(p_request ->> 'device_name', ''), 200), left(coalesce(p_request ->> 'program_version', ''), 50))
  on conflict (id, user_id) do update
  set name = excluded.name, program_version = excluded.program_version, last_seen_at = now()
  returning known.revoked_at into revoked;
  if revoked is not null then
    perform private.refuse_access('device_revoked',
      'This device was taken out of use for this account.', 'Ask an administrator to let it in again.');
  end if;
  greeting := private.greeting(person);
  return (greeting || jsonb_build_object(
    'server_time', clock_timestamp(), 'fingerprint', private.fingerprint_of(greeting)
  ))::json;
end
$$;
comment on function private.greet_device(jsonb) is
  'What a handshake answers of person, cloud and scopes, with its fingerprint for private.known_scopes(); enrols the device.';

create or replace function private.admit(p_endpoint text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  bound public.devices;
begin
  if auth.uid() is null then
    return;
  end if;
  perform private.take_rate(auth.uid()::text, p_endpoint);
  if not private.session_lives(private.session_id()) then
    raise exception using errcode = 'PT401', message = 'This session has been ended.', detail = 'session_ended',
      hint = 'Sign in again. What was recorded on this computer is kept.';
  end if;
  select d.* into bound
  from private.device_sessions s
  join public.devices d on d.id = s.device_id and d.user_id = s.user_id
  where s.session_id = private.session_id();
  if bound.state = 'revoked' then
    perform private.refuse_access('device_revoked',
      'This device was taken out of use for this account.', 'Ask an administrator to let it in again.');
  elsif bound.state is distinct from 'trusted' and p_endpoint <> 'workstation_handshake' and private.needs_trust(auth.uid()) then
    perform private.refuse_access('device_not_trusted',
      'Your organization lets in trusted devices alone, and this one is not.', 'Ask an administrator to trust this device.');
  end if;
  -- A poll stands for a handshake. To the minute is enough for a list of devices: a poll without news then writes nothing that lasts.
  if p_endpoint = 'sync_poll' and bound.user_id = auth.uid() and (
    bound.last_seen_at < now() - interval '1 minute' or bound.last_address is distinct from private.request_address()
  ) then
    update public.devices d set last_seen_at = now(), last_address = private.request_address()
    where d.id = bound.id and d.user_id = bound.user_id;
  end if;
end
$$;

create function private.known_scopes(p_fingerprint text) returns text[]
language plpgsql stable security definer set search_path = '' as $$
declare
  greeting jsonb := private.greeting(private.require_access());
begin
  if p_fingerprint is distinct from private.fingerprint_of(greeting) or not exists (
    select from private.device_sessions s where s.session_id = private.session_id() and s.user_id = auth.uid()
  ) then
    return null;
  end if;
  return array(select jsonb_array_elements_text(greeting -> 'scopes'));
end
$$;
comment on function private.known_scopes(text) is
  'The scopes of the signed-in person, for a device that was told so by a handshake of this session; null when the handshake would say something else now, or there was none.';

create function private.news(p_cursors jsonb, p_bound pg_snapshot, p_most integer)
returns table (scope text, since text, changes integer)
language plpgsql stable set search_path = '' as $$
declare
  seen pg_snapshot;
begin
  for scope, since in select c.key, c.value from jsonb_each_text(p_cursors) c loop
    begin
      seen := private.parse_snapshot(since);
      changes := case when pg_snapshot_xmax(seen) <= pg_snapshot_xmax(p_bound) then 0 end;
    exception when sqlstate 'PT400' then
      changes := null;
    end;
    if changes is not null then
      select count(*) into changes
      from (
        select
        from public.sync_feed f
        where f.scope = news.scope
          and f.xid >= pg_snapshot_xmin(seen) and f.xid < pg_snapshot_xmax(p_bound)
          and not pg_visible_in_snapshot(f.xid, seen) and pg_visible_in_snapshot(f.xid, p_bound)
        limit p_most
      ) f;
    end if;
    if changes is distinct from 0 then
      return next;
    end if;
  end loop;
end
$$;
comment on function private.news(jsonb, pg_snapshot, integer) is
  'Scopes in which something became visible since their cursors, with how many changes, counted up to a number; null changes for a cursor that is unreadable, ahead of the cloud, or older than the feed''s memory.';

create function private.poll_scopes(p_fingerprint text, p_cursors jsonb, p_limit integer) returns json
language plpgsql stable set search_path = '' as $$
declare
  bound constant pg_snapshot := pg_current_snapshot();
  room constant integer := private.page_size(p_limit);
  held text[];
  cursors jsonb := p_cursors;
  pages json;
  answer json;
begin
  if coalesce(jsonb_typeof(p_cursors), '') not in ('object', 'string') then
    raise exception using errcode = 'PT400', message = 'The cursors cannot be read.', detail = 'invalid_request',
      hint = 'Send an object of scopes and their cursors, or the one cursor of all scopes.';
  end if;
  -- The function is stable, so that all of this is one snapshot: what is held, what is new in it, and the rows as they are.
  held := private.known_scopes(p_fingerprint);
  if held is not null and jsonb_typeof(p_cursors) = 'string' then
    select jsonb_object_agg(s.scope, p_cursors) into cursors from unnest(held) s (scope);
  end if;
  if held is null or exists (select from jsonb_object_keys(cursors) k where k <> all (held)) then
    return json_build_object('greet', true);
  end if;
  select json_object_agg(n.scope, case
    when n.changes is null then to_json('stale'::text)
    when n.total <= room then private.pull_page(n.scope, n.since, bound::text, null, n.changes + 1)
  end)
  into pages
  from (
    select f.scope, f.since, f.changes, sum(f.changes) over (order by f.changes, f.scope) as total
    from private.news(cursors, bound, room + 1) f
  ) n;
  answer := (
    select to_json(a)
    from (select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "time", bound::text as upto) a
  );
  return case when pages is null then answer else json_build_object('time', answer -> 'time', 'upto', answer -> 'upto', 'pages', pages) end;
end
$$;
comment on function private.poll_scopes(text, jsonb, integer) is
  'Time, snapshot, and for each scope with something new since its cursor all of it as sync_pull would answer; null for what does not fit into the limit, stale for a cursor of no use. Only greet, when a handshake would say something else than what is known, or a cursor is of a scope that is not held.';

create function public.sync_poll(p_fingerprint text, p_cursors jsonb, p_limit integer) returns json
language plpgsql set search_path = '' as $$
begin
  perform private.admit('sync_poll');
  return private.poll_scopes(p_fingerprint, p_cursors, p_limit);
end
$$;
comment on function public.sync_poll(text, jsonb, integer) is
  'What is new in all scopes since their cursors, or since one cursor of all, in one snapshot, for a workstation whose handshake would be answered as its last one; else it is told to greet again.';

-- A run of a workstation polls once, or twice when it sends something in between.
insert into public.rate_limits (endpoint, subject_kind, max_requests, window_seconds) values ('sync_poll', 'person', 1200, 60);

revoke all on function
  private.greeting(public.users), private.fingerprint_of(jsonb), private.greet_device(jsonb), private.known_scopes(text),
  private.news(jsonb, pg_snapshot, integer), private.poll_scopes(text, jsonb, integer), public.sync_poll(text, jsonb, integer)
from public, anon, authenticated;
grant execute on function
  private.greeting(public.users), private.fingerprint_of(jsonb), private.greet_device(jsonb), private.known_scopes(text),
  private.news(jsonb, pg_snapshot, integer), private.poll_scopes(text, jsonb, integer), public.sync_poll(text, jsonb, integer)
to service_role;
grant execute on function
  private.known_scopes(text), private.news(jsonb, pg_snapshot, integer), private.poll_scopes(text, jsonb, integer),
  public.sync_poll(text, jsonb, integer)
to authenticated;
