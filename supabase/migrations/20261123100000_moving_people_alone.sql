-- Which batches a person mirrors depends on the body that they are bound to, and nothing made those who write batches and those who move
-- people wait for one another: work given to somebody in the moment in which they changed their body stayed in their scope, or never came
-- into it. The lock that all writers of batches share, and that publishing a rubric takes alone, is now taken alone by moves as well. A person's row
-- is no place for it: whoever writes a batch would have to lock all the people who work on it.

comment on function private.lock_rubric(text, boolean) is
  'Makes publishing a rubric, and moving people between bodies, wait for transactions that write batches, and the other way round. Comes before every lock on a batch.';

create or replace function private.move_batches_of(p_users uuid[]) returns void
language plpgsql security definer set search_path = '' as $$
declare
  touched uuid[];
begin
  -- Nobody writes batches now; all that was written before is seen below.
  perform private.lock_rubric(null, true);
  -- Waits for a rebuild of the feed, and makes it wait.
  lock table public.assignments in row exclusive mode;
  touched := array(
    select distinct a.batch_id
    from public.assignments a
    join public.batches b on b.id = a.batch_id
    where a.user_id = any (p_users) and a.ended_at is null and b.verification_body_id is not null
  );
  if touched <> '{}' then
    perform private.lock_batches(touched);
    perform private.move_batches(touched);
  end if;
end
$$;

-- As before, but for the lock: alone where the body changes, before anything else is locked.
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
  perform private.lock_rubric(null, p_changes ? 'organization_id');
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
