-- Devices: enrolled at their first handshake, trusted by an administrator, revoked when they are lost. Every function of
-- synchronization admits the caller first: session still there, device not revoked, not too often.

alter table public.devices
  add column trusted_at timestamp with time zone,
  add column trusted_by uuid references public.users (id),
  add column revoked_by uuid references public.users (id),
  add column revoke_reason text,
  add column last_address inet,
  add column state text not null generated always as (
    case when revoked_at is not null then 'revoked' when trusted_at is not null then 'trusted' else 'enrolled' end
  ) stored;
comment on column public.devices.state is
  'enrolled: used by the person, confirmed by nobody. trusted: confirmed by an administrator. revoked: refused until it is trusted again.';
create index devices_trusted_by on public.devices (trusted_by);
create index devices_revoked_by on public.devices (revoked_by);

-- Where a device was is as personal as its name: both are kept apart from the audit trail's entries.
create or replace trigger audit_devices_trigger after insert or delete or update of revoked_at on public.devices
  for each row execute function public.audit_trigger_function('user_id', 'name', 'last_address');

create table private.device_sessions (
  session_id uuid primary key,
  device_id uuid not null,
  user_id uuid not null,
  bound_at timestamp with time zone not null default now(),
  foreign key (device_id, user_id) references public.devices (id, user_id)
);
comment on table private.device_sessions is
  'Which device a session of Auth belongs to, from its handshake: a pull names no device, its token names the session.';
create index device_sessions_device on private.device_sessions (device_id, user_id);
alter table private.device_sessions enable row level security;

create table public.device_rules (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null unique references public.organizations (id),
  trust_required boolean not null default false,
  updated_at timestamp with time zone not null default now(),
  version integer not null default 1
);
comment on table public.device_rules is
  'Organizations whose people work on trusted devices alone: a device that nobody has confirmed is enrolled, and refused until somebody does.';
create trigger count_device_rules_version before update on public.device_rules
  for each row when (old.* is distinct from new.*) execute function private.count_version();
create trigger update_device_rules_updated_at before update on public.device_rules
  for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();
create trigger audit_device_rules_trigger after insert or update or delete on public.device_rules
  for each row execute function public.audit_trigger_function();
alter table public.device_rules enable row level security;
create policy "One's own organization's rule, and all of them for who revokes devices" on public.device_rules for select to authenticated
  using (
    (select private.may('organization.manage'))
    or ((select private.is_active_person()) and organization_id = (
      select u.organization_id from public.users u where u.id = (select auth.uid())
    ))
  );

create function private.needs_trust(p_user uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select 1
    from public.users u
    join public.device_rules r on r.organization_id = u.organization_id and r.trust_required
    where u.id = p_user
  )
$$;
comment on function private.needs_trust(uuid) is 'True for a person whose organization lets in trusted devices alone.';

create function private.session_id() returns uuid
language sql stable set search_path = '' as $$
  select private.uuid_or_null(auth.jwt() ->> 'session_id')
$$;
comment on function private.session_id() is 'The session that the request''s token was issued for; null for a token without one.';

create function private.session_lives(p_session uuid) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  if p_session is null or pg_catalog.to_regclass('auth.sessions') is null then
    return true;
  end if;
  return exists (select 1 from auth.sessions s where s.id = p_session);
exception when insufficient_privilege then
  return true;
end
$$;
comment on function private.session_lives(uuid) is 'False once Auth has ended the session, though its last token has not run out.';

