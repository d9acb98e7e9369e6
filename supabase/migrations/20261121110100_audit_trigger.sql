-- What writes the audit log: one trigger on every important table. It keeps deleted rows, and tells when maintenance leaves it out.

create table private.deleted_rows (
  id bigint generated always as identity primary key,
  table_name text not null,
  record_id uuid,
  "row" jsonb not null,
  deleted_at timestamp with time zone not null default now(),
  deleted_by uuid,
  xid xid8 not null default pg_current_xact_id(),
  restored_at timestamp with time zone
);
comment on table private.deleted_rows is 'Rows deleted from audited tables, whole, also those of a maintenance transaction.';
create index deleted_rows_record on private.deleted_rows (table_name, record_id);
create index deleted_rows_deleted_at on private.deleted_rows (deleted_at);
alter table private.deleted_rows enable row level security;

create function private.audit_actor(out actor_type text, out actor text)
language plpgsql stable set search_path = '' as $$
declare
  agent text := nullif(current_setting('veridesk.agent', true), '');
begin
  if agent is not null then
    actor_type := 'agent';
    actor := 'agent:' || agent;
  elsif auth.uid() is not null then
    actor_type := 'person';
    actor := auth.uid()::text;
  else
    actor_type := 'system';
    actor := 'system:' || coalesce(
      nullif(current_setting('veridesk.job', true), ''), nullif(auth.role(), ''), session_user::text
    );
  end if;
end
$$;
comment on function private.audit_actor() is
  'Who acts. A function that lets in an agent by its key sets veridesk.agent for the transaction, a job sets veridesk.job to its kind; no client can set either.';

create function private.write_audit_entry(
  p_action text, p_table text, p_record uuid, p_old jsonb default null, p_new jsonb default null, p_severity text default 'info'
) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  who record := private.audit_actor();
  entry uuid;
begin
  insert into public.audit_logs (user_id, action, table_name, record_id, old_values, new_values, actor_type, actor, severity)
  values (auth.uid(), p_action, p_table, p_record, p_old, p_new, who.actor_type, who.actor, p_severity)
  returning id into entry;
  return entry;
end
$$;
comment on function private.write_audit_entry(text, text, uuid, jsonb, jsonb, text) is
  'Writes an entry that no row trigger writes, such as an export or a refused sign-in. No personal values: an entry is never changed.';

create function private.note_bulk() returns void
language plpgsql security definer set search_path = '' as $$
declare
  xid text := pg_current_xact_id()::text;
begin
  if current_setting('veridesk.bulk_noted', true) is distinct from xid then
    perform set_config('veridesk.bulk_noted', xid, true);
    perform private.write_audit_entry('BULK', null, null, null, jsonb_build_object(
      'session_user', session_user, 'application', current_setting('application_name'), 'address', host(inet_client_addr()),
      'at', private.utc_text(clock_timestamp())
    ), 'warning');
  end if;
end
$$;
comment on function private.note_bulk() is 'Writes the one entry of a maintenance transaction: who left out the audit trail, from where and when.';

-- Called once per row: plain expressions, because every call of a function in SQL plans that function again.
create or replace function public.audit_trigger_function() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  before jsonb;
  after jsonb;
  who record;
  record uuid;
  severity text := 'info';
  salt bytea;
  personal text[];
  entry uuid := gen_random_uuid();
begin
  if tg_op = 'DELETE' then
    before := to_jsonb(old);
    record := before ->> 'id';
    insert into private.deleted_rows (table_name, record_id, "row", deleted_by) values (tg_table_name, record, before, auth.uid());
  end if;
  if private.in_bulk() then
    perform private.note_bulk();
    return null;
  end if;
  if tg_op = 'UPDATE' then
    before := to_jsonb(old);
  end if;
  if tg_op <> 'DELETE' then
    after := to_jsonb(new);
    record := after ->> 'id';
  end if;
  if tg_op = 'DELETE' or tg_table_name in ('user_grants', 'trust_anchors')
    or (tg_op = 'UPDATE' and tg_table_name in ('users', 'devices') and exists (
      select 1 from unnest(array['role', 'sub_role', 'active', 'approval_status', 'organization_id', 'revoked_at']) f
      where before -> f <> after -> f
    )) then
    severity := 'warning';
  end if;
  who := private.audit_actor();
  if tg_nargs > 1 then
    personal := tg_argv[1:];
    salt := extensions.gen_random_bytes(32);
    insert into public.audit_values (entry_id, entry_created_at, person_id, salt, old_values, new_values)
    values (entry, now(), (coalesce(after, before) ->> tg_argv[0])::uuid, salt,
      coalesce(private.audit_personal(before, personal), '{}'), coalesce(private.audit_personal(after, personal), '{}'));
    before := private.audit_committed(before, salt, personal);
    after := private.audit_committed(after, salt, personal);
  end if;
  insert into public.audit_logs (id, user_id, action, table_name, record_id, old_values, new_values, actor_type, actor, severity)
  values (entry, auth.uid(), tg_op, tg_table_name, record, before, after, who.actor_type, who.actor, severity);
  return null;
