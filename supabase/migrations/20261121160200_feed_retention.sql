-- Removals leave the feed after ninety days. A workstation that was away for longer would miss them, so that its cursor is refused
-- and it fetches the scope again, with its local work kept.

create table private.feed_marks (
  taken_at timestamp with time zone primary key default clock_timestamp(),
  oldest_xid xid8 not null
);
comment on table private.feed_marks is
  'The oldest transaction that was open at a time: the feed orders by transaction, and this is what a date means there.';
alter table private.feed_marks enable row level security;

alter table public.server_state add column feed_horizon xid8 not null default '0'::xid8;
comment on column public.server_state.feed_horizon is
  'The newest transaction of which a removal was forgotten. A cursor that may not have seen it is refused.';
create index sync_feed_removals on public.sync_feed (xid) where op = 'R';

create function private.feed_horizon() returns xid8
language sql stable security definer set search_path = '' as $$
  select s.feed_horizon from public.server_state s
$$;
comment on function private.feed_horizon() is 'The newest transaction of which the feed has forgotten a removal.';

create or replace function private.parse_snapshot(p_text text) returns pg_snapshot
language plpgsql stable set search_path = '' as $$
declare
  cursor_read pg_snapshot;
begin
  begin
    cursor_read := p_text::pg_snapshot;
  exception when data_exception then
    raise exception using errcode = 'PT400', message = 'The cursor cannot be read.', detail = 'invalid_cursor',
      hint = 'Fetch the scope from the beginning.';
  end;
  if pg_snapshot_xmin(cursor_read) <= private.feed_horizon() then
    raise exception using errcode = 'PT400', message = 'This copy is older than what the cloud remembers of removals.',
      detail = 'invalid_cursor', hint = 'Fetch the scope from the beginning; local work is kept.';
  end if;
  return cursor_read;
end
$$;
comment on function private.parse_snapshot(text) is
  'A cursor as a snapshot, or 400 invalid_cursor: unreadable, or older than the feed''s memory of removals.';

create function public.purge_feed_removals(p_keep interval default interval '90 days') returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  mark private.feed_marks;
  removed bigint := 0;
  newest xid8;
begin
  if p_keep is null or p_keep < interval '0' then
    raise exception using errcode = 'PT400', message = 'How long removals are kept is a time of zero or more.',
      detail = 'invalid_request', hint = 'Leave p_keep out for ninety days.';
  end if;
  insert into private.feed_marks (oldest_xid) values (pg_snapshot_xmin(pg_current_snapshot()));
  select m.* into mark
  from private.feed_marks m
  where m.taken_at <= clock_timestamp() - p_keep
  order by m.taken_at desc
  limit 1;
  if mark.oldest_xid is not null then
    -- In the order in which writers of the feed lock; what one of them holds waits for tomorrow.
    with old as (
      select f.scope, f.tbl, f.row_id
      from public.sync_feed f
      where f.op = 'R' and f.xid < mark.oldest_xid
      order by f.scope, f.tbl, f.row_id
      for update skip locked
    ), forgotten as (
      delete from public.sync_feed f using old
      where f.scope = old.scope and f.tbl = old.tbl and f.row_id = old.row_id
      returning f.xid
    )
    select count(*), (array_agg(g.xid order by g.xid desc))[1] into removed, newest from forgotten g;
    update public.server_state s set feed_horizon = newest where s.feed_horizon < newest;
    delete from private.feed_marks m where m.taken_at < mark.taken_at;
  end if;
  return jsonb_build_object('removed', removed, 'horizon', newest::text);
end
$$;
comment on function public.purge_feed_removals(interval) is
  'Forgets removals older than ninety days and refuses cursors from before. A daily job: the first run only notes the day.';

revoke all on private.feed_marks from public, anon, authenticated;
grant all on private.feed_marks to service_role;
revoke all on function private.feed_horizon(), public.purge_feed_removals(interval) from public, anon, authenticated;
grant execute on function private.feed_horizon() to authenticated, service_role;
grant execute on function public.purge_feed_removals(interval) to service_role;
