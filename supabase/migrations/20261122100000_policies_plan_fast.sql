-- A query under policies is planned with every question that its policies ask, and each of them costs the planner more than the answer costs the
-- server. A query of batches planned thirty of them, those of assignments twice; it plans eleven now and opens the same rows.

create function private.claimant() returns uuid
language plpgsql stable security definer set search_path = '' as $$
begin
  return case when private.may('batch.claim') then auth.uid() end;
end
$$;
comment on function private.claimant() is 'The signed-in person if they may claim batches; else null, which equals nobody and differs from nobody.';

create function private.active_person() returns uuid
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select u.id from public.users u
    where u.id = auth.uid() and u.approval_status = 'approved' and u.active
  );
end
$$;
comment on function private.active_person() is 'The signed-in person if they are approved and active; else null.';

create function private.recycler() returns uuid
language plpgsql stable security definer set search_path = '' as $$
begin
  return case when private.person_role() = 'recycler' then auth.uid() end;
end
$$;
comment on function private.recycler() is 'The signed-in person if they are a recycler; else null.';

-- With its owner's rights, since the policies of assignments would have to be planned with every query of batches; it gives nobody more than
-- the ids of what they work on.
create view private.own_work with (security_invoker = false) as
select a.batch_id from public.assignments a
where a.user_id = (select private.active_person()) and a.ended_at is null;
comment on view private.own_work is 'Batches that the signed-in person works on. Ids alone, and not exposed by the API; read by the policy on batches.';

-- A page of the pool asks no more than who may claim: batches there belong to no body yet, as a rule.
alter policy "Owner, assigned or claiming verifier, register" on public.batches
  using (
    (
      (verification_body_id is null or (verification_body_id = (select private.bound_body())) is not false)
      and (
        (
          status = 'pending' and user_id <> (select private.claimant())
          and (select t.batch_id from private.taken_from_pool t where t.batch_id = batches.id) is null
        )
        or exists (select 1 from private.own_work w where w.batch_id = batches.id)
      )
    )
    or (select private.sees_register())
    or verification_body_id = (select private.register_body())
    or user_id = (select private.recycler())
  );

revoke all on private.own_work from public, anon, authenticated;
grant select on private.own_work to authenticated, service_role;
revoke all on function private.claimant(), private.active_person(), private.recycler() from public, anon, authenticated;
grant execute on function private.claimant(), private.active_person(), private.recycler() to authenticated, service_role;
