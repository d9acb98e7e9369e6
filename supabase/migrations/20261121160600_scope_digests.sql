-- A daily comparison of the feed with the live tables, scope by scope: what differs is written down, shown by health, and repaired.

create table private.scope_digests (
  taken_on date not null,
  scope text not null,
  tbl text not null,
  row_count bigint not null,
  version_sum bigint not null,
  feed_row_count bigint not null,
  feed_version_sum bigint not null,
  primary key (taken_on, scope, tbl)
);
comment on table private.scope_digests is
  'Rows and sum of versions of each table of each scope on a day, from the live tables and from the feed. They are equal, or something was missed.';
alter table private.scope_digests enable row level security;

create function private.digest_differences() returns bigint
language sql stable security definer set search_path = '' as $$
  select count(*)
  from private.scope_digests d
  where d.taken_on = (select max(last.taken_on) from private.scope_digests last)
    and (d.row_count, d.version_sum) <> (d.feed_row_count, d.feed_version_sum)
$$;
comment on function private.digest_differences() is 'In how many tables of scopes the feed differed at the last comparison.';

create function public.digest_scopes() returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  today date := (now() at time zone 'UTC')::date;
  compared bigint;
  differing bigint;
  repaired bigint := 0;
begin
  delete from private.scope_digests d where d.taken_on = today or d.taken_on < today - 400;
  -- One statement, one snapshot: a change between two would look like a difference.
  insert into private.scope_digests (taken_on, scope, tbl, row_count, version_sum, feed_row_count, feed_version_sum)
  select today, scope, tbl, coalesce(l.row_count, 0), coalesce(l.version_sum, 0), coalesce(f.row_count, 0), coalesce(f.version_sum, 0)
  from (
    select s.scope, s.tbl, count(*) as row_count, sum(s.version) as version_sum from private.scope_rows s group by s.scope, s.tbl
  ) l
  full join (
    select e.scope, e.tbl, count(*) as row_count, sum(e.version) as version_sum
    from public.sync_feed e where e.op = 'U' group by e.scope, e.tbl
  ) f using (scope, tbl);
  get diagnostics compared = row_count;
  differing := private.digest_differences();
  if differing > 0 then
    repaired := private.rebuild_feed();
  end if;
  return jsonb_build_object('compared', compared, 'differing', differing, 'repaired', repaired);
end
$$;
comment on function public.digest_scopes() is
  'Compares the feed with the live tables and repairs it where they differ. A daily job; the difference stays written down.';

revoke all on private.scope_digests from public, anon, authenticated;
grant all on private.scope_digests to service_role;
revoke all on function private.digest_differences(), public.digest_scopes() from public, anon, authenticated;
grant execute on function private.digest_differences(), public.digest_scopes() to service_role;
