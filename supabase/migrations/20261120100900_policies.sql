-- Row-level security: nothing is readable or writable unless a policy below says so.

do $$
declare
  t regclass;
begin
  for t in
    select c.oid::regclass from pg_catalog.pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
  loop
    execute format('alter table %s enable row level security', t);
  end loop;
end
$$;

-- People and reference data.
create policy "One's own profile, and all of them for administrators" on public.users for select to authenticated
  using (id = (select auth.uid()) or (select private.person_role()) = 'admin');
create policy "One's own profile, unless suspended" on public.users for update to authenticated
  using (id = (select auth.uid()) and active) with check (id = (select auth.uid()) and active);

create policy "Everyone who is let in reads the directory" on public.people for select to authenticated
  using ((select private.is_active_person()));
create policy "Everyone who is let in reads organizations" on public.organizations for select to authenticated
  using ((select private.is_active_person()));
create policy "Everyone who is let in reads accepted authorities" on public.trust_anchors for select to authenticated
  using ((select private.is_active_person()) and withdrawn_at is null);
create policy "Everyone who is let in reads published rubrics" on public.rubrics for select to authenticated
  using ((select private.is_active_person()) and (published_at is not null or (select private.person_role()) = 'admin'));
create policy "Everyone who is let in reads the credit rules" on public.credit_rules for select to authenticated
  using ((select private.is_active_person()));
create policy "One's own grants, and all of them for the register" on public.user_grants for select to authenticated
  using ((user_id = (select auth.uid()) and (select private.is_active_person())) or (select private.sees_register()));
create policy "One's own devices, and all of them for administrators" on public.devices for select to authenticated
  using (
    (user_id = (select auth.uid()) and (select private.is_active_person())) or (select private.person_role()) = 'admin'
  );
create policy "The register's readers read the audit trail" on public.audit_logs for select to authenticated
  using ((select private.sees_register()));

-- Projects and batches.
create policy "Owner, assigned or claiming verifier, register" on public.projects for select to authenticated
  using (
    (select private.sees_register())
    or (user_id = (select auth.uid()) and (select private.person_role()) = 'recycler')
    or private.can_read_project(id)
  );
create policy "Recyclers add their own projects" on public.projects for insert to authenticated
  with check (user_id = (select auth.uid()) and (select private.person_role()) = 'recycler');
create policy "Recyclers change their own projects" on public.projects for update to authenticated
  using (user_id = (select auth.uid()) and (select private.person_role()) = 'recycler')
  with check (user_id = (select auth.uid()));

create policy "Owner, assigned or claiming verifier, register" on public.batches for select to authenticated
  using (
    (select private.sees_register())
    or ((select private.is_active_person()) and exists (
      select 1 from public.assignments a
      where a.batch_id = batches.id and a.user_id = (select auth.uid()) and a.ended_at is null
    ))
    or (user_id = (select auth.uid()) and (select private.person_role()) = 'recycler')
    or (status = 'pending' and (select private.may_claim()) and private.is_claimable(id))
  );
create policy "Recyclers submit batches of their own projects" on public.batches for insert to authenticated
  with check (
    user_id = (select auth.uid()) and (select private.person_role()) = 'recycler' and status = 'pending'
    and exists (
      select 1 from public.projects p
      where p.id = project_id and p.user_id = (select auth.uid()) and p.status = 'active'
    )
  );
create policy "Recyclers correct their batches until they are under review" on public.batches for update to authenticated
  using (
    user_id = (select auth.uid()) and (select private.person_role()) = 'recycler'
    and status in ('pending', 'changes_requested')
  )
  with check (user_id = (select auth.uid()) and status in ('pending', 'changes_requested'));

-- What belongs to a batch.
create policy "Whoever reads the batch" on public.evidence_files for select to authenticated
  using (
    (select private.sees_register())
    -- The most numerous rows of a verifier: asked by index before the function that also knows the pool and the recycler.
    or ((select private.is_active_person()) and exists (
      select 1 from public.assignments a
      where a.batch_id = evidence_files.batch_id and a.user_id = (select auth.uid()) and a.ended_at is null
    ))
    or private.can_read_batch(batch_id)
  );
create policy "Recyclers add evidence until the batch is under review" on public.evidence_files for insert to authenticated
  with check (
    uploaded_by = (select auth.uid()) and deleted_at is null and private.owns_batch(batch_id)
    and exists (select 1 from public.batches b where b.id = batch_id and b.status in ('pending', 'changes_requested'))
  );
create policy "Verifiers add evidence to what they work on" on public.evidence_files for insert to authenticated
  with check (
    uploaded_by = (select auth.uid()) and deleted_at is null
    and (select private.person_role()) = 'verifier' and private.is_assigned(batch_id)
    and exists (
      select 1 from public.batches b
      where b.id = batch_id and b.status in ('under_review', 'changes_requested', 'approved')
    )
  );
create policy "Recyclers take evidence back until the batch is under review" on public.evidence_files for update to authenticated
  using (
    uploaded_by = (select auth.uid()) and private.owns_batch(batch_id)
    and exists (select 1 from public.batches b where b.id = batch_id and b.status in ('pending', 'changes_requested'))
  )
  with check (uploaded_by = (select auth.uid()));

create policy "Who works on the batch, register" on public.assignments for select to authenticated
  using (
    (select private.sees_register())
    or (user_id = (select auth.uid()) and ended_at is null and (select private.is_active_person()))
    or private.is_assigned(batch_id)
  );
create policy "Who works on the batch, register" on public.scores for select to authenticated
  using ((select private.sees_register()) or private.is_assigned(batch_id));

do $$
declare
  t text;
begin
  foreach t in array array['findings', 'finding_rounds', 'decisions', 'certificates', 'signatures', 'verifications'] loop
    execute format(
      'create policy "Who works on the batch, its recycler, register" on public.%I for select to authenticated
         using ((select private.sees_register()) or private.is_assigned(batch_id) or private.owns_batch(batch_id))',
      t
    );
  end loop;
end
$$;
