-- Verification bodies as a boundary: which batches are a body's, who is bound to it, and what its people and its administrators read.
-- A person of another body never sees its batches; persons who are bound to none see what they always saw.

alter table public.batches add column verification_body_id uuid references public.organizations (id);
comment on column public.batches.verification_body_id is
  'The verification body whose people alone review the batch, beside those who are bound to none; null: open to any verifier. Set by the first claim or assignment of a bound person.';
create index batches_verification_body_id on public.batches (verification_body_id);

create function private.guard_verification_body() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if not exists (
    select 1 from public.organizations o where o.id = new.verification_body_id and o.kind = 'verification_body' for key share
  ) then
    raise exception using errcode = 'PT422', message = 'This organization is no verification body.', detail = 'not_a_verification_body',
      hint = 'Choose a verification body, or none.';
  end if;
  return new;
end
$$;
comment on function private.guard_verification_body() is 'Batches are handed to verification bodies only.';
create trigger check_batches_body_insert before insert on public.batches
  for each row when (new.verification_body_id is not null) execute function private.guard_verification_body();
create trigger check_batches_body_update before update on public.batches
  for each row when (new.verification_body_id is not null and new.verification_body_id is distinct from old.verification_body_id)
  execute function private.guard_verification_body();

create function private.guard_organization_kind() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if exists (select 1 from public.batches b where b.verification_body_id = old.id) then
    raise exception using errcode = 'PT409', message = 'This verification body holds batches.', detail = 'body_in_use',
      hint = 'Hand its batches to another body first.';
  end if;
  return new;
end
$$;
comment on function private.guard_organization_kind() is 'A verification body stays one while batches are its own.';
create trigger check_organizations_kind before update on public.organizations
  for each row when (old.kind = 'verification_body' and new.kind <> old.kind) execute function private.guard_organization_kind();

-- The whole register, and that of one body.
create or replace function private.sees_register() returns boolean
language sql stable security definer set search_path = '' as $$
  select private.may('register.read') and private.bound_body() is null
$$;
comment on function private.sees_register() is
  'True for whoever may read the whole register: administrators and holders of the compliance grant who are bound to no verification body.';

create function private.register_body() returns uuid
language sql stable security definer set search_path = '' as $$
  select private.bound_body() where private.may('register.read')
$$;
comment on function private.register_body() is
  'The verification body whose register the signed-in person may read: for administrators and holders of the compliance grant who are bound to it. Null for everybody else.';

create function private.in_own_register(p_batch uuid, p_body uuid) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  -- Asked with register_body(), once per row; nobody learns anything about another body's batches.
  return exists (
    select 1
    from public.batches b
    join public.users u on u.id = auth.uid() and u.organization_id = p_body and u.approval_status = 'approved' and u.active
    where b.id = p_batch and b.verification_body_id = p_body
  );
end
$$;
comment on function private.in_own_register(uuid, uuid) is 'True for a batch of the body that the signed-in person works for.';

create function private.is_colleague(p_user uuid) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (
    select 1 from public.users u where u.id = p_user and u.organization_id = private.bound_body()
  );
end
$$;
comment on function private.is_colleague(uuid) is 'True for a person of the verification body that the signed-in person is bound to.';

create function private.reaches(p_user uuid) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return private.bound_body() is null or private.is_colleague(p_user);
end
$$;
comment on function private.reaches(uuid) is
  'Whether the signed-in person''s permissions reach somebody: everybody, or the people of the verification body that one is bound to. Ask together with private.may().';

create or replace function private.may_claim() returns boolean
language sql stable security definer set search_path = '' as $$
  select private.may('batch.claim')
$$;

create or replace function private.is_assigned(p_batch uuid) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (
    select 1
    from public.assignments a
    join public.users u on u.id = a.user_id
    join public.batches b on b.id = a.batch_id
    left join public.organizations o on o.id = u.organization_id and o.kind = 'verification_body'
    where a.batch_id = p_batch and a.user_id = auth.uid() and a.ended_at is null
      and u.approval_status = 'approved' and u.active
      and (o.id is null or b.verification_body_id is null or b.verification_body_id = o.id)
  );
