-- A person's export names them in rows of others, too: those that they approved, assigned or revoked. It says that they did, and keeps to
-- itself what is personal of the others, who have the same right.

create function private.is_row_of(p_table text, p_row jsonb, p_person uuid) returns boolean
language sql immutable set search_path = '' as $$
  select case
    when p_table in ('users', 'people') then p_row ->> 'id' = p_person::text
    when p_row ? 'user_id' then coalesce(p_row ->> 'user_id' = p_person::text, false)
    when p_row ? 'buyer_id' then p_row ->> 'buyer_id' = p_person::text
    when p_row ? 'person_id' then coalesce(p_row ->> 'person_id' = p_person::text, false)
    else true
  end
$$;
comment on function private.is_row_of(text, jsonb, uuid) is
  'True for a row about the person, false for one about somebody else that merely names them, such as an account that they approved.';

create function private.row_for(p_table text, p_row jsonb, p_person uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_object_agg(f.key, case
    when s.class <> 'personal' or f.value = to_jsonb(p_person) then f.value
    when not private.is_row_of(p_table, p_row, p_person) then 'null'
    -- What somebody changed is told; the values of a row that is about others are not.
    when p_table = 'audit_logs' and f.key in ('old_values', 'new_values') and not private.is_row_of(
      p_row ->> 'table_name',
      case when jsonb_typeof(p_row -> 'new_values') = 'object' then p_row -> 'new_values' else coalesce(p_row -> 'old_values', '{}') end,
      p_person
    ) then 'null'
    else f.value
  end), '{}')
  from jsonb_each(p_row) f
  join public.column_sensitivity s on s.table_name = p_table and s.column_name = f.key and s.class <> 'secret'
$$;
comment on function private.row_for(text, jsonb, uuid) is
  'A row that names a person, without secrets and, where it is about somebody else, without what is personal of them.';

create or replace function public.export_person_data(p_user uuid) returns jsonb
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
  if not private.session_lives(private.session_id()) then
    raise exception using errcode = 'PT401', message = 'This session has been ended.', detail = 'session_ended', hint = 'Sign in again.';
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
    execute format('select coalesce(jsonb_agg(private.row_for(%L, to_jsonb(t.*), $1)), ''[]'') from public.%I t where %s',
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
  'Everything that names a person, by table, for the person or for whoever may erase people. Secrets such as keys are left out, and so is what is personal of others.';
drop function private.public_rows(text, jsonb);

revoke all on function private.is_row_of(text, jsonb, uuid), private.row_for(text, jsonb, uuid) from public, anon, authenticated;
grant execute on function private.is_row_of(text, jsonb, uuid), private.row_for(text, jsonb, uuid) to service_role;

-- Erasing empties this column of a person too, so that the trail keeps it apart as it does the others.
select private.audit_table('public.users', 'id', array[
  'name', 'email', 'mobile', 'organization_name', 'license_number', 'kyb_document_urls', 'rejection_reason', 'compliance_certifications'
]);
