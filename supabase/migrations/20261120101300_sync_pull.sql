-- What workstations call to come in and to mirror: shared/wire/sync.ts.

create function public.workstation_handshake(p_request jsonb) returns json
language plpgsql security definer set search_path = '' as $$
declare
  person public.users;
  device uuid;
  revoked timestamp with time zone;
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
  return json_build_object(
    'protocol_version', 1,
    'schema_version', 1,
    'server_epoch', (select s.server_epoch from public.server_state s),
    'server_time', clock_timestamp(),
    'person', json_build_object(
      'id', person.id,
      'name', person.name,
      'email', person.email,
      'role', person.role,
      'sub_role', person.sub_role,
      'grants', private.grants_of(person.id),
      'organization_id', person.organization_id,
      'organization_name', coalesce(
        (select o.name from public.organizations o where o.id = person.organization_id), person.organization_name
      )
    ),
    'scopes', private.held_scopes()
  );
end
$$;
comment on function public.workstation_handshake(jsonb) is
  'First call of a workstation: checks versions, account and device, and says who one is and which scopes to mirror.';

create function private.page_size(p_limit integer) returns integer
language sql immutable set search_path = '' as $$
  select least(greatest(coalesce(p_limit, 1000), 1), 5000)
$$;
comment on function private.page_size(integer) is 'A page holds 1 to 5,000 rows, 1,000 when nothing is said.';

create function public.sync_bootstrap(p_scope text, p_table text, p_after uuid, p_limit integer) returns json
language plpgsql stable set search_path = '' as $$
declare
  answer json;
begin
  perform private.require_scope(p_scope);
  -- The feed's U entries are what the scope holds; its primary key is the order of the pages.
  with page as materialized (
    select f.row_id
    from public.sync_feed f
    where f.scope = p_scope and f.tbl = p_table and f.op = 'U'
      and f.row_id > coalesce(p_after, '00000000-0000-0000-0000-000000000000')
    order by f.row_id
    limit private.page_size(p_limit)
  )
  select json_build_object(
    'snapshot', pg_current_snapshot()::text,
    'rows', coalesce(
      (select json_agg(r.body) from page join private.wire_rows r on r.tbl = p_table and r.id = page.row_id), '[]'
    ),
    'next', case
      when (select count(*) from page) = private.page_size(p_limit)
        then (select page.row_id from page order by page.row_id desc limit 1)
    end,
    'total', case
      when p_after is null then (
        select count(*) from public.sync_feed f where f.scope = p_scope and f.tbl = p_table and f.op = 'U'
      )
    end
  )
  into answer;
  return answer;
end
$$;
comment on function public.sync_bootstrap(text, text, uuid, integer) is
  'One page of a table of a scope by key, with the snapshot of this statement. The difference from the first page''s snapshot follows by sync_pull.';

create function private.parse_snapshot(p_text text) returns pg_snapshot
language plpgsql immutable set search_path = '' as $$
begin
  return p_text::pg_snapshot;
exception when data_exception then
  raise exception using errcode = 'PT400', message = 'The cursor cannot be read.', detail = 'invalid_cursor',
    hint = 'Fetch the scope from the beginning.';
end
$$;
comment on function private.parse_snapshot(text) is 'A cursor as a snapshot, or 400 invalid_cursor.';

create function public.sync_pull(p_scope text, p_cursor text, p_upto text, p_after jsonb, p_limit integer) returns json
language plpgsql stable set search_path = '' as $$
declare
  since pg_snapshot := private.parse_snapshot(p_cursor);
  bound pg_snapshot := coalesce(private.parse_snapshot(p_upto), pg_current_snapshot());
  after_xid xid8 := coalesce((p_after ->> 'xid')::xid8, '0'::xid8);
  after_table text := coalesce(p_after ->> 'table', '');
  after_id uuid := coalesce((p_after ->> 'id')::uuid, '00000000-0000-0000-0000-000000000000');
  answer json;
begin
  perform private.require_scope(p_scope);
  if since is null then
    raise exception using errcode = 'PT400', message = 'The cursor is missing.', detail = 'invalid_cursor',
      hint = 'Fetch the scope from the beginning.';
  end if;
  if pg_snapshot_xmax(since) > pg_snapshot_xmax(pg_current_snapshot()) then
    raise exception using errcode = 'PT409', message = 'The cloud is older than this copy; it was restored from a backup.',
      detail = 'cursor_ahead', hint = 'Fetch the scope from the beginning; local work is kept.';
  end if;
  with page as materialized (
    select f.tbl, f.row_id, f.op, f.version, f.xid
    from public.sync_feed f
    where f.scope = p_scope
      and f.xid >= pg_snapshot_xmin(since) and f.xid < pg_snapshot_xmax(bound)
      and (f.xid, f.tbl, f.row_id) > (after_xid, after_table, after_id)
      and not pg_visible_in_snapshot(f.xid, since)
      and pg_visible_in_snapshot(f.xid, bound)
    order by f.xid, f.tbl, f.row_id
    limit private.page_size(p_limit)
  )
  select json_build_object(
    'upto', bound::text,
    'changes', coalesce((
      select json_agg(
        json_build_object('table', page.tbl, 'id', page.row_id, 'op', page.op, 'version', page.version, 'row', r.body)
        order by page.xid, page.tbl, page.row_id
      )
      from page
      left join private.wire_rows r on page.op = 'U' and r.tbl = page.tbl and r.id = page.row_id
    ), '[]'),
    'next', case
      when (select count(*) from page) = private.page_size(p_limit) then (
        select json_build_object('xid', page.xid::text, 'table', page.tbl, 'id', page.row_id)
        from page order by page.xid desc, page.tbl desc, page.row_id desc limit 1
      )
    end
  )
  into answer;
  return answer;
end
$$;
comment on function public.sync_pull(text, text, text, jsonb, integer) is
  'What became visible in a scope between two snapshots, a page at a time; bodies come from the live tables under the caller''s policies in the same statement.';

create function public.sync_digest(p_scope text) returns json
language plpgsql stable set search_path = '' as $$
declare
  answer json;
begin
  perform private.require_scope(p_scope);
  select json_build_object(
    'scope', p_scope,
    'snapshot', pg_current_snapshot()::text,
    'tables', coalesce(json_object_agg(d.tbl, json_build_object('count', d.rows, 'version_sum', d.versions)), '{}')
  )
  into answer
  from (
    select s.tbl, count(*) as rows, sum(s.version) as versions
    from private.scope_rows s
    where s.scope = p_scope
    group by s.tbl
  ) d;
  return answer;
end
$$;
comment on function public.sync_digest(text) is
  'Count of rows and sum of versions per table of a scope, from the live tables and not from the feed, so that it shows what the feed missed.';
