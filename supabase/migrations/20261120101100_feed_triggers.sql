-- Statement triggers that write the feed. Rule: whoever changes what belongs to a batch holds the batch's row lock, whoever
-- changes in which scopes a batch is holds its project's lock too. A statement that had to wait goes on with a fresh snapshot,
-- so of two transactions the second always sees the first, and nothing falls between them.

create function private.feed_batches_inserted() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if private.in_bulk() then
    return null;
  end if;
  perform private.lock_batches('{}');
  perform private.lock_projects(array(select distinct c.project_id from changed c));
  insert into public.sync_feed (scope, tbl, row_id, op, version)
  select s.scope, 'batches', c.id, 'U', c.version
  from changed c
  join private.batch_scopes s on s.batch_id = c.id
  order by s.scope, c.id
  on conflict (scope, tbl, row_id) do update
  set op = excluded.op, version = excluded.version, xid = excluded.xid;
  insert into public.sync_feed (scope, tbl, row_id, op, version)
  select distinct s.scope, 'projects', p.id, 'U', p.version
  from changed c
  join private.batch_scopes s on s.batch_id = c.id and s.scope <> 'register'
  join public.projects p on p.id = c.project_id
  where not exists (
    select 1 from public.sync_feed f
    where f.scope = s.scope and f.tbl = 'projects' and f.row_id = p.id and f.op = 'U'
  )
  order by s.scope, p.id
  on conflict (scope, tbl, row_id) do update
  set op = excluded.op, version = excluded.version, xid = excluded.xid;
  return null;
end
$$;
comment on function private.feed_batches_inserted() is 'Announces new batches to the register and, while pending, to the pool with their projects.';
create trigger feed_batches_insert after insert on public.batches
  referencing new table as changed for each statement execute function private.feed_batches_inserted();

create function private.feed_batches_updated() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  moved uuid[];
begin
  if private.in_bulk() then
    return null;
  end if;
  perform private.lock_batches('{}');
  moved := array(
    select c.id from changed c join before b on b.id = c.id
    where (c.status = 'pending') <> (b.status = 'pending')
  );
  if moved <> '{}' then
    perform private.move_batches(moved);
  end if;
  insert into public.sync_feed (scope, tbl, row_id, op, version)
  select s.scope, 'batches', c.id, 'U', c.version
  from changed c
  join before b on b.id = c.id and b.version <> c.version
  join private.batch_scopes s on s.batch_id = c.id
  order by s.scope, c.id
  on conflict (scope, tbl, row_id) do update
  set op = excluded.op, version = excluded.version, xid = excluded.xid;
  return null;
end
$$;
comment on function private.feed_batches_updated() is 'Announces changed batches in their scopes, and moves them into or out of the pool.';
create trigger feed_batches_update after update on public.batches
  referencing old table as before new table as changed for each statement execute function private.feed_batches_updated();

create function private.feed_assignments() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  touched uuid[];
begin
  if private.in_bulk() then
    return null;
  end if;
  touched := array(select distinct c.batch_id from changed c);
  perform private.lock_batches(touched);
  perform private.move_batches(touched);
  insert into public.sync_feed (scope, tbl, row_id, op, version)
  select s.scope, 'assignments', c.id, 'U', c.version
  from changed c
  join private.batch_scopes s on s.batch_id = c.batch_id and s.scope <> 'pool'
  order by s.scope, c.id
  on conflict (scope, tbl, row_id) do update
  set op = excluded.op, version = excluded.version, xid = excluded.xid;
  return null;
end
$$;
comment on function private.feed_assignments() is 'Moves batches between people''s scopes and the pool as assignments begin and end.';
create trigger feed_assignments_insert after insert on public.assignments
  referencing new table as changed for each statement execute function private.feed_assignments();
create trigger feed_assignments_update after update on public.assignments
  referencing new table as changed for each statement execute function private.feed_assignments();

create function private.feed_batch_parts() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if private.in_bulk() then
    return null;
  end if;
  perform private.lock_batches(array(select distinct c.batch_id from changed c));
  insert into public.sync_feed (scope, tbl, row_id, op, version)
  select s.scope, tg_table_name, c.id, 'U', c.version
  from changed c
  join private.batch_scopes s on s.batch_id = c.batch_id and (s.scope <> 'pool' or tg_table_name = 'evidence_files')
  order by s.scope, c.id
  on conflict (scope, tbl, row_id) do update
  set op = excluded.op, version = excluded.version, xid = excluded.xid;
  return null;
end
$$;
comment on function private.feed_batch_parts() is 'Announces new and changed rows that belong to a batch in the batch''s scopes.';

create function private.feed_projects() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if private.in_bulk() then
    return null;
  end if;
  perform private.lock_batches('{}');
  insert into public.sync_feed (scope, tbl, row_id, op, version)
  select 'register' as scope, 'projects', c.id as row_id, 'U', c.version from changed c
  union all
  select f.scope, 'projects', c.id, 'U', c.version
  from changed c
  join public.sync_feed f on f.tbl = 'projects' and f.row_id = c.id and f.op = 'U' and f.scope <> 'register'
  order by scope, row_id
  on conflict (scope, tbl, row_id) do update
  set op = excluded.op, version = excluded.version, xid = excluded.xid;
  return null;
end
$$;
comment on function private.feed_projects() is 'Announces new and changed projects to the register and to the scopes that already hold them.';
create index sync_feed_project_scopes on public.sync_feed (row_id) where tbl = 'projects';

create function private.feed_reference() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if private.in_bulk() then
    return null;
  end if;
  perform private.lock_batches('{}');
  insert into public.sync_feed (scope, tbl, row_id, op, version)
  select 'reference', tg_table_name, c.id, case when r.id is null then 'R' else 'U' end, c.version
  from changed c
  left join private.reference_rows r on r.tbl = tg_table_name and r.id = c.id
  where r.id is not null or exists (
    select 1 from public.sync_feed f where f.scope = 'reference' and f.tbl = tg_table_name and f.row_id = c.id
  )
  order by c.id
  on conflict (scope, tbl, row_id) do update
  set op = excluded.op, version = excluded.version, xid = excluded.xid;
  return null;
end
$$;
comment on function private.feed_reference() is 'Announces what everybody mirrors: organizations, people, authorities and published rubrics.';

do $$
declare
  t text;
  handler text;
  verb text;
begin
  for t, handler in
    select 'projects', 'feed_projects'
    union all select unnest(array['organizations', 'people', 'trust_anchors', 'rubrics']), 'feed_reference'
    union all select unnest(array[
      'evidence_files', 'scores', 'findings', 'finding_rounds', 'decisions', 'certificates', 'signatures'
    ]), 'feed_batch_parts'
  loop
    foreach verb in array array['insert', 'update'] loop
      execute format(
        'create trigger %I after %s on public.%I referencing new table as changed
           for each statement execute function private.%I()',
        'feed_' || t || '_' || verb, verb, t, handler
      );
    end loop;
  end loop;
end
$$;
