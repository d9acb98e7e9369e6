-- What is kept of a person, in one answer; and erasing it, with four eyes, so that decisions and the audit trail stay verifiable.

create table public.erasure_requests (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.users (id),
  requested_by uuid not null references public.users (id),
  reason text not null default '' check (length(reason) <= 1000),
  requested_at timestamp with time zone not null default now(),
  approved_by uuid references public.users (id),
  approved_at timestamp with time zone,
  completed_at timestamp with time zone,
  withdrawn_at timestamp with time zone,
  outcome jsonb,
  version integer not null default 1,
  check (approved_by is null or approved_by <> requested_by),
  check (approved_by is null or approved_by <> user_id)
);
comment on table public.erasure_requests is
  'Requests to erase a person, by the person or an administrator. Another administrator carries one out; outcome says what was kept and why.';
create unique index erasure_requests_open on public.erasure_requests (user_id) where completed_at is null and withdrawn_at is null;
create index erasure_requests_user_id on public.erasure_requests (user_id);
create index erasure_requests_requested_by on public.erasure_requests (requested_by);
create index erasure_requests_approved_by on public.erasure_requests (approved_by);
create trigger count_erasure_requests_version before update on public.erasure_requests
  for each row when (old.* is distinct from new.*) execute function private.count_version();
create trigger audit_erasure_requests_trigger after insert or update or delete on public.erasure_requests
  for each row execute function public.audit_trigger_function('user_id', 'reason');

-- Where a person is named, and what else is theirs there: the columns that may hold the person's id.
create function private.person_columns() returns table (table_name text, column_name text)
language sql stable security definer set search_path = '' as $$
  select c.relname::text, a.attname::text
  from pg_catalog.pg_class c
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  join public.column_sensitivity s on s.table_name = c.relname and s.column_name = a.attname and s.class = 'personal'
  where c.relnamespace = 'public'::pg_catalog.regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    and a.atttypid = 'uuid'::pg_catalog.regtype and a.attname not in ('device_id')
    and not (c.relname = 'devices' and a.attname = 'id')
  order by 1, 2
$$;
comment on function private.person_columns() is 'Columns of public tables that name a person, from the classes of the columns.';

create function private.public_rows(p_table text, p_row jsonb) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_object_agg(f.key, f.value), '{}')
  from jsonb_each(p_row) f
  join public.column_sensitivity s on s.table_name = p_table and s.column_name = f.key and s.class <> 'secret'
$$;
comment on function private.public_rows(text, jsonb) is 'A row without secrets, for the person whom it is about.';

