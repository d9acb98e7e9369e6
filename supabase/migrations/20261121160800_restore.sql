-- After a backup was restored: what must be set right before anybody is let in, in one call.

create function private.advance_sequences() returns integer
language plpgsql security definer set search_path = '' as $$
declare
  owned record;
  highest bigint;
  current_value bigint;
  advanced integer := 0;
begin
  for owned in
    select s.oid::regclass as sequence, d.refobjid::regclass as tbl, a.attname as col
    from pg_catalog.pg_class s
    join pg_catalog.pg_depend d on d.objid = s.oid and d.classid = 'pg_catalog.pg_class'::regclass
      and d.refclassid = 'pg_catalog.pg_class'::regclass and d.deptype in ('a', 'i')
    join pg_catalog.pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
    where s.relkind = 'S' and s.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
    union all
    select 'private.audit_bundles'::regclass, 'public.audit_logs'::regclass, 'bundle'
    order by 1
  loop
    execute format('select max(%I) from %s', owned.col, owned.tbl) into highest;
    execute format('select case when is_called then last_value else last_value - 1 end from %s', owned.sequence) into current_value;
    if highest > current_value then
      perform setval(owned.sequence, highest);
      advanced := advanced + 1;
    end if;
  end loop;
  return advanced;
end
$$;
comment on function private.advance_sequences() is
  'Moves every sequence behind the highest value that was given out. Returns how many were not.';

create function private.finish_restore() returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  epoch uuid := gen_random_uuid();
  written bigint;
  missed bigint;
  sequences integer := private.advance_sequences();
  released integer;
  chain jsonb := private.check_audit_chain(null, null);
begin
  -- Another epoch sends every workstation to fetch its mirror again; its local work stays and is sent as before.
  update public.server_state s set server_epoch = epoch, feed_horizon = '0'::xid8;
  -- The feed orders by transaction, and the numbers of another server mean nothing here. Nobody follows it from before this.
  truncate public.sync_feed;
  delete from private.feed_marks;
  written := private.rebuild_feed();
  select count(*) into missed
  from private.scope_rows l
  full join (select e.* from public.sync_feed e where e.op = 'U') f on f.scope = l.scope and f.tbl = l.tbl and f.row_id = l.row_id
  where l.row_id is null or f.row_id is null or l.version <> f.version;
  -- Whoever worked on these is gone.
  update private.job_queue q
  set state = 'waiting', locked_by = null, locked_until = null, run_after = now()
  where q.state = 'running';
  get diagnostics released = row_count;
  perform public.refresh_statistics();
  perform private.write_audit_entry('RESTORE', null, null, null, jsonb_build_object(
    'server_epoch', epoch, 'chain', chain, 'feed_entries', written, 'sequences_advanced', sequences, 'jobs_released', released
  ), 'warning');
  return jsonb_build_object(
    'ok', missed = 0 and (chain ->> 'ok')::boolean,
    'server_epoch', epoch,
    'chain', chain,
    'feed', jsonb_build_object('entries', written, 'differences', missed),
    'sequences_advanced', sequences,
    'jobs_released', released
  );
end
$$;
comment on function private.finish_restore() is
  'Ends the restoring of a backup: new epoch, feed made anew and compared, audit chain checked, sequences moved on, jobs given back. Answers with what it found; ok is false where chain or feed do not hold.';

revoke all on function private.advance_sequences(), private.finish_restore() from public, anon, authenticated;
grant execute on function private.advance_sequences(), private.finish_restore() to service_role;
