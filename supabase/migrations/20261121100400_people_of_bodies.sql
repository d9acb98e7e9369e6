-- Accounts with verification bodies: whoever registers may apply to one, its administrators decide on its people, and the registry's
-- administrators on everybody. Nobody decides on themselves, and only the registry moves people between organizations.

create or replace function private.register_person() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  facts jsonb := coalesce(new.raw_user_meta_data, '{}');
  wanted text := facts ->> 'role';
begin
  if new.email is null then
    return null;
  end if;
  -- The metadata is written by whoever registers: it may wish for a role and a verification body, never for power. What was wished
  -- for opens nothing until somebody approves it.
  insert into public.users (id, name, email, role, organization_name, organization_id, approval_status)
  values (
    new.id,
    coalesce(nullif(btrim(facts ->> 'name'), ''), split_part(new.email, '@', 1)),
    new.email,
    case when wanted in ('recycler', 'buyer', 'verifier') then wanted else 'recycler' end,
    nullif(btrim(facts ->> 'organization_name'), ''),
    case when wanted = 'verifier' then (
      select o.id from public.organizations o
      where o.id = private.uuid_or_null(facts ->> 'organization_id') and o.kind = 'verification_body'
    ) end,
    'pending'
  )
  on conflict (id) do nothing;
  return null;
end
$$;
comment on function private.register_person() is
  'Gives a new account its profile, pending until an administrator approves it: one of the verification body that a verifier applies to, or one of the registry.';

create or replace function private.guard_person() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if auth.uid() is null or (
    (old.role, old.approval_status, old.active, old.email) is not distinct from
    (new.role, new.approval_status, new.active, new.email)
    and old.sub_role is not distinct from new.sub_role
    and old.verification_status is not distinct from new.verification_status
    and old.assigned_role is not distinct from new.assigned_role
    and old.organization_id is not distinct from new.organization_id
    and old.approved_by is not distinct from new.approved_by
    and old.approved_at is not distinct from new.approved_at
    and old.rejection_reason is not distinct from new.rejection_reason
  ) then
    return new;
  end if;
  if auth.uid() = old.id or private.person_role() is distinct from 'admin' then
    perform private.refuse_access('not_allowed',
      'Role, approval, organization and suspension of an account are changed by another administrator.',
      'Ask an administrator.');
  end if;
  if private.bound_body() is not null and (
    old.organization_id is distinct from private.bound_body() or new.organization_id is distinct from old.organization_id
  ) then
    perform private.refuse_access('other_organization',
      'Your powers reach the people of your verification body, and who belongs to it is decided by the registry.',
      'Ask an administrator of the registry.');
  end if;
  return new;
end
$$;
comment on function private.guard_person() is
  'Nobody raises their own role, approval, organization or active flag, by whatever way the row is reached; administrators who are bound to a verification body reach its people alone.';

