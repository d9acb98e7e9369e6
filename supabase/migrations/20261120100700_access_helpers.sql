-- Who is asking, and what they may see. Policies ask these; each has a pinned search_path and answers for auth.uid() alone.

create function private.is_active_person() returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select 1 from public.users u
    where u.id = (select auth.uid()) and u.approval_status = 'approved' and u.active
  )
$$;
comment on function private.is_active_person() is 'True for a signed-in person who is approved and not suspended.';

create function private.person_role() returns text
language sql stable security definer set search_path = '' as $$
  select u.role from public.users u
  where u.id = (select auth.uid()) and u.approval_status = 'approved' and u.active
$$;
comment on function private.person_role() is 'Role of the signed-in person; null unless approved and active.';

create function private.person_sub_role() returns text
language sql stable security definer set search_path = '' as $$
  select u.sub_role from public.users u
  where u.id = (select auth.uid()) and u.approval_status = 'approved' and u.active and u.role = 'verifier'
$$;
comment on function private.person_sub_role() is 'What kind of verifier the signed-in person is; null for everybody else.';

create function private.grants_of(p_user uuid) returns text[]
language sql stable security definer set search_path = '' as $$
  select coalesce(array_agg(g.grant_name order by g.grant_name), '{}')
  from public.user_grants g
  where g.user_id = p_user and g.revoked_at is null and (g.expires_at is null or g.expires_at > now())
$$;
comment on function private.grants_of(uuid) is 'A person''s grants that are neither revoked nor expired.';

create function private.sees_register() returns boolean
language sql stable security definer set search_path = '' as $$
  select private.is_active_person()
    and (private.person_role() = 'admin' or 'compliance' = any (private.grants_of(auth.uid())))
$$;
comment on function private.sees_register() is 'True for whoever may read the whole register: administrators and holders of the compliance grant.';

create function private.may_claim() returns boolean
language sql stable security definer set search_path = '' as $$
  select coalesce(private.person_sub_role() in ('desk_verifier', 'accredited_auditor'), false)
$$;
comment on function private.may_claim() is 'True for verifiers who may take a pending batch from the pool.';

-- The following are asked once per row: one query each, in plpgsql, whose plans are kept.
create function private.is_assigned(p_batch uuid) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (
    select 1
    from public.assignments a
    join public.users u on u.id = a.user_id
    where a.batch_id = p_batch and a.user_id = auth.uid() and a.ended_at is null
      and u.approval_status = 'approved' and u.active
  );
end
$$;
comment on function private.is_assigned(uuid) is 'True while the signed-in person works on the batch.';

create function private.is_claimable(p_batch uuid) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (
    select 1
    from public.users u
    join public.batches b on b.id = p_batch and b.status = 'pending' and b.user_id <> u.id
    where u.id = auth.uid() and u.approval_status = 'approved' and u.active
      and u.role = 'verifier' and u.sub_role in ('desk_verifier', 'accredited_auditor')
      and not exists (select 1 from public.assignments a where a.batch_id = b.id and a.ended_at is null)
  );
end
$$;
comment on function private.is_claimable(uuid) is 'True for a pending batch that nobody works on, that is not one''s own, for a verifier who may claim.';

create function private.owns_batch(p_batch uuid) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (
    select 1
    from public.users u
    join public.batches b on b.id = p_batch and b.user_id = u.id
    where u.id = auth.uid() and u.approval_status = 'approved' and u.active and u.role = 'recycler'
  );
end
$$;
comment on function private.owns_batch(uuid) is 'True for the recycler who submitted the batch.';

create function private.can_read_batch(p_batch uuid) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (
    select 1
    from public.users u
    join public.batches b on b.id = p_batch
    where u.id = auth.uid() and u.approval_status = 'approved' and u.active and (
      u.role = 'admin'
      or (u.role = 'recycler' and b.user_id = u.id)
      or exists (
        select 1 from public.assignments a where a.batch_id = b.id and a.user_id = u.id and a.ended_at is null
      )
      or (
        b.status = 'pending' and b.user_id <> u.id
        and u.role = 'verifier' and u.sub_role in ('desk_verifier', 'accredited_auditor')
        and not exists (select 1 from public.assignments a where a.batch_id = b.id and a.ended_at is null)
      )
      or exists (
        select 1 from public.user_grants g
        where g.user_id = u.id and g.grant_name = 'compliance' and g.revoked_at is null
          and (g.expires_at is null or g.expires_at > now())
      )
    )
  );
