-- The feed with verification bodies. Scopes beside reference, person:<uuid>, pool and register:
--   register:<body>  the batches of one body, for its administrators and its holders of the compliance grant;
--   pool:<body>      its pending batches that nobody works on, for its verifiers; `pool` holds those that are open to any;
--   pool:bodies      the pending batches of all bodies, for verifiers who are bound to none.

comment on table public.sync_feed is
  'Newest change of each row in each scope. U: changed or entered the scope. R: left it. xid orders by transaction, never by clock. Scopes: reference, person:<uuid>, pool, pool:<body>, pool:bodies, register, register:<body>.';
create index sync_feed_body_scopes on public.sync_feed (row_id)
  where tbl = 'batches' and scope like '%:%' and scope not like 'person:%';

create or replace function private.held_scopes() returns text[]
language plpgsql stable security definer set search_path = '' as $$
declare
  body uuid;
  register uuid;
  held text[] := array['reference'];
begin
  if not private.is_active_person() then
    return '{}';
  elsif private.sees_register() then
    return held || array['register'];
  end if;
  body := private.bound_body();
  register := private.register_body();
  if register is not null then
    held := held || ('register:' || register::text);
  end if;
  if register is not null or private.person_role() = 'verifier' then
    held := held || ('person:' || auth.uid()::text);
  end if;
  if private.may_claim() then
    held := held || array['pool'];
    if body is not null then
      held := held || ('pool:' || body::text);
    elsif exists (select 1 from public.organizations o where o.kind = 'verification_body') then
      held := held || array['pool:bodies'];
    end if;
  end if;
  return held;
end
$$;
comment on function private.held_scopes() is
  'What the signed-in person mirrors. Whoever sees the whole register needs no other scope: it holds every batch.';

create function private.is_pool(p_scope text) returns boolean
language sql immutable as $$
  select p_scope = 'pool' or p_scope like 'pool:%'
$$;
comment on function private.is_pool(text) is 'True for the scopes of claimable batches, which hold evidence and projects with them and no more.';

create function private.plan_for(p_rows integer) returns void
language plpgsql set search_path = '' as $$
begin
  if p_rows > 32 then
    perform pg_catalog.set_config('plan_cache_mode', 'force_custom_plan', true);
  end if;
end
$$;
comment on function private.plan_for(integer) is
  'Plans the rest of a transaction that writes many rows for as many: a plan that was kept for single rows takes them one by one.';

create or replace view private.batch_scopes with (security_invoker = true) as
  select b.id as batch_id, 'register'::text as scope from public.batches b
  union all
  select b.id, 'register:' || b.verification_body_id::text from public.batches b where b.verification_body_id is not null
  union all
  select a.batch_id, 'person:' || a.user_id::text
  from public.assignments a
  join public.batches b on b.id = a.batch_id
  left join public.users u on u.id = a.user_id and b.verification_body_id is not null
  left join public.organizations o on o.id = u.organization_id and o.kind = 'verification_body'
  where a.ended_at is null and (b.verification_body_id is null or o.id is null or o.id = b.verification_body_id)
  union all
  select b.id, s.scope
  from public.batches b
  cross join lateral unnest(case
    when b.verification_body_id is null then array['pool']
    else array['pool:bodies', 'pool:' || b.verification_body_id::text]
  end) as s (scope)
  where b.status = 'pending'
    and not exists (select 1 from public.assignments a where a.batch_id = b.id and a.ended_at is null);
comment on view private.batch_scopes is
  'Which scopes a batch is in: the register and that of its verification body, each person who works on it and is of no other body, and the pools while it is pending and nobody does.';

create or replace view private.scope_rows with (security_invoker = true) as
  select s.scope, 'batches'::text as tbl, b.id as row_id, b.version
  from private.batch_scopes s
  join public.batches b on b.id = s.batch_id
  union all
  select s.scope, c.tbl, c.id, c.version
  from private.batch_scopes s
  join private.batch_parts c on c.batch_id = s.batch_id
  where not private.is_pool(s.scope) or c.tbl = 'evidence_files'
  union all
  select 'register', 'projects', p.id, p.version from public.projects p
  union all
  select distinct s.scope, 'projects', p.id, p.version
  from private.batch_scopes s
  join public.batches b on b.id = s.batch_id
  join public.projects p on p.id = b.project_id
  where s.scope <> 'register'
  union all
  select 'reference', r.tbl, r.id, r.version from private.reference_rows r;

create or replace function private.move_batches(p_batches uuid[]) returns void
language plpgsql security definer set search_path = '' as $$
declare
  moved_batches uuid[];
  moved_scopes text[];
  moved_ops text[];