create or replace function public.change_person(p_user uuid, p_changes jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  administrator public.users := private.require_permission('person.change');
  person public.users;
  left_behind uuid[] := '{}';
begin
  if p_user = administrator.id then
    perform private.refuse_access('not_allowed',
      'Administrators do not change their own powers.', 'Ask another administrator.');
  end if;
  if exists (
    select 1 from jsonb_object_keys(p_changes) k
    where k not in ('role', 'sub_role', 'approval_status', 'rejection_reason', 'organization_id', 'active')
  ) then
    raise exception using errcode = 'PT400', message = 'One of these facts cannot be changed here.', detail = 'invalid_request',
      hint = 'Send role, sub_role, approval_status, rejection_reason, organization_id or active.';
  end if;
  perform private.require_reach('person.change', array[p_user], '{}');
  -- Whoever leaves a verification body, or joins one, leaves behind what is not theirs any more. Batches are locked before people.
  if p_changes ? 'organization_id' then
    left_behind := array(
      select a.id
      from public.assignments a
      join public.batches b on b.id = a.batch_id
      join public.users u on u.id = a.user_id
      where a.user_id = p_user and a.ended_at is null
        and u.organization_id is distinct from private.uuid_or_null(p_changes ->> 'organization_id')
        and b.verification_body_id is distinct from private.uuid_or_null(p_changes ->> 'organization_id')
        and (
          b.verification_body_id = u.organization_id
          or (b.verification_body_id is not null and exists (
            select 1 from public.organizations o
            where o.id = private.uuid_or_null(p_changes ->> 'organization_id') and o.kind = 'verification_body'
          ))
        )
    );
    perform private.lock_batches(array(select a.batch_id from public.assignments a where a.id = any (left_behind)));
    perform private.lock_projects(array(
      select distinct b.project_id
      from public.assignments a
      join public.batches b on b.id = a.batch_id
      where a.id = any (left_behind)
    ));
  end if;
  -- Two administrators who change each other wait for one another, and the second is asked again whether they still may.
  perform 1 from public.users u where u.id in (administrator.id, p_user) order by u.id for no key update;
  administrator := private.require_permission('person.change');
  perform private.require_reach('person.change', array[p_user], '{}');
  update public.assignments a set ended_at = now() where a.id = any (left_behind) and a.ended_at is null;
  update public.users u
  set role = coalesce(p_changes ->> 'role', u.role),
      sub_role = case when p_changes ? 'sub_role' then p_changes ->> 'sub_role' else u.sub_role end,
      approval_status = coalesce(p_changes ->> 'approval_status', u.approval_status),
      rejection_reason = case
        when p_changes ? 'rejection_reason' then p_changes ->> 'rejection_reason'
        when p_changes ->> 'approval_status' = 'approved' then null
        else u.rejection_reason
      end,
      organization_id = case when p_changes ? 'organization_id' then (p_changes ->> 'organization_id')::uuid else u.organization_id end,
      active = coalesce((p_changes ->> 'active')::boolean, u.active),
      approved_by = case when p_changes ->> 'approval_status' = 'approved' then administrator.id else u.approved_by end,
      approved_at = case when p_changes ->> 'approval_status' = 'approved' then now() else u.approved_at end
  where u.id = p_user
  returning u.* into person;
  if person.id is null then
    raise exception using errcode = 'PT404', message = 'There is no such person.', detail = 'not_found', hint = 'Check the list.';
  end if;
  if p_changes ->> 'approval_status' = 'rejected' and btrim(coalesce(person.rejection_reason, '')) = '' then
    raise exception using errcode = 'PT422', message = 'A rejection needs a reason.', detail = 'reason_required',
      hint = 'Say what is missing; the applicant reads it.';
  end if;
  return jsonb_build_object(
    'id', person.id, 'role', person.role, 'sub_role', person.sub_role, 'approval_status', person.approval_status,
    'rejection_reason', person.rejection_reason, 'organization_id', person.organization_id, 'active', person.active,
    'version', person.version
  );
end
$$;
comment on function public.change_person(uuid, jsonb) is
  'Administrators approve, reject with a reason, suspend and reactivate accounts, and change their role, kind of verifier and organization: the registry''s those of everybody, a verification body''s those of its own people, whom they do not move. Nobody changes themselves.';

create function public.save_organization(p_organization uuid, p_facts jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  saved public.organizations;
begin
  perform private.require_registry_administration('organization.manage');
  if p_facts is null or exists (select 1 from jsonb_object_keys(p_facts) k where k not in ('name', 'kind', 'country')) then
    raise exception using errcode = 'PT400', message = 'One of these facts cannot be changed here.', detail = 'invalid_request',
      hint = 'Send name, kind or country.';
  end if;
  if p_organization is null then
    insert into public.organizations (name, kind, country)
    values (btrim(p_facts ->> 'name'), coalesce(p_facts ->> 'kind', 'other'), p_facts ->> 'country')
    returning * into saved;
  else
    update public.organizations o
    set name = coalesce(btrim(p_facts ->> 'name'), o.name),
        kind = coalesce(p_facts ->> 'kind', o.kind),
        country = case when p_facts ? 'country' then p_facts ->> 'country' else o.country end
    where o.id = p_organization
    returning o.* into saved;
    if saved.id is null then
      raise exception using errcode = 'PT404', message = 'There is no such organization.', detail = 'not_found', hint = 'Check the list.';
    end if;
  end if;
  return private.wire(saved)::jsonb;
exception when check_violation or not_null_violation then
  raise exception using errcode = 'PT400', message = 'The organization needs a name, a known kind and a country of two letters.',
    detail = 'invalid_request', hint = 'Kinds: registry, verification_body, recycler, buyer, other.';
end
$$;
comment on function public.save_organization(uuid, jsonb) is
  'Adds an organization (null) or changes its name, kind or country. For administrators of the registry.';

revoke all on function public.save_organization(uuid, jsonb) from public, anon, authenticated;
grant execute on function public.save_organization(uuid, jsonb) to authenticated, service_role;