end
$$;
comment on function private.can_read_batch(uuid) is 'True for whoever may read the batch; the policy on batches answers the same.';

create function private.can_read_project(p_project uuid) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  if not private.is_active_person() then
    return false;
  end if;
  return exists (
    select 1
    from public.batches b
    join public.assignments a on a.batch_id = b.id
    where b.project_id = p_project and a.user_id = auth.uid() and a.ended_at is null
  ) or (private.may_claim() and exists (
    select 1 from public.batches b
    where b.project_id = p_project and b.status = 'pending' and b.user_id <> auth.uid()
      and not exists (select 1 from public.assignments a where a.batch_id = b.id and a.ended_at is null)
  ));
end
$$;
comment on function private.can_read_project(uuid) is 'True for a project with a batch that the signed-in verifier works on or may claim.';

create function private.held_scopes() returns text[]
language sql stable security definer set search_path = '' as $$
  select case
    when not private.is_active_person() then '{}'::text[]
    when private.sees_register() then array['reference', 'register']
    when private.person_role() = 'verifier' then
      array['reference', 'person:' || auth.uid()::text]
      || case when private.may_claim() then array['pool'] else '{}'::text[] end
    else array['reference']
  end
$$;
comment on function private.held_scopes() is
  'What the signed-in person mirrors. Whoever sees the register needs no other scope: it holds every batch.';

create function private.refuse_access(p_detail text, p_message text, p_hint text) returns void
language plpgsql set search_path = '' as $$
begin
  raise exception using errcode = 'PT403', message = p_message, detail = p_detail, hint = p_hint;
end
$$;
comment on function private.refuse_access(text, text, text) is 'Raises HTTP 403 with a machine code, a sentence and what to do.';

create function private.require_access() returns public.users
language plpgsql stable security definer set search_path = '' as $$
declare
  person public.users;
begin
  if auth.uid() is null then
    raise exception using
      errcode = 'PT401', message = 'Nobody is signed in.', detail = 'not_signed_in', hint = 'Sign in again.';
  end if;
  select u.* into person from public.users u where u.id = auth.uid();
  if person.id is null or coalesce(person.approval_status, 'pending') = 'pending' then
    perform private.refuse_access('account_pending',
      'This account has not been approved yet.', 'Wait for an administrator to approve it, or ask one.');
  elsif person.approval_status = 'rejected' then
    perform private.refuse_access('account_rejected',
      'This account was not approved'
        || case when coalesce(person.rejection_reason, '') = '' then '.' else ': ' || person.rejection_reason end,
      'Ask an administrator what is missing'
        || case when coalesce(person.rejection_reason, '') = '' then '.' else '. Reason given: ' || person.rejection_reason end);
  elsif not person.active then
    perform private.refuse_access('account_suspended',
      'This account is suspended.', 'Ask an administrator to reactivate it.');
  end if;
  return person;
end
$$;
comment on function private.require_access() is
  'The signed-in person, or an error: 401 not_signed_in, 403 account_pending, account_rejected or account_suspended.';

create function private.require_admin() returns public.users
language plpgsql stable security definer set search_path = '' as $$
declare
  person public.users;
begin
  person := private.require_access();
  if person.role <> 'admin' then
    perform private.refuse_access('not_allowed', 'Only an administrator may do this.', 'Ask an administrator.');
  end if;
  return person;
end
$$;
comment on function private.require_admin() is 'The signed-in administrator, or an error.';

create function private.require_scope(p_scope text) returns void
language plpgsql stable security definer set search_path = '' as $$
begin
  perform private.require_access();
  if p_scope is null or not p_scope = any (private.held_scopes()) then
    perform private.refuse_access('scope_not_held',
      'This account does not mirror that part of the register.', 'Fetch the list of scopes again.');
  end if;
end
$$;
comment on function private.require_scope(text) is 'Raises 403 scope_not_held unless the signed-in person mirrors the scope.';