end
$$;
comment on function public.audit_trigger_function() is
  'Writes a changed row, before and after, to audit_logs. Arguments, if any: the column with the person''s id, then the columns whose values go to audit_values.';

create function private.audit_table(p_table regclass, p_person_column text default 'id', p_personal_columns text[] default '{}')
returns void
language plpgsql security definer set search_path = '' as $$
declare
  name text := (select c.relname from pg_catalog.pg_class c where c.oid = p_table);
  arguments text := (
    select string_agg(quote_literal(a), ', ' order by n)
    from unnest(p_person_column || p_personal_columns) with ordinality as t (a, n)
  );
  missing text := (
    select string_agg(c, ', ')
    from unnest(p_personal_columns || case when p_personal_columns = '{}' then 'id' else p_person_column end) c
    where not exists (
      select 1 from pg_catalog.pg_attribute a where a.attrelid = p_table and a.attname = c and a.attnum > 0 and not a.attisdropped
    )
  );
begin
  if missing is not null then
    raise exception '% has no column %.', p_table, missing;
  end if;
  execute format(
    'create or replace trigger %I after insert or update or delete on %s
       for each row execute function public.audit_trigger_function(%s)',
    'audit_' || name || '_trigger', p_table, case when p_personal_columns = '{}' then '' else arguments end
  );
end
$$;
comment on function private.audit_table(regclass, text, text[]) is
  'Puts the audit trigger on a table. Personal columns are kept apart from the entries under the person named by the first column, so that they can be erased.';

select private.audit_table('public.users', 'id',
  array['name', 'email', 'mobile', 'organization_name', 'license_number', 'kyb_document_urls', 'rejection_reason']);
create or replace trigger audit_devices_trigger after insert or delete or update of revoked_at on public.devices
  for each row execute function public.audit_trigger_function('user_id', 'name');

create or replace function private.forbid_removal() returns trigger
language plpgsql set search_path = '' as $$
begin
  if private.in_bulk() then
    perform private.note_bulk();
    return null;
  end if;
  raise exception using
    errcode = 'PT409',
    message = format('Rows of %s are mirrored on workstations and are not deleted.', tg_table_name),
    detail = 'immutable',
    hint = 'End, withdraw or mark the row instead.';
end
$$;

create view public.audit_entries with (security_invoker = true) as
  select l.id, l.created_at, l.actor_type, l.actor, l.user_id, l.severity, l.action, l.table_name, l.record_id,
    l.old_values || coalesce(v.old_values, '{}') as old_values,
    l.new_values || coalesce(v.new_values, '{}') as new_values,
    l.ip_address, l.user_agent, l.bundle, l.ordinal
  from public.audit_logs l
  left join public.audit_values v on v.entry_id = l.id;
comment on view public.audit_entries is
  'The audit log as people read it: personal values in their places while they are kept, their digests after they were erased.';

revoke all on private.deleted_rows from public, anon, authenticated, service_role;
revoke all on sequence private.deleted_rows_id_seq from public, anon, authenticated, service_role;
revoke all on public.audit_entries from public, anon, authenticated, service_role;
grant select on public.audit_entries to authenticated, service_role;
revoke all on function
  private.audit_actor(),
  private.write_audit_entry(text, text, uuid, jsonb, jsonb, text), private.note_bulk(),
  private.audit_table(regclass, text, text[])
from public, anon, authenticated;
grant execute on function private.write_audit_entry(text, text, uuid, jsonb, jsonb, text) to service_role;
