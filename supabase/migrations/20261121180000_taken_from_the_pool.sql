-- Pending batches that somebody works on all the same, such as a field agent: few, and a table that the policy on batches may ask. Assignments
-- themselves are closed by policies of their own, so the pool asked a function for every pending batch: a page of it took eight times as
-- long as without policies.

create table private.taken_from_pool (
  batch_id uuid primary key references public.batches (id)
);
comment on table private.taken_from_pool is
  'Pending batches with a live assignment, kept by triggers on assignments and batches. Ids alone, and not exposed by the API; read by the policy on batches.';
alter table private.taken_from_pool enable row level security;
create policy "Read by the policy on batches" on private.taken_from_pool for select to authenticated using (true);

create function private.keep_taken_from_pool(p_batches uuid[]) returns void
language plpgsql security definer set search_path = '' set plan_cache_mode = 'force_custom_plan' as $$
begin
  -- Whoever writes assignments of a batch waits here for others who do, so that both are seen.
  perform 1 from public.batches b where b.id = any (p_batches) order by b.id for no key update;
  insert into private.taken_from_pool (batch_id)
  select b.id from public.batches b
  where b.id = any (p_batches) and b.status = 'pending'
    and exists (select 1 from public.assignments a where a.batch_id = b.id and a.ended_at is null)
  order by b.id
  on conflict (batch_id) do nothing;
  delete from private.taken_from_pool t
  where t.batch_id = any (p_batches) and not exists (
    select 1 from public.batches b
    join public.assignments a on a.batch_id = b.id and a.ended_at is null
    where b.id = t.batch_id and b.status = 'pending'
  );
end
$$;
comment on function private.keep_taken_from_pool(uuid[]) is 'Brings taken_from_pool in line with these batches and their assignments.';

create function private.assignments_touch_pool() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.keep_taken_from_pool(array(select distinct c.batch_id from changed c));
  return null;
end
$$;
comment on function private.assignments_touch_pool() is 'Keeps taken_from_pool after assignments changed, in maintenance too: nothing repairs it afterwards.';
-- Named to come after the feed, which locks the batches.
create trigger taken_assignments_insert after insert on public.assignments
  referencing new table as changed for each statement execute function private.assignments_touch_pool();
create trigger taken_assignments_update after update on public.assignments
  referencing new table as changed for each statement execute function private.assignments_touch_pool();
create trigger taken_assignments_delete after delete on public.assignments
  referencing old table as changed for each statement execute function private.assignments_touch_pool();

create function private.batch_touches_pool() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if new.status = 'pending' then
    perform private.keep_taken_from_pool(array[new.id]);
  else
    delete from private.taken_from_pool t where t.batch_id = new.id;
  end if;
  return null;
end
$$;
comment on function private.batch_touches_pool() is 'Keeps taken_from_pool when a batch enters or leaves the pending state.';
create trigger taken_batches_update after update of status on public.batches
  for each row when ((old.status = 'pending') <> (new.status = 'pending')) execute function private.batch_touches_pool();

insert into private.taken_from_pool (batch_id)
select b.id from public.batches b
where b.status = 'pending' and exists (select 1 from public.assignments a where a.batch_id = b.id and a.ended_at is null)
order by b.id;

-- For a page of the pool nothing more is asked than whether one sees the register and whether one may claim.
alter policy "Owner, assigned or claiming verifier, register" on public.batches
  using (
    (select private.sees_register())
    or (
      status = 'pending' and (select private.may_claim()) and user_id <> (select auth.uid())
      and (
        verification_body_id is null or (select private.bound_body()) is null
        or verification_body_id = (select private.bound_body())
      )
      and not exists (select 1 from private.taken_from_pool t where t.batch_id = batches.id)
    )
    or verification_body_id = (select private.register_body())
    or (user_id = (select auth.uid()) and (select private.person_role()) = 'recycler')
    or (
      (
        verification_body_id is null or (select private.bound_body()) is null
        or verification_body_id = (select private.bound_body())
      )
      and (select private.is_active_person()) and exists (
        select 1 from public.assignments a
        where a.batch_id = batches.id and a.user_id = (select auth.uid()) and a.ended_at is null
      )
    )
  );

revoke all on private.taken_from_pool from public, anon, authenticated;
grant select on private.taken_from_pool to authenticated;
grant all on private.taken_from_pool to service_role;
revoke all on function
  private.keep_taken_from_pool(uuid[]), private.assignments_touch_pool(), private.batch_touches_pool()
from public, anon, authenticated;
grant execute on function
  private.keep_taken_from_pool(uuid[]), private.assignments_touch_pool(), private.batch_touches_pool()
to service_role;
