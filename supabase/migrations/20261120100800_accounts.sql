-- Accounts: registration, approval, the directory, and columns that nobody changes for themselves.

create function private.register_person() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  facts jsonb := coalesce(new.raw_user_meta_data, '{}');
  wanted text := facts ->> 'role';
begin
  if new.email is null then
    return null;
  end if;
  -- The metadata is written by whoever registers: it may wish for a role, never for power.
  insert into public.users (id, name, email, role, organization_name, approval_status)
  values (
    new.id,
    coalesce(nullif(btrim(facts ->> 'name'), ''), split_part(new.email, '@', 1)),
    new.email,
    case when wanted in ('recycler', 'buyer', 'verifier') then wanted else 'recycler' end,
    nullif(btrim(facts ->> 'organization_name'), ''),
    'pending'
  )
  on conflict (id) do nothing;
  return null;
end
$$;
comment on function private.register_person() is 'Gives a new account its profile, pending until an administrator approves it.';

do $$
begin
  create trigger veridesk_register_person after insert on auth.users
    for each row execute function private.register_person();
exception
  when insufficient_privilege then
    raise warning 'No trigger could be placed on auth.users: profiles of new accounts have to be made by hand.';
end
$$;

create function private.guard_person() returns trigger
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
  return new;
end
$$;
comment on function private.guard_person() is 'Nobody raises their own role, approval, organization or active flag, by whatever way the row is reached.';
create trigger check_users_powers before update on public.users
  for each row execute function private.guard_person();

create function private.list_people(p_users uuid[]) returns void
language sql security definer set search_path = '' as $$
  insert into public.people as listed (id, name, organization_id, organization_name, role, sub_role)
  select u.id, u.name, u.organization_id, coalesce(o.name, u.organization_name), u.role, u.sub_role
  from public.users u
  left join public.organizations o on o.id = u.organization_id
  where u.id = any (p_users)
    and (u.approval_status = 'approved' or exists (select 1 from public.people known where known.id = u.id))
  order by u.id
  on conflict (id) do update
  set name = excluded.name, organization_id = excluded.organization_id, organization_name = excluded.organization_name,
      role = excluded.role, sub_role = excluded.sub_role
  where (listed.name, listed.role) is distinct from (excluded.name, excluded.role)
    or listed.organization_id is distinct from excluded.organization_id
    or listed.organization_name is distinct from excluded.organization_name
    or listed.sub_role is distinct from excluded.sub_role
$$;
comment on function private.list_people(uuid[]) is 'Brings people''s entries in the directory up to date; whoever was once listed stays.';

create function private.users_changed() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.list_people(array(select c.id from changed c));
  return null;
end
$$;
comment on function private.users_changed() is 'Keeps the directory in step with users.';
create trigger users_directory_insert after insert on public.users
  referencing new table as changed for each statement execute function private.users_changed();
create trigger users_directory_update after update on public.users
  referencing new table as changed for each statement execute function private.users_changed();

create function private.organizations_changed() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.list_people(array(
    select u.id from public.users u where u.organization_id in (select c.id from changed c)
  ));
  return null;
end
$$;
comment on function private.organizations_changed() is 'Keeps the directory in step with the names of organizations.';
create trigger organizations_directory after update on public.organizations
  referencing new table as changed for each statement execute function private.organizations_changed();

create function public.record_user_login(user_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
  if auth.uid() is null or $1 is distinct from auth.uid() then
    perform private.refuse_access('not_allowed', 'A login is recorded by the person who signs in.', 'Sign in again.');
  end if;
  update public.users u set last_login = now() where u.id = $1;
end
$$;
comment on function public.record_user_login(uuid) is 'Records that the signed-in person has signed in.';

create function public.change_person(p_user uuid, p_changes jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  administrator public.users := private.require_admin();
  person public.users;
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
  update public.users u
  set role = coalesce(p_changes ->> 'role', u.role),
      sub_role = case when p_changes ? 'sub_role' then p_changes ->> 'sub_role' else u.sub_role end,
      approval_status = coalesce(p_changes ->> 'approval_status', u.approval_status),
      rejection_reason = case when p_changes ? 'rejection_reason' then p_changes ->> 'rejection_reason' else u.rejection_reason end,
      organization_id = case when p_changes ? 'organization_id' then (p_changes ->> 'organization_id')::uuid else u.organization_id end,
      active = coalesce((p_changes ->> 'active')::boolean, u.active),
      approved_by = case when p_changes ->> 'approval_status' = 'approved' then administrator.id else u.approved_by end,
      approved_at = case when p_changes ->> 'approval_status' = 'approved' then now() else u.approved_at end
  where u.id = p_user
  returning u.* into person;
  if person.id is null then
    raise exception using errcode = 'PT404', message = 'There is no such person.', detail = 'not_found', hint = 'Check the list.';
  end if;
  return jsonb_build_object(
    'id', person.id, 'role', person.role, 'sub_role', person.sub_role, 'approval_status', person.approval_status,
    'rejection_reason', person.rejection_reason, 'organization_id', person.organization_id, 'active', person.active,
    'version', person.version
  );
end
$$;
comment on function public.change_person(uuid, jsonb) is
  'Administrators approve, reject, suspend and reactivate accounts, and change their role, kind of verifier and organization.';