begin
  perform private.plan_for(cardinality(p_batches));
  -- The caller holds the batches' locks. The statements below see all that was committed before these were granted.
  perform private.lock_projects(array(select distinct b.project_id from public.batches b where b.id = any (p_batches)));

  with wanted as materialized (
    select s.batch_id, s.scope from private.batch_scopes s where s.batch_id = any (p_batches) and s.scope <> 'register'
  ), held as materialized (
    select c.batch_id, c.scope
    from (
      select a.batch_id, 'person:' || a.user_id::text as scope from public.assignments a where a.batch_id = any (p_batches)
      union
      select unnest(p_batches), 'pool'
    ) c
    join public.sync_feed f on f.scope = c.scope and f.tbl = 'batches' and f.row_id = c.batch_id and f.op = 'U'
    union
    select f.row_id, f.scope
    from public.sync_feed f
    where f.tbl = 'batches' and f.scope like '%:%' and f.scope not like 'person:%' and f.row_id = any (p_batches) and f.op = 'U'
  ), moves as (
    select w.batch_id, w.scope, 'U' as op from (select * from wanted except select * from held) w
    union all
    select h.batch_id, h.scope, 'R' from (select * from held except select * from wanted) h
  )
  select array_agg(m.batch_id), array_agg(m.scope), array_agg(m.op) into moved_batches, moved_scopes, moved_ops from moves m;
  if moved_batches is null then
    return;
  end if;

  insert into public.sync_feed (scope, tbl, row_id, op, version)
  select m.scope, 'batches' as tbl, b.id as row_id, m.op, b.version
  from unnest(moved_batches, moved_scopes, moved_ops) as m (batch_id, scope, op)
  join public.batches b on b.id = m.batch_id
  union all
  select m.scope, c.tbl, c.id, m.op, c.version
  from unnest(moved_batches, moved_scopes, moved_ops) as m (batch_id, scope, op)
  join private.batch_parts c on c.batch_id = m.batch_id
  where not private.is_pool(m.scope) or c.tbl = 'evidence_files'
  order by scope, tbl, row_id
  on conflict (scope, tbl, row_id) do update
  set op = excluded.op, version = excluded.version, xid = excluded.xid;

  -- A project is in the scopes that one of its batches entered, and stays in those that one left while another is there.
  with pairs as materialized (
    select m.scope, b.project_id, bool_or(m.op = 'U') as entered
    from unnest(moved_batches, moved_scopes, moved_ops) as m (batch_id, scope, op)
    join public.batches b on b.id = m.batch_id
    group by m.scope, b.project_id
  ), state as materialized (
    select pairs.scope, p.id, p.version,
      case
        when pairs.entered then 'U'
        when private.is_pool(pairs.scope) then case when exists (
          select 1
          from public.batches b
          join public.sync_feed f on f.scope = pairs.scope and f.tbl = 'batches' and f.row_id = b.id and f.op = 'U'
          where b.project_id = p.id and b.status = 'pending'
        ) then 'U' else 'R' end
        when exists (
          select 1
          from public.batches b
          join public.sync_feed f on f.scope = pairs.scope and f.tbl = 'batches' and f.row_id = b.id and f.op = 'U'
          where b.project_id = p.id
        ) then 'U'
        else 'R'
      end as op
    from pairs
    join public.projects p on p.id = pairs.project_id
  )
  insert into public.sync_feed (scope, tbl, row_id, op, version)
  select s.scope, 'projects', s.id, s.op, s.version
  from state s
  where s.op <> coalesce(
    (select f.op from public.sync_feed f where f.scope = s.scope and f.tbl = 'projects' and f.row_id = s.id), 'R'
  )
  order by s.scope, s.id
  on conflict (scope, tbl, row_id) do update
  set op = excluded.op, version = excluded.version, xid = excluded.xid;
end
$$;
comment on function private.move_batches(uuid[]) is
  'Writes what enters and leaves scopes after batches changed hands, state or verification body: the batches, what belongs to them, and their projects.';

-- The rows of a statement are handed on as arrays, whose length the planner knows; of a transition table it believes what the first
-- statement of the session had. The view is asked for them by name: a join alone would not be carried into its branches.
create or replace function private.feed_batches_inserted() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  touched uuid[];
  versions integer[];
begin
  if private.in_bulk() then
    return null;
  end if;
  select array_agg(c.id), array_agg(c.version) into touched, versions from changed c;
  perform private.plan_for(cardinality(touched));
  perform private.lock_batches('{}');
  perform private.lock_projects(array(select distinct c.project_id from changed c));
  insert into public.sync_feed (scope, tbl, row_id, op, version)
  select s.scope, 'batches', c.id, 'U', c.version
  from unnest(touched, versions) as c (id, version)
  join private.batch_scopes s on s.batch_id = c.id and s.batch_id = any (touched)
  order by s.scope, c.id
  on conflict (scope, tbl, row_id) do update
  set op = excluded.op, version = excluded.version, xid = excluded.xid;
  insert into public.sync_feed (scope, tbl, row_id, op, version)
  select distinct s.scope, 'projects', p.id, 'U', p.version
  from private.batch_scopes s
  join public.batches b on b.id = s.batch_id
  join public.projects p on p.id = b.project_id
  where s.batch_id = any (touched) and s.scope <> 'register' and not exists (
    select 1 from public.sync_feed f
    where f.scope = s.scope and f.tbl = 'projects' and f.row_id = p.id and f.op = 'U'
  )
  order by s.scope, p.id
  on conflict (scope, tbl, row_id) do update
  set op = excluded.op, version = excluded.version, xid = excluded.xid;
  return null;
