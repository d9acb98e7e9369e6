-- A row of a pull is looked for in the table that it is of. Joined to private.wire_rows by a name that is known row by row, each was looked
-- for in all seventeen, and the bodies of all rubrics were made for each: half a millisecond a row, 2,000 times a page.

create or replace function private.pull_page(p_scope text, p_cursor text, p_upto text, p_after jsonb, p_limit integer) returns json
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
  ),
  changes as (
    select page.*, case
      when page.op <> 'U' then null
      when page.tbl = 'batches' then (select private.wire(t) from public.batches t where t.id = page.row_id)
      when page.tbl = 'assignments' then (select private.wire(t) from public.assignments t where t.id = page.row_id)
      when page.tbl = 'evidence_files' then (select private.wire(t) from public.evidence_files t where t.id = page.row_id)
      when page.tbl = 'scores' then (select private.wire(t) from public.scores t where t.id = page.row_id)
      when page.tbl = 'findings' then (select private.wire(t) from public.findings t where t.id = page.row_id)
      when page.tbl = 'finding_rounds' then (select private.wire(t) from public.finding_rounds t where t.id = page.row_id)
      when page.tbl = 'decisions' then (select private.wire(t) from public.decisions t where t.id = page.row_id)
      when page.tbl = 'certificates' then (select private.wire(t) from public.certificates t where t.id = page.row_id)
      when page.tbl = 'signatures' then (select private.wire(t) from public.signatures t where t.id = page.row_id)
      when page.tbl = 'projects' then (select private.wire(t) from public.projects t where t.id = page.row_id)
      when page.tbl = 'people' then (select private.wire(t) from public.people t where t.id = page.row_id)
      when page.tbl = 'organizations' then (select private.wire(t) from public.organizations t where t.id = page.row_id)
      -- Of the rest a pull brings few.
      else (select r.body from private.wire_rows r where r.tbl = page.tbl and r.id = page.row_id)
    end as body
    from page
  )
  select json_build_object(
    'upto', bound::text,
    'changes', coalesce((
      select json_agg(
        json_build_object('table', c.tbl, 'id', c.row_id, 'op', c.op, 'version', c.version, 'row', c.body)
        order by c.xid, c.tbl, c.row_id
      )
      from changes c
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