end
$$;

create or replace function private.is_claimable(p_batch uuid) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (
    select 1
    from public.users u
    left join public.organizations o on o.id = u.organization_id and o.kind = 'verification_body'
    join public.batches b on b.id = p_batch and b.status = 'pending' and b.user_id <> u.id
    where u.id = auth.uid() and u.approval_status = 'approved' and u.active
      and (o.id is null or b.verification_body_id is null or b.verification_body_id = o.id)
      and not exists (select 1 from public.assignments a where a.batch_id = b.id and a.ended_at is null)
      and exists (
        select 1 from public.role_permissions p
        where p.permission = 'batch.claim' and p.revoked_at is null and p.role = u.role
          and (p.sub_role is null or p.sub_role = u.sub_role)
      )
  );
end
$$;
comment on function private.is_claimable(uuid) is
  'True for a pending batch that nobody works on, that is not one''s own nor another body''s, for a verifier who may claim.';

create or replace function private.can_read_batch(p_batch uuid) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (
    select 1
    from public.users u
    left join public.organizations o on o.id = u.organization_id and o.kind = 'verification_body'
    join public.batches b on b.id = p_batch
    where u.id = auth.uid() and u.approval_status = 'approved' and u.active and (
      (u.role = 'recycler' and b.user_id = u.id)
      or ((o.id is null or b.verification_body_id is null or b.verification_body_id = o.id) and (
        exists (
          select 1 from public.assignments a where a.batch_id = b.id and a.user_id = u.id and a.ended_at is null
        )
        or (
          b.status = 'pending' and b.user_id <> u.id
          and not exists (select 1 from public.assignments a where a.batch_id = b.id and a.ended_at is null)
          and exists (
            select 1 from public.role_permissions p
            where p.permission = 'batch.claim' and p.revoked_at is null and p.role = u.role
              and (p.sub_role is null or p.sub_role = u.sub_role)
          )
        )
      ))
      or ((o.id is null or b.verification_body_id = o.id) and exists (
        select 1 from public.role_permissions p
        where p.permission = 'register.read' and p.revoked_at is null
          and (p.role = u.role or (p.role = 'compliance' and 'compliance' = any (private.grants_of(u.id))))
      ))
    )
  );
end
$$;

create or replace function private.can_read_project(p_project uuid) returns boolean
language plpgsql stable security definer set search_path = '' as $$
declare
  body uuid;
begin
  if not private.is_active_person() then
    return false;
  end if;
  body := private.bound_body();
  return exists (
    select 1
    from public.batches b
    join public.assignments a on a.batch_id = b.id
    where b.project_id = p_project and a.user_id = auth.uid() and a.ended_at is null
      and (body is null or b.verification_body_id is null or b.verification_body_id = body)
  ) or (private.may_claim() and exists (
    select 1 from public.batches b
    where b.project_id = p_project and b.status = 'pending' and b.user_id <> auth.uid()
      and (body is null or b.verification_body_id is null or b.verification_body_id = body)
      and not exists (select 1 from public.assignments a where a.batch_id = b.id and a.ended_at is null)
  )) or (body is not null and private.register_body() is not null and exists (
    select 1 from public.batches b where b.project_id = p_project and b.verification_body_id = body
  ));
end
$$;
comment on function private.can_read_project(uuid) is
  'True for a project with a batch that the signed-in verifier works on or may claim, or that is in the register of one''s verification body.';