create function public.export_person_data(p_user uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  asker public.users;
  named record;
  rows_found jsonb;
  tables jsonb := '{}';
begin
  if auth.uid() is null then
    raise exception using errcode = 'PT401', message = 'Nobody is signed in.', detail = 'not_signed_in', hint = 'Sign in again.';
  end if;
  -- Whoever waits for approval, was rejected or is suspended has the same right to their data.
  if p_user is distinct from auth.uid() then
    asker := private.require_permission('person.erase');
  end if;
  perform private.take_rate(auth.uid()::text, 'export_person_data');
  if not exists (select 1 from public.users u where u.id = p_user) then
    raise exception using errcode = 'PT404', message = 'There is no such person.', detail = 'not_found', hint = 'Check the list.';
  end if;
  for named in
    select c.table_name, string_agg(format('t.%I = $1', c.column_name), ' or ' order by c.column_name) as condition
    from private.person_columns() c
    group by c.table_name
    order by c.table_name
  loop
    execute format('select coalesce(jsonb_agg(private.public_rows(%L, to_jsonb(t.*))), ''[]'') from public.%I t where %s',
      named.table_name, named.table_name, named.condition)
    into rows_found using p_user;
    if rows_found <> '[]' then
      tables := tables || jsonb_build_object(named.table_name, rows_found);
    end if;
  end loop;
  if pg_catalog.to_regprocedure('private.write_audit_entry(text, text, uuid, jsonb, jsonb, text)') is not null then
    perform private.write_audit_entry('EXPORT', 'users', p_user, null, jsonb_build_object('tables', (select count(*) from jsonb_object_keys(tables))));
  end if;
  return jsonb_build_object(
    'person', p_user, 'exported_at', clock_timestamp(), 'tables', tables,
    'files', coalesce((
      select jsonb_agg(jsonb_build_object('bucket', o.bucket_id, 'name', o.name, 'created_at', o.created_at) order by o.bucket_id, o.name)
      from storage.objects o
      where o.name ~>=~ (p_user::text || '/') and o.name ~<~ (p_user::text || '0')
    ), '[]')
  );
end
$$;
comment on function public.export_person_data(uuid) is
  'Everything that names a person, by table, for the person or for whoever may erase people. Secrets such as keys are left out.';

create function public.request_erasure(p_user uuid, p_reason text default '') returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  made public.erasure_requests;
begin
  if auth.uid() is null then
    raise exception using errcode = 'PT401', message = 'Nobody is signed in.', detail = 'not_signed_in', hint = 'Sign in again.';
  end if;
  if p_user is distinct from auth.uid() then
    perform private.require_permission('person.erase');
  end if;
  if not exists (select 1 from public.users u where u.id = p_user) then
    raise exception using errcode = 'PT404', message = 'There is no such person.', detail = 'not_found', hint = 'Check the list.';
  end if;
  insert into public.erasure_requests as r (user_id, requested_by, reason)
  values (p_user, auth.uid(), left(coalesce(p_reason, ''), 1000))
  on conflict (user_id) where completed_at is null and withdrawn_at is null do nothing
  returning r.* into made;
  if made.id is null then
    select r.* into made from public.erasure_requests r
    where r.user_id = p_user and r.completed_at is null and r.withdrawn_at is null;
  else
    perform private.note_security_event('warning', 'erasure_requested', p_user, null, jsonb_build_object('by', auth.uid()));
  end if;
  return jsonb_build_object('id', made.id, 'user_id', made.user_id, 'requested_by', made.requested_by, 'requested_at', made.requested_at);
end
$$;
comment on function public.request_erasure(uuid, text) is
  'Asks that a person be erased: by the person, or by an administrator for another. Nothing happens until another administrator carries it out.';

create function public.withdraw_erasure(p_user uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  done boolean;
begin
  if auth.uid() is null or p_user is distinct from auth.uid() then
    perform private.require_permission('person.erase');
  end if;
  update public.erasure_requests r set withdrawn_at = now()
  where r.user_id = p_user and r.completed_at is null and r.withdrawn_at is null;
  done := found;
  return done;
end
$$;
comment on function public.withdraw_erasure(uuid) is 'Takes an open request back; false where there is none.';

create function private.erasure_obstacles(p_user uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_strip_nulls(jsonb_build_object(
    'open_assignments', nullif((select count(*) from public.assignments a where a.user_id = p_user and a.ended_at is null), 0),
    'open_batches', nullif((
      select count(*) from public.batches b
      where b.user_id = p_user and b.status in ('pending', 'under_review', 'changes_requested', 'approved')
    ), 0),
    'pending_purchases', nullif((
      select count(*) from public.credit_purchases p where p.buyer_id = p_user and p.payment_status = 'pending'
    ), 0),
    'last_administrator', nullif((
      select u.role = 'admin' and not exists (
        select 1 from public.users o
        where o.role = 'admin' and o.active and o.approval_status = 'approved' and o.id <> p_user
      )
      from public.users u where u.id = p_user
    ), false)
  ))
$$;
comment on function private.erasure_obstacles(uuid) is 'What has to be settled before a person can be erased: work under way, payments, or being the last administrator.';

create function private.name_is_kept_until(p_user uuid) returns timestamp with time zone
language sql stable security definer set search_path = '' as $$
  select max(kept.until) from (
    select max(c.claimed_at) + interval '7 years' as until from public.certificates c where c.issued_by = p_user
    union all
    select max(s.claimed_at) + interval '7 years' from public.signatures s where s.signer_id = p_user
  ) kept
  where kept.until > now()
$$;
comment on function private.name_is_kept_until(uuid) is
  'Until when a person''s name stays beside certificates that they signed: seven years after the last; null where nothing keeps it.';

create function public.erase_person(p_user uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  administrator public.users := private.require_permission('person.erase');
  request public.erasure_requests;
  person public.users;
  obstacles jsonb;
  kept_until timestamp with time zone;
  tombstone text;
  ended integer;
  ending jsonb;
begin
  select r.* into request from public.erasure_requests r
  where r.user_id = p_user and r.completed_at is null and r.withdrawn_at is null
  for update;
  if request.id is null then
    raise exception using errcode = 'PT409', message = 'Nobody has asked that this person be erased.', detail = 'not_requested',
      hint = 'The person or another administrator asks for it first.';
  end if;
  if request.requested_by = administrator.id or p_user = administrator.id then
    perform private.refuse_access('four_eyes', 'Whoever asked for it does not carry it out.', 'Ask another administrator.');
  end if;
  select u.* into person from public.users u where u.id = p_user for no key update;
  obstacles := private.erasure_obstacles(p_user);
  if obstacles <> '{}' then
    raise exception using errcode = 'PT409',
      message = format('This person cannot be erased yet: %s.', replace((
        select string_agg(format('%s (%s)', o.key, o.value), ', ' order by o.key) from jsonb_each_text(obstacles) o
      ), '_', ' ')),
      detail = 'erasure_blocked',
      hint = 'End the assignments, settle the batches and payments, or name another administrator first.';
  end if;
  kept_until := private.name_is_kept_until(p_user);
  tombstone := 'Erased person ' || left(p_user::text, 8);

  update public.users u
  set name = case when kept_until is null then tombstone else u.name end,
      email = p_user::text || '@erased.invalid', mobile = null, organization_name = null, kyb_document_urls = null,
      license_number = null, compliance_certifications = null, rejection_reason = null, last_login = null,
      active = false
  where u.id = p_user;
  update public.devices d
  set name = '', last_address = null, revoked_at = coalesce(d.revoked_at, now()),
      revoked_by = coalesce(d.revoked_by, administrator.id), revoke_reason = coalesce(d.revoke_reason, 'The person was erased.')
  where d.user_id = p_user;
  delete from private.device_sessions s where s.user_id = p_user;
  ended := private.end_sessions(p_user);
  update public.user_grants g set revoked_at = now() where g.user_id = p_user and g.revoked_at is null;
  update public.webhooks w set is_active = false where w.user_id = p_user and w.is_active;
  update public.login_attempts a set account = 'erased', address = null where a.user_id = p_user;
  delete from private.login_guards g where g.account = p_user::text;
  delete from public.security_events e where e.user_id = p_user;
  delete from private.mails m where m.user_id = p_user;
  update private.events e set data = e.data - array['name', 'email', 'organization_name']
  where e.subject_id = p_user and e.event like 'user.%';
  update public.webhook_deliveries w
  set payload = w.payload #- '{data,name}' #- '{data,email}' #- '{data,organization_name}'
  where w.event like 'user.%' and w.payload -> 'data' ->> 'id' = p_user::text;
  delete from private.rate_counters c where c.subject = p_user::text;
  -- What a person did stays, under an id that no longer leads to a name; the account that could sign in goes.
  begin
    update auth.users a
    set email = p_user::text || '@erased.invalid', encrypted_password = '', raw_user_meta_data = '{}'
    where a.id = p_user;
    delete from auth.identities i where i.user_id = p_user;
  exception when insufficient_privilege or undefined_column or undefined_table then
    raise warning 'The account in Auth could not be emptied: remove its e-mail address in the dashboard.';
  end;
  ending := jsonb_strip_nulls(jsonb_build_object(
    'user_id', p_user, 'sessions_ended', ended, 'audit_values_erased', pg_catalog.to_regprocedure('private.erase_audit_values(uuid)') is not null,
    'name_kept_until', kept_until,
    'name_kept_because', case when kept_until is not null then
      'This person signed certificates that are still within their seven years: the name stays beside them by legal obligation (GDPR article 17(3)(b)).'
    end,
    'kept', 'Decisions, findings and the audit trail stay, under an id without a name; files of evidence stay with their batches.',
    'files_to_remove', (
      select jsonb_agg(jsonb_build_object('bucket', o.bucket_id, 'name', o.name) order by o.name)
      from storage.objects o
      where o.bucket_id = 'user-documents' and o.name ~>=~ (p_user::text || '/') and o.name ~<~ (p_user::text || '0')
    )
  ));
  update public.erasure_requests r
  set approved_by = administrator.id, approved_at = now(), completed_at = now(), reason = '', outcome = ending
  where r.id = request.id;
  perform private.note_security_event('warning', 'person_erased', null, null, jsonb_build_object('by', administrator.id));
  -- Last, for the entries of the changes above hold what was there before.
  if pg_catalog.to_regprocedure('private.erase_audit_values(uuid)') is not null then
    execute 'select private.erase_audit_values($1)' using p_user;
  end if;
  return ending;
end
$$;
comment on function public.erase_person(uuid) is
  'Erases a person whose erasure somebody else asked for: personal columns become tombstones, sessions, devices and grants end. Decisions and the audit chain stay verifiable.';

alter table public.erasure_requests enable row level security;
create policy "One's own requests, and all of them for whoever may erase" on public.erasure_requests for select to authenticated
  using (user_id = (select auth.uid()) or (select private.may('person.erase')));

revoke all on public.erasure_requests from public, anon, authenticated;
grant select on public.erasure_requests to authenticated;
grant all on public.erasure_requests to service_role;
revoke all on function
  private.person_columns(), private.public_rows(text, jsonb), private.erasure_obstacles(uuid), private.name_is_kept_until(uuid),
  public.export_person_data(uuid), public.request_erasure(uuid, text), public.withdraw_erasure(uuid), public.erase_person(uuid)
from public, anon, authenticated;
grant execute on function
  private.person_columns(), private.public_rows(text, jsonb), private.erasure_obstacles(uuid), private.name_is_kept_until(uuid),
  public.export_person_data(uuid), public.request_erasure(uuid, text), public.withdraw_erasure(uuid), public.erase_person(uuid)
to service_role;
grant execute on function
  public.export_person_data(uuid), public.request_erasure(uuid, text), public.withdraw_erasure(uuid), public.erase_person(uuid)
to authenticated;
