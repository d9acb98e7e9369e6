-- What happened that a person or an administrator should know of, and where a request came from.

create table public.security_events (
  id uuid primary key default gen_random_uuid(),
  severity text not null check (severity in ('info', 'warning', 'critical')),
  kind text not null check (kind ~ '^[a-z][a-z0-9_]*$'),
  user_id uuid references public.users (id),
  device_id uuid,
  address inet,
  facts jsonb not null default '{}' check (jsonb_typeof(facts) = 'object'),
  created_at timestamp with time zone not null default clock_timestamp()
);
comment on table public.security_events is
  'New, revoked and returning devices, locked accounts, keys, files that are not what they claim. Shown to the person concerned and to administrators.';
create index security_events_user_id on public.security_events (user_id, created_at);
create index security_events_created_at on public.security_events (created_at);
create trigger keep_security_events before update or truncate on public.security_events
  for each statement execute function private.forbid_change('Security events are never changed.', 'Add a new one.');

alter table public.security_events enable row level security;
create policy "One's own events, and all of them for whoever may read them" on public.security_events for select to authenticated
  using ((user_id = (select auth.uid()) and (select private.is_active_person())) or (select private.may('security.read')));

create function private.request_address() returns inet
language plpgsql stable set search_path = '' as $$
declare
  headers jsonb;
  said text;
begin
  headers := nullif(current_setting('request.headers', true), '')::jsonb;
  said := btrim(coalesce(headers ->> 'cf-connecting-ip', split_part(headers ->> 'x-forwarded-for', ',', 1)));
  return nullif(said, '')::inet;
exception when data_exception then
  return null;
end
$$;
comment on function private.request_address() is
  'Where the request says it came from. Whoever asks may write the header on a cloud without a gateway in front: good for showing, not for deciding.';

create function private.note_security_event(
  p_severity text, p_kind text, p_user uuid, p_device uuid default null, p_facts jsonb default '{}', p_address inet default null
) returns void
language sql security definer set search_path = '' as $$
  insert into public.security_events (severity, kind, user_id, device_id, address, facts)
  values (p_severity, p_kind, p_user, p_device, coalesce(p_address, private.request_address()), p_facts)
$$;
comment on function private.note_security_event(text, text, uuid, uuid, jsonb, inet) is 'Adds a security event, in the transaction that causes it.';

create function private.end_sessions(p_user uuid) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  ended integer := 0;
begin
  if pg_catalog.to_regclass('auth.refresh_tokens') is not null then
    delete from auth.refresh_tokens t where t.user_id::text = p_user::text;
  end if;
  if pg_catalog.to_regclass('auth.sessions') is not null then
    delete from auth.sessions s where s.user_id = p_user;
    get diagnostics ended = row_count;
  end if;
  return ended;
exception when insufficient_privilege then
  raise warning 'Sessions could not be ended: this role may not write to the schema auth.';
  return 0;
end
$$;
comment on function private.end_sessions(uuid) is
  'Ends every session of a person: nothing renews them, and the functions of synchronization refuse their tokens at once. Returns how many there were.';

revoke all on public.security_events from public, anon, authenticated;
grant select on public.security_events to authenticated;
grant all on public.security_events to service_role;
revoke all on function
  private.request_address(), private.note_security_event(text, text, uuid, uuid, jsonb, inet), private.end_sessions(uuid)
from public, anon, authenticated;
grant execute on function
  private.request_address(), private.note_security_event(text, text, uuid, uuid, jsonb, inet), private.end_sessions(uuid)
to service_role;