-- Policies. What is asked once per statement stands first.
alter policy "Owner, assigned or claiming verifier, register" on public.batches
  using (
    (select private.sees_register())
    or verification_body_id = (select private.register_body())
    or (user_id = (select auth.uid()) and (select private.person_role()) = 'recycler')
    or (
      (
        verification_body_id is null or (select private.bound_body()) is null
        or verification_body_id = (select private.bound_body())
      )
      and (
        ((select private.is_active_person()) and exists (
          select 1 from public.assignments a
          where a.batch_id = batches.id and a.user_id = (select auth.uid()) and a.ended_at is null
        ))
        or (status = 'pending' and (select private.may_claim()) and private.is_claimable(id))
      )
    )
  );

alter policy "Whoever reads the batch" on public.evidence_files
  using (
    (select private.sees_register())
    -- The most numerous rows of a verifier: asked by index before the functions that also know the pool, the recycler and the body.
    or ((select private.is_active_person()) and (select private.bound_body()) is null and exists (
      select 1 from public.assignments a
      where a.batch_id = evidence_files.batch_id and a.user_id = (select auth.uid()) and a.ended_at is null
    ))
    or ((select private.register_body()) is not null and private.in_own_register(batch_id, (select private.register_body())))
    or private.can_read_batch(batch_id)
  );

alter policy "Who works on the batch, register" on public.assignments
  using (
    (select private.sees_register())
    or (
      user_id = (select auth.uid()) and ended_at is null and (select private.is_active_person())
      and (select private.bound_body()) is null
    )
    or ((select private.register_body()) is not null and private.in_own_register(batch_id, (select private.register_body())))
    or private.is_assigned(batch_id)
  );
alter policy "Who works on the batch, register" on public.scores
  using (
    (select private.sees_register())
    or ((select private.register_body()) is not null and private.in_own_register(batch_id, (select private.register_body())))
    or private.is_assigned(batch_id)
  );

do $$
declare
  t text;
begin
  foreach t in array array['findings', 'finding_rounds', 'decisions', 'certificates', 'signatures', 'verifications'] loop
    execute format(
      'alter policy "Who works on the batch, its recycler, register" on public.%I using (
         (select private.sees_register())
         or ((select private.register_body()) is not null and private.in_own_register(batch_id, (select private.register_body())))
         or private.is_assigned(batch_id) or private.owns_batch(batch_id))',
      t
    );
  end loop;
end
$$;

-- People: an administrator who is bound to a body reaches its people, and no others.
alter policy "One's own profile, and all of them for administrators" on public.users
  using (
    id = (select auth.uid())
    or ((select private.may('person.change')) and (
      (select private.bound_body()) is null or organization_id = (select private.bound_body())
    ))
  );
alter policy "One's own grants, and all of them for the register" on public.user_grants
  using (
    (user_id = (select auth.uid()) and (select private.is_active_person()))
    or (select private.sees_register())
    or ((select private.register_body()) is not null and private.is_colleague(user_id))
  );
alter policy "One's own devices, and all of them for administrators" on public.devices
  using (
    (user_id = (select auth.uid()) and (select private.is_active_person()))
    or ((select private.may('device.revoke')) and ((select private.bound_body()) is null or private.is_colleague(user_id)))
  );
alter policy "Administrators read the documents of applicants" on storage.objects
  using (
    bucket_id = 'user-documents' and (select private.may('person.change'))
    and ((select private.bound_body()) is null or exists (
      select 1 from public.users u
      where u.id::text = (storage.foldername(name))[1] and u.organization_id = (select private.bound_body())
    ))
  );

revoke all on function
  private.guard_verification_body(), private.guard_organization_kind(), private.register_body(),
  private.in_own_register(uuid, uuid), private.is_colleague(uuid), private.reaches(uuid)
from public, anon, authenticated;
grant execute on function
  private.guard_verification_body(), private.guard_organization_kind(), private.register_body(),
  private.in_own_register(uuid, uuid), private.is_colleague(uuid), private.reaches(uuid)
to service_role;
grant execute on function
  private.register_body(), private.in_own_register(uuid, uuid), private.is_colleague(uuid), private.reaches(uuid)
to authenticated;
