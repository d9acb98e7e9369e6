-- What a workstation compares its copy with, once a day: figures of a scope as of the workstation's own cursor, so that whoever writes
-- meanwhile makes no difference look like one.

create function private.check_scope(p_scope text, p_cursor text, p_except uuid[]) returns json
language plpgsql stable set search_path = '' as $$
declare
  most constant integer := 5000;
  since pg_snapshot := private.parse_snapshot(p_cursor);
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
  -- Figures and changes are of one statement and so of one snapshot. A row without a change since the cursor is now what it was then.
  with changed as materialized (
    select f.tbl, f.row_id
    from public.sync_feed f
    where f.scope = p_scope and f.xid >= pg_snapshot_xmin(since) and not pg_visible_in_snapshot(f.xid, since)
    limit most + 1
  ), figures as (
    select s.tbl, count(*) as row_count, sum(s.version) as version_sum,
      -- Tells a row that is lost from another that is too much: the ends of the ids, weighed by the versions.
      (sum(('x' || right(s.row_id::text, 7))::bit(28)::bigint * s.version) % 281474976710656)::bigint as id_sum
    from private.scope_rows s
    where s.scope = p_scope and s.row_id <> all (coalesce(p_except, '{}'))
      and not exists (select from changed c where c.tbl = s.tbl and c.row_id = s.row_id)
    group by s.tbl
  )
  select json_build_object(
    'complete', (select count(*) from changed) <= most,
    'changed', coalesce((select json_agg(json_build_object('table', c.tbl, 'id', c.row_id)) from changed c), '[]'),
    'tables', coalesce((
      select json_object_agg(f.tbl, json_build_object('count', f.row_count, 'version_sum', f.version_sum, 'id_sum', f.id_sum))
      from figures f
    ), '{}')
  )
  into answer;
  return answer;
end
$$;
comment on function private.check_scope(text, text, uuid[]) is
  'Figures of a scope''s rows that did not change since a cursor, from the live tables under the caller''s policies, and which did change. With more than 5,000 changes it is not complete and says so.';

create function public.sync_check(p_scope text, p_cursor text, p_except uuid[]) returns json
language plpgsql set search_path = '' as $$
begin
  perform private.admit('sync_check');
  return private.check_scope(p_scope, p_cursor, p_except);
end
$$;
comment on function public.sync_check(text, text, uuid[]) is
  'Count of rows, sum of versions and sum of ids per table of a scope as of a workstation''s cursor: without the rows that changed since, which it names, and without those that the workstation excepts.';

insert into public.rate_limits (endpoint, subject_kind, max_requests, window_seconds) values ('sync_check', 'person', 300, 60);

revoke all on function private.check_scope(text, text, uuid[]), public.sync_check(text, text, uuid[]) from public, anon, authenticated;
grant execute on function private.check_scope(text, text, uuid[]), public.sync_check(text, text, uuid[]) to authenticated, service_role;