create function private.admit(p_endpoint text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  bound text;
begin
  if auth.uid() is null then
    return;
  end if;
  perform private.take_rate(auth.uid()::text, p_endpoint);
  if not private.session_lives(private.session_id()) then
    raise exception using errcode = 'PT401', message = 'This session has been ended.', detail = 'session_ended',
      hint = 'Sign in again. What was recorded on this computer is kept.';
  end if;
  select d.state into bound
  from private.device_sessions s
  join public.devices d on d.id = s.device_id and d.user_id = s.user_id
  where s.session_id = private.session_id();
  if bound = 'revoked' then
    perform private.refuse_access('device_revoked',
      'This device was taken out of use for this account.', 'Ask an administrator to let it in again.');
  elsif bound is distinct from 'trusted' and p_endpoint <> 'workstation_handshake' and private.needs_trust(auth.uid()) then
    perform private.refuse_access('device_not_trusted',
      'Your organization lets in trusted devices alone, and this one is not.', 'Ask an administrator to trust this device.');
  end if;
end
$$;
comment on function private.admit(text) is
  'Lets the signed-in person''s request to a function of synchronization in: 429 rate_limited, 401 session_ended, 403 device_revoked or device_not_trusted.';

-- What the functions did stays as it is, one name further in; the names that clients call admit first.
alter function public.workstation_handshake(jsonb) set schema private;
alter function private.workstation_handshake(jsonb) rename to greet_workstation;
alter function public.sync_push(jsonb) set schema private;
alter function private.sync_push(jsonb) rename to push_changes;
alter function public.sync_pull(text, text, text, jsonb, integer) set schema private;
alter function private.sync_pull(text, text, text, jsonb, integer) rename to pull_page;
alter function public.sync_bootstrap(text, text, uuid, integer) set schema private;
alter function private.sync_bootstrap(text, text, uuid, integer) rename to bootstrap_page;
alter function public.sync_digest(text) set schema private;
alter function private.sync_digest(text) rename to digest_scope;
revoke execute on function private.greet_workstation(jsonb), private.push_changes(jsonb) from public, anon, authenticated;

create function public.workstation_handshake(p_request jsonb) returns json
language plpgsql security definer set search_path = '' as $$
declare
  answer json;
  device uuid := private.uuid_or_null(p_request ->> 'device_id');
  known public.devices;
  said constant text := 'This device was taken out of use for this account.';
  advice constant text := 'Ask an administrator to let it in again.';
  untrusted constant text := 'Your organization lets in trusted devices alone, and this one is not.';
begin
  perform private.admit('workstation_handshake');
  if auth.uid() is not null and device is not null then
    select d.* into known from public.devices d where d.id = device and d.user_id = auth.uid();
    if known.revoked_at is not null and coalesce(current_setting('request.method', true), '') <> '' then
      -- An error would take back the note that a lost device is in use, and from where; so this refusal is an answer.
      perform private.require_access();
      update public.devices d set last_seen_at = now(), last_address = private.request_address()
      where d.id = device and d.user_id = auth.uid();
      perform private.note_security_event('critical', 'revoked_device_used', auth.uid(), device);
      perform set_config('response.status', '403', true);
      return json_build_object('code', 'PT403', 'message', said, 'details', 'device_revoked', 'hint', advice);
    end if;
  end if;
  answer := private.greet_workstation(p_request);
  update public.devices d set last_address = private.request_address()
  where d.id = device and d.user_id = auth.uid() and d.last_address is distinct from private.request_address();
  if known.id is null then
    perform private.note_security_event(
      case when exists (select 1 from public.devices d where d.user_id = auth.uid() and d.id <> device) then 'warning' else 'info' end,
      'device_new', auth.uid(), device, jsonb_build_object('name', left(coalesce(p_request ->> 'device_name', ''), 200))
    );
  end if;
  if private.session_id() is not null then
    insert into private.device_sessions as bound (session_id, device_id, user_id)
    values (private.session_id(), device, auth.uid())
    on conflict (session_id) do update set device_id = excluded.device_id, user_id = excluded.user_id
    where bound.device_id <> excluded.device_id;
  end if;
  if known.trusted_at is null and private.needs_trust(auth.uid()) then
    if coalesce(current_setting('request.method', true), '') = '' then
      perform private.refuse_access('device_not_trusted', untrusted, 'Ask an administrator to trust this device.');
    end if;
    -- The device is enrolled, or nobody could find it in the list and trust it; so this refusal is an answer, too.
    perform set_config('response.status', '403', true);
    return json_build_object('code', 'PT403', 'message', untrusted, 'details', 'device_not_trusted',
      'hint', 'Ask an administrator to trust this device.');
  end if;
  return answer;
end
$$;
comment on function public.workstation_handshake(jsonb) is
  'First call of a workstation: checks versions, account and device, binds the session to the device, and says who one is and which scopes to mirror.';

create function public.sync_push(p_mutations jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform private.admit('sync_push');
  return private.push_changes(p_mutations);
end
$$;
comment on function public.sync_push(jsonb) is
  'Applies up to 100 local changes in order, each once: applied, duplicate, conflict or rejected, in the order sent.';

-- These run as their caller, whose policies decide. They count a request, so they are volatile; each page is one statement all the same.
create function public.sync_pull(p_scope text, p_cursor text, p_upto text, p_after jsonb, p_limit integer) returns json
language plpgsql set search_path = '' as $$
begin
  perform private.admit('sync_pull');
  return private.pull_page(p_scope, p_cursor, p_upto, p_after, p_limit);
end
$$;
comment on function public.sync_pull(text, text, text, jsonb, integer) is
  'What became visible in a scope between two snapshots, a page at a time; bodies come from the live tables under the caller''s policies in the same statement.';

create function public.sync_bootstrap(p_scope text, p_table text, p_after uuid, p_limit integer) returns json
language plpgsql set search_path = '' as $$
begin
  perform private.admit('sync_bootstrap');
  return private.bootstrap_page(p_scope, p_table, p_after, p_limit);
end
$$;
comment on function public.sync_bootstrap(text, text, uuid, integer) is
  'One page of a table of a scope by key, with the snapshot of this statement. The difference from the first page''s snapshot follows by sync_pull.';

create function public.sync_digest(p_scope text) returns json
language plpgsql set search_path = '' as $$
begin
  perform private.admit('sync_digest');
  return private.digest_scope(p_scope);
end
$$;
comment on function public.sync_digest(text) is
  'Count of rows and sum of versions per table of a scope, from the live tables and not from the feed, so that it shows what the feed missed.';

create function public.list_devices(p_user uuid default null) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  person public.users := private.require_access();
begin
  if coalesce(p_user, person.id) <> person.id and not (private.may('device.revoke') and private.reaches(p_user)) then
    perform private.refuse_access('not_allowed', 'These are the devices of another person.', 'Ask an administrator.');
  end if;
  return coalesce((
    select jsonb_agg(jsonb_build_object(
      'id', d.id, 'user_id', d.user_id, 'name', d.name, 'program_version', d.program_version, 'state', d.state,
      'first_seen_at', d.first_seen_at, 'last_seen_at', d.last_seen_at, 'last_address', host(d.last_address),
      'trusted_at', d.trusted_at, 'revoked_at', d.revoked_at, 'revoke_reason', d.revoke_reason
    ) order by d.last_seen_at desc, d.id)
    from public.devices d
    where d.user_id = coalesce(p_user, person.id)
  ), '[]');
end
$$;
comment on function public.list_devices(uuid) is 'The devices of the signed-in person; of another one for whoever may revoke devices.';

create function public.revoke_device(p_device uuid, p_reason text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  person public.users := private.require_access();
  -- One person's own device, or that of everybody whom the permission reaches.
  permitted boolean := private.may('device.revoke');
  holder record;
  revoked integer := 0;
  ended integer := 0;
begin
  if coalesce(btrim(p_reason), '') = '' then
    raise exception using errcode = 'PT400', message = 'A device is taken out of use with a reason.', detail = 'invalid_request',
      hint = 'Say why, such as: lost on the train.';
  end if;
  for holder in
    select d.user_id, d.revoked_at from public.devices d
    where d.id = p_device and (d.user_id = person.id or (permitted and private.reaches(d.user_id)))
    order by d.user_id
    for no key update
  loop
    -- Whose sessions end is known even where the device was revoked before: it may have been let in again in between.
    ended := ended + private.end_sessions(holder.user_id);
    continue when holder.revoked_at is not null;
    update public.devices d
    set revoked_at = now(), revoked_by = person.id, revoke_reason = left(btrim(p_reason), 500)
    where d.id = p_device and d.user_id = holder.user_id;
    perform private.note_security_event('warning', 'device_revoked', holder.user_id, p_device,
      jsonb_build_object('by', person.id, 'reason', left(btrim(p_reason), 500)));
    revoked := revoked + 1;
  end loop;
  if not found then
    raise exception using errcode = 'PT404', message = 'There is no such device.', detail = 'not_found', hint = 'Look at the list of devices.';
  end if;
  return jsonb_build_object('device_id', p_device, 'revoked_for', revoked, 'sessions_ended', ended);
end
$$;
comment on function public.revoke_device(uuid, text) is
  'Takes a lost device out of use: for oneself, or for all its people by whoever may revoke devices. Every session of those people ends; they sign in again elsewhere.';

create function public.trust_device(p_device uuid, p_user uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  person public.users := private.require_permission('device.revoke');
  device public.devices;
begin
  update public.devices d
  set trusted_at = now(), trusted_by = person.id, revoked_at = null, revoked_by = null, revoke_reason = null
  where d.id = p_device and d.user_id = p_user and private.reaches(p_user)
  returning d.* into device;
  if device.id is null then
    raise exception using errcode = 'PT404', message = 'There is no such device.', detail = 'not_found', hint = 'Look at the list of devices.';
  end if;
  perform private.note_security_event('info', 'device_trusted', p_user, p_device, jsonb_build_object('by', person.id));
  return jsonb_build_object('device_id', p_device, 'user_id', p_user, 'state', device.state);
end
$$;
comment on function public.trust_device(uuid, uuid) is 'Confirms a person''s device, or lets a revoked one in again.';

create function public.set_device_rule(p_organization uuid, p_trust_required boolean) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  person public.users := private.require_permission('organization.manage');
  trusted integer := 0;
begin
  if p_trust_required is null or not exists (select 1 from public.organizations o where o.id = p_organization) then
    raise exception using errcode = 'PT404', message = 'There is no such organization.', detail = 'not_found', hint = 'Look at the list of organizations.';
  end if;
  insert into public.device_rules as r (organization_id, trust_required) values (p_organization, p_trust_required)
  on conflict (organization_id) do update set trust_required = excluded.trust_required
  where r.trust_required is distinct from excluded.trust_required;
  -- What is in use on that day is trusted, or nobody could work on the next.
  if found and p_trust_required then
    update public.devices d set trusted_at = now(), trusted_by = person.id
    from public.users u
    where u.id = d.user_id and u.organization_id = p_organization and d.state = 'enrolled'
      and d.last_seen_at > now() - interval '90 days';
    get diagnostics trusted = row_count;
  end if;
  return jsonb_build_object('organization_id', p_organization, 'trust_required', p_trust_required, 'devices_trusted', trusted);
end
$$;
comment on function public.set_device_rule(uuid, boolean) is
  'Whether an organization''s people work on trusted devices alone. Switching it on trusts the devices seen in the last 90 days.';

revoke all on private.device_sessions, public.device_rules from public, anon, authenticated;
grant select on public.device_rules to authenticated;
grant all on private.device_sessions, public.device_rules to service_role;
revoke all on function
  private.session_id(), private.session_lives(uuid), private.admit(text), public.workstation_handshake(jsonb), public.sync_push(jsonb),
  public.sync_pull(text, text, text, jsonb, integer), public.sync_bootstrap(text, text, uuid, integer), public.sync_digest(text),
  public.list_devices(uuid), public.revoke_device(uuid, text), public.trust_device(uuid, uuid),
  public.set_device_rule(uuid, boolean), private.needs_trust(uuid)
from public, anon, authenticated;
grant execute on function
  private.session_id(), private.session_lives(uuid), private.admit(text), public.workstation_handshake(jsonb), public.sync_push(jsonb),
  public.sync_pull(text, text, text, jsonb, integer), public.sync_bootstrap(text, text, uuid, integer), public.sync_digest(text),
  public.list_devices(uuid), public.revoke_device(uuid, text), public.trust_device(uuid, uuid),
  public.set_device_rule(uuid, boolean), private.needs_trust(uuid)
to service_role;
grant execute on function
  private.admit(text), public.workstation_handshake(jsonb), public.sync_push(jsonb),
  public.sync_pull(text, text, text, jsonb, integer), public.sync_bootstrap(text, text, uuid, integer), public.sync_digest(text),
  public.list_devices(uuid), public.revoke_device(uuid, text), public.trust_device(uuid, uuid), public.set_device_rule(uuid, boolean)
to authenticated;