end
$$;
comment on function private.feed_batches_inserted() is
  'Announces new batches to the register, to that of their verification body and, while pending, to the pools, with their projects.';

create or replace function private.feed_batches_updated() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  touched uuid[];
  versions integer[];
  pending boolean[];
  bodies uuid[];
  known uuid[];
  versions_before integer[];
  pending_before boolean[];
  bodies_before uuid[];
  moved uuid[];
begin
  if private.in_bulk() then
    return null;
  end if;
  select array_agg(c.id), array_agg(c.version), array_agg(c.status = 'pending'), array_agg(c.verification_body_id)
  into touched, versions, pending, bodies from changed c;
  if touched is null then
    return null;
  end if;
  select array_agg(b.id), array_agg(b.version), array_agg(b.status = 'pending'), array_agg(b.verification_body_id)
  into known, versions_before, pending_before, bodies_before from before b;
  perform private.plan_for(cardinality(touched));
  perform private.lock_batches('{}');
  moved := array(
    select c.id
    from unnest(touched, pending, bodies) as c (id, pending, body)
    join unnest(known, pending_before, bodies_before) as b (id, pending, body) on b.id = c.id
    where c.pending <> b.pending or c.body is distinct from b.body
  );
  if moved <> '{}' then
    perform private.move_batches(moved);
  end if;
  insert into public.sync_feed (scope, tbl, row_id, op, version)
  select s.scope, 'batches', c.id, 'U', c.version
  from unnest(touched, versions) as c (id, version)
  join unnest(known, versions_before) as b (id, version) on b.id = c.id and b.version <> c.version
  join private.batch_scopes s on s.batch_id = c.id and s.batch_id = any (touched)
  order by s.scope, c.id
  on conflict (scope, tbl, row_id) do update
  set op = excluded.op, version = excluded.version, xid = excluded.xid;
  return null;
end
$$;
comment on function private.feed_batches_updated() is
  'Announces changed batches in their scopes, and moves them into or out of the pools and the registers of verification bodies.';

create or replace function private.feed_assignments() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  touched uuid[];
  ids uuid[];
  owners uuid[];
  versions integer[];
begin
  if private.in_bulk() then
    return null;
  end if;
  touched := array(select distinct c.batch_id from changed c);
  select array_agg(c.id), array_agg(c.batch_id), array_agg(c.version) into ids, owners, versions from changed c;
  perform private.plan_for(cardinality(ids));
  perform private.lock_batches(touched);
  perform private.move_batches(touched);
  insert into public.sync_feed (scope, tbl, row_id, op, version)
  select s.scope, 'assignments', c.id, 'U', c.version
  from unnest(ids, owners, versions) as c (id, batch_id, version)
  join private.batch_scopes s on s.batch_id = c.batch_id and s.batch_id = any (touched) and not private.is_pool(s.scope)
  order by s.scope, c.id
  on conflict (scope, tbl, row_id) do update
  set op = excluded.op, version = excluded.version, xid = excluded.xid;
  return null;
end
$$;

create or replace function private.feed_batch_parts() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  touched uuid[];
  ids uuid[];
  owners uuid[];
  versions integer[];
begin
  if private.in_bulk() then
    return null;
  end if;
  touched := array(select distinct c.batch_id from changed c);
  select array_agg(c.id), array_agg(c.batch_id), array_agg(c.version) into ids, owners, versions from changed c;
  perform private.plan_for(cardinality(ids));
  perform private.lock_batches(touched);
  insert into public.sync_feed (scope, tbl, row_id, op, version)
  select s.scope, tg_table_name, c.id, 'U', c.version
  from unnest(ids, owners, versions) as c (id, batch_id, version)
  join private.batch_scopes s on s.batch_id = c.batch_id and s.batch_id = any (touched)
    and (not private.is_pool(s.scope) or tg_table_name = 'evidence_files')
  order by s.scope, c.id
  on conflict (scope, tbl, row_id) do update
  set op = excluded.op, version = excluded.version, xid = excluded.xid;
  return null;
end
$$;

revoke all on function private.is_pool(text), private.plan_for(integer) from public, anon, authenticated;
grant execute on function private.is_pool(text), private.plan_for(integer) to service_role;
grant execute on function private.is_pool(text) to authenticated;
