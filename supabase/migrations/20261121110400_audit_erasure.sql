-- Erasing a person from the audit trail, and bringing deleted rows back.

create function private.erase_audit_values(p_user uuid) returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  erased bigint;
begin
  if p_user is null then
    raise exception using errcode = 'PT400', message = 'Nobody was named.', detail = 'invalid_request', hint = 'Send the person''s id.';
  end if;
  update private.deleted_rows d
  set "row" = d."row" - private.audit_personal_columns(d.table_name)
  where d."row" ->> private.audit_person_column(d.table_name) = p_user::text;
  delete from public.audit_values v where v.person_id = p_user;
  get diagnostics erased = row_count;
  perform private.write_audit_entry('ERASE', 'audit_values', p_user, null, jsonb_build_object('entries', erased), 'warning');
  return erased;
end
$$;
comment on function private.erase_audit_values(uuid) is
  'Removes a person''s values and salts from the audit trail and from deleted rows, and writes that it was done. The chain holds: entries have digests only. Call it last, after the person''s own rows were changed.';

create function private.audit_trigger_arguments(p_table text) returns text[]
language sql stable set search_path = '' as $$
  select string_to_array(encode(t.tgargs, 'escape'), '\000')
  from pg_catalog.pg_trigger t
  where t.tgrelid = to_regclass('public.' || quote_ident(p_table)) and not t.tgisinternal and t.tgnargs > 1
    and t.tgfoid = 'public.audit_trigger_function()'::regprocedure
  limit 1
$$;
comment on function private.audit_trigger_arguments(text) is 'Person column and personal columns that a table''s audit trigger was given, with an empty text after them.';

create function private.audit_person_column(p_table text) returns text
language sql stable set search_path = '' as $$
  select (private.audit_trigger_arguments(p_table))[1]
$$;
comment on function private.audit_person_column(text) is 'The column of a table that names the person its personal columns are about; null where it has none.';

create function private.audit_personal_columns(p_table text) returns text[]
language sql stable set search_path = '' as $$
  select coalesce((private.audit_trigger_arguments(p_table))[2:], '{}')
$$;
comment on function private.audit_personal_columns(text) is 'The personal columns of a table, as its audit trigger was given them.';

create function private.restore_deleted_row(p_id bigint) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  kept private.deleted_rows;
  target regclass;
  columns text;
  restored jsonb;
begin
  select d.* into kept from private.deleted_rows d where d.id = p_id for update;
  target := to_regclass('public.' || quote_ident(kept.table_name));
  if target is null then
    raise exception using errcode = 'PT404', message = 'There is no such deleted row, or its table is gone.', detail = 'not_found',
      hint = 'Look in private.deleted_rows.';
  elsif kept.restored_at is not null then
    raise exception using errcode = 'PT409', message = 'This row was restored before.', detail = 'restored', hint = 'Look at the row itself.';
  end if;
  -- A version never starts again: whoever mirrors the row takes the restored one as newer.
  restored := kept."row" || case when kept."row" ? 'version'
    then jsonb_build_object('version', (kept."row" ->> 'version')::integer + 1) else '{}' end;
  select string_agg(quote_ident(a.attname), ', ' order by a.attnum) into columns
  from pg_catalog.pg_attribute a
  where a.attrelid = target and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and restored ? a.attname;
  -- Its own triggers would make a new row of it: another public id, another time. Foreign keys and checks stay in force.
  execute format('alter table %s disable trigger user', target);
  execute format(
    'insert into %s (%s) overriding system value select %s from jsonb_populate_record(null::%s, $1)', target, columns, columns, target
  ) using restored;
  execute format('alter table %s enable trigger user', target);
  update private.deleted_rows d set restored_at = now() where d.id = p_id;
  perform private.write_audit_entry('RESTORE', kept.table_name, kept.record_id, null,
    jsonb_build_object('deleted_row', kept.id, 'deleted_at', private.utc_text(kept.deleted_at)), 'warning');
  return kept.record_id;
end
$$;
comment on function private.restore_deleted_row(bigint) is
  'Puts a deleted row back as it was, with its version counted up. For the database''s owner; afterwards private.rebuild_feed() tells the workstations.';

revoke all on function
  private.erase_audit_values(uuid), private.audit_trigger_arguments(text), private.audit_person_column(text),
  private.audit_personal_columns(text), private.restore_deleted_row(bigint)
from public, anon, authenticated;
grant execute on function private.erase_audit_values(uuid) to service_role;
