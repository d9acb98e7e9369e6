-- Who is asking is asked at every statement. As SQL functions these were planned anew at every call, which took longer than finding the
-- answer; their bodies are the same, and a session keeps their plans.

create or replace function private.is_active_person() returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (
    select 1 from public.users u
    where u.id = auth.uid() and u.approval_status = 'approved' and u.active
  );
end
$$;

create or replace function private.person_role() returns text
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select u.role from public.users u
    where u.id = auth.uid() and u.approval_status = 'approved' and u.active
  );
end
$$;

create or replace function private.person_sub_role() returns text
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select u.sub_role from public.users u
    where u.id = auth.uid() and u.approval_status = 'approved' and u.active and u.role = 'verifier'
  );
end
$$;

create or replace function private.grants_of(p_user uuid) returns text[]
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select coalesce(array_agg(g.grant_name order by g.grant_name), '{}')
    from public.user_grants g
    where g.user_id = p_user and g.revoked_at is null and (g.expires_at is null or g.expires_at > now())
  );
end
$$;

create or replace function private.body_of(p_user uuid) returns uuid
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select o.id
    from public.users u
    join public.organizations o on o.id = u.organization_id and o.kind = 'verification_body'
    where u.id = p_user
  );
end
$$;

create or replace function private.bound_body() returns uuid
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select o.id
    from public.users u
    join public.organizations o on o.id = u.organization_id and o.kind = 'verification_body'
    where u.id = auth.uid() and u.approval_status = 'approved' and u.active
  );
end
$$;

create or replace function private.may(p_permission text) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (
    select 1
    from public.users u
    join public.role_permissions p on p.permission = p_permission and p.revoked_at is null and (
      (p.role = u.role and (p.sub_role is null or p.sub_role = u.sub_role))
      or (p.role = 'compliance' and 'compliance' = any (private.grants_of(u.id)))
    )
    join public.permissions n on n.permission = p.permission
    where u.id = auth.uid() and u.approval_status = 'approved' and u.active
      and (not n.registry_wide or private.body_of(u.id) is null)
  );
end
$$;

create or replace function private.sees_register() returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return private.may('register.read') and private.bound_body() is null;
end
$$;

create or replace function private.register_body() returns uuid
language plpgsql stable security definer set search_path = '' as $$
begin
  return case when private.may('register.read') then private.bound_body() end;
end
$$;

create or replace function private.may_claim() returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return private.may('batch.claim');
end
$$;

create or replace function private.is_buyer() returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return coalesce(private.person_role() = 'buyer', false);
end
$$;
