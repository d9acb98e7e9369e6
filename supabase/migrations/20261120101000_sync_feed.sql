-- The feed: for each scope and row its newest change only, so that a workstation can ask what became visible since a snapshot.

create table public.sync_feed (
  scope text not null,
  tbl text not null,
  row_id uuid not null,
  op text not null check (op in ('U', 'R')),
  version integer not null,
  xid xid8 not null default pg_current_xact_id(),
  primary key (scope, tbl, row_id)
);
comment on table public.sync_feed is
  'Newest change of each row in each scope. U: changed or entered the scope. R: left it. xid orders by transaction, never by clock. Scopes: reference, person:<uuid>, pool, register.';
create index sync_feed_pull on public.sync_feed (scope, xid, tbl, row_id);
alter table public.sync_feed enable row level security;
create policy "Only scopes that one holds" on public.sync_feed for select to authenticated
  using (scope = any ((select private.held_scopes())::text[]));

create view private.batch_scopes with (security_invoker = true) as
  select b.id as batch_id, 'register'::text as scope from public.batches b
  union all
  select a.batch_id, 'person:' || a.user_id::text from public.assignments a where a.ended_at is null
  union all
  select b.id, 'pool' from public.batches b
  where b.status = 'pending'
    and not exists (select 1 from public.assignments a where a.batch_id = b.id and a.ended_at is null);
comment on view private.batch_scopes is
  'Which scopes a batch is in: the register, each person who works on it, and the pool while it is pending and nobody does.';

create view private.batch_parts with (security_invoker = true) as
  select 'assignments'::text as tbl, c.id, c.batch_id, c.version from public.assignments c
  union all select 'evidence_files', c.id, c.batch_id, c.version from public.evidence_files c
  union all select 'scores', c.id, c.batch_id, c.version from public.scores c
  union all select 'findings', c.id, c.batch_id, c.version from public.findings c
  union all select 'finding_rounds', c.id, c.batch_id, c.version from public.finding_rounds c
  union all select 'decisions', c.id, c.batch_id, c.version from public.decisions c
  union all select 'certificates', c.id, c.batch_id, c.version from public.certificates c
  union all select 'signatures', c.id, c.batch_id, c.version from public.signatures c;
comment on view private.batch_parts is 'Mirrored rows that belong to a batch. They follow it into its scopes; into the pool only its evidence does.';

create view private.reference_rows with (security_invoker = true) as
  select 'organizations'::text as tbl, o.id, o.version from public.organizations o
  union all select 'people', p.id, p.version from public.people p
  union all select 'trust_anchors', t.id, t.version from public.trust_anchors t where t.withdrawn_at is null
  union all select 'rubrics', r.id, r.version from public.rubrics r where r.published_at is not null;
comment on view private.reference_rows is 'Rows that everybody mirrors.';

create view private.scope_rows with (security_invoker = true) as
  select s.scope, 'batches'::text as tbl, b.id as row_id, b.version
  from private.batch_scopes s
  join public.batches b on b.id = s.batch_id
  union all
  select s.scope, c.tbl, c.id, c.version
  from private.batch_scopes s
  join private.batch_parts c on c.batch_id = s.batch_id
  where s.scope <> 'pool' or c.tbl = 'evidence_files'
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
comment on view private.scope_rows is
  'What the scopes hold, from the live tables: the truth that the feed''s U entries equal. A project is in a scope while one of its batches is.';

create function private.lock_projects(p_projects uuid[]) returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform 1 from public.projects p where p.id = any (p_projects) order by p.id for no key update;
end
$$;
comment on function private.lock_projects(uuid[]) is
  'Locks projects in the order of their ids, always after batches: whether a project is in a scope depends on all its batches.';

create function private.move_batches(p_batches uuid[]) returns void
language plpgsql security definer set search_path = '' as $$
begin
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
  ), moves as materialized (
    select w.batch_id, w.scope, 'U' as op from (select * from wanted except select * from held) w
    union all
    select h.batch_id, h.scope, 'R' from (select * from held except select * from wanted) h
  )
  insert into public.sync_feed (scope, tbl, row_id, op, version)
  select m.scope, 'batches' as tbl, b.id as row_id, m.op, b.version
  from moves m
  join public.batches b on b.id = m.batch_id
  union all
  select m.scope, c.tbl, c.id, m.op, c.version
  from moves m
  join private.batch_parts c on c.batch_id = m.batch_id
  where m.scope <> 'pool' or c.tbl = 'evidence_files'
  order by scope, tbl, row_id
  on conflict (scope, tbl, row_id) do update
  set op = excluded.op, version = excluded.version, xid = excluded.xid;

  with pairs as materialized (
    select distinct c.scope, b.project_id
    from (
      select a.batch_id, 'person:' || a.user_id::text as scope from public.assignments a where a.batch_id = any (p_batches)
      union
      select unnest(p_batches), 'pool'
    ) c
    join public.batches b on b.id = c.batch_id
  ), state as materialized (
    select pairs.scope, p.id, p.version,
      case when exists (
        select 1
        from public.batches b
        join public.sync_feed f on f.scope = pairs.scope and f.tbl = 'batches' and f.row_id = b.id and f.op = 'U'
        where b.project_id = p.id
      ) then 'U' else 'R' end as op
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
  'Writes what enters and leaves scopes after batches changed hands or state: the batches, what belongs to them, and their projects.';

create function private.rebuild_feed() returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  written bigint;
  open_batches uuid[] := array(
    select b.id from public.batches b where b.content_hash <> private.hash_of(private.content_text(b))
      and b.status in ('pending', 'under_review', 'changes_requested', 'approved')
  );
begin
  lock table public.batches, public.assignments, public.projects, public.evidence_files in share row exclusive mode;
  perform private.refresh_content_hashes(open_batches);
  perform private.list_people(array(select u.id from public.users u));
  insert into public.sync_feed (scope, tbl, row_id, op, version)
  select coalesce(l.scope, f.scope), coalesce(l.tbl, f.tbl), coalesce(l.row_id, f.row_id),
    case when l.row_id is null then 'R' else 'U' end, coalesce(l.version, f.version)
  from private.scope_rows l
  full join public.sync_feed f on f.scope = l.scope and f.tbl = l.tbl and f.row_id = l.row_id
  where f.row_id is null
    or (l.row_id is null and f.op = 'U')
    or (l.row_id is not null and (f.op = 'R' or f.version <> l.version))
  order by 1, 2, 3
  on conflict (scope, tbl, row_id) do update
  set op = excluded.op, version = excluded.version, xid = excluded.xid;
  get diagnostics written = row_count;
  return written;
end
$$;
comment on function private.rebuild_feed() is
  'Brings content hashes, directory and feed in line with the live tables and returns how many entries it wrote: after a maintenance transaction, or as a repair. It writes differences only.';
