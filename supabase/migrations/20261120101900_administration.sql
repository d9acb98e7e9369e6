-- What administrators do: publish rubrics, assign batches, end assignments. Maintenance scripts, which nobody is signed in for, may too.

create function private.require_administration() returns uuid
language plpgsql stable security definer set search_path = '' as $$
declare
  person public.users;
begin
  if auth.uid() is null and coalesce(auth.role(), '') not in ('anon', 'authenticated') then
    return null;
  end if;
  person := private.require_admin();
  return person.id;
end
$$;
comment on function private.require_administration() is
  'Id of the signed-in administrator, null for a maintenance script or the service role, an error for everybody else.';

create function public.publish_rubric(p_standard text, p_title text, p_body jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  publisher uuid := private.require_administration();
  problem text := private.rubric_problem(p_body);
  published uuid;
begin
  if p_standard is null or p_standard not in ('APRS', 'ARCS', 'AEMAS', 'ACCCS', 'AMCAVS', 'PCX') or coalesce(p_title, '') = '' then
    raise exception using errcode = 'PT400', message = 'A rubric needs one of the six standards and a title.',
      detail = 'invalid_request', hint = 'Send p_standard, p_title and p_body.';
  end if;
  if problem is not null then
    raise exception using errcode = 'PT400', message = format('The rubric cannot be published: %s.', problem),
      detail = 'invalid_rubric', hint = 'Correct it and publish again.';
  end if;
  perform private.lock_rubric(p_standard, true);
  insert into public.rubrics (standard, revision, title, body, published_by, published_at)
  select p_standard, coalesce(max(r.revision), 0) + 1, p_title, p_body, publisher, now()
  from public.rubrics r
  where r.standard = p_standard
  returning id into published;
  return private.row_now('rubrics', published);
end
$$;
comment on function public.publish_rubric(text, text, jsonb) is
  'Publishes the next revision of a standard''s rubric. It is in force at once: batches that are not settled get a new content hash.';

create function public.assign_batches(p_batches uuid[], p_user uuid, p_role text, p_due_at timestamp with time zone default null)
returns integer
language plpgsql security definer set search_path = '' as $$
declare
  assigner uuid := private.require_administration();
  person public.users;
  made integer;
begin
  select u.* into person from public.users u where u.id = p_user;
  if person.id is null or person.approval_status is distinct from 'approved' or not person.active or person.role <> 'verifier'
    or p_role is null
    or (p_role in ('field_agent', 'desk_verifier', 'accredited_auditor') and p_role is distinct from person.sub_role)
    or (p_role = 'reviewer' and coalesce(person.sub_role, 'field_agent') = 'field_agent') then
    raise exception using errcode = 'PT422', message = 'This person cannot take that part.', detail = 'wrong_person',
      hint = 'Choose an active verifier whose kind fits the assignment.';
  end if;
  perform private.lock_batches(p_batches);
  perform private.lock_projects(array(select distinct b.project_id from public.batches b where b.id = any (p_batches)));
  if exists (select 1 from public.batches b where b.id = any (p_batches) and b.user_id = p_user) then
    raise exception using errcode = 'PT422', message = 'A person is not assigned to a batch of their own.', detail = 'four_eyes',
      hint = 'Choose another verifier.';
  end if;
  insert into public.assignments (batch_id, user_id, role, assigned_by, due_at)
  select b.id, p_user, p_role, assigner, p_due_at
  from public.batches b
  where b.id = any (p_batches)
    and not exists (select 1 from public.assignments a where a.batch_id = b.id and a.user_id = p_user and a.ended_at is null)
  order by b.id;
  get diagnostics made = row_count;
  -- An assigned batch is under review; a field agent's visit alone does not begin the review.
  if p_role <> 'field_agent' then
    update public.batches b set status = 'under_review' where b.id = any (p_batches) and b.status = 'pending';
  end if;
  return made;
end
$$;
comment on function public.assign_batches(uuid[], uuid, text, timestamp with time zone) is
  'Assigns batches to a verifier; pending ones go under review. Returns how many assignments were made.';

create function public.end_assignments(p_batches uuid[], p_user uuid) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  ended integer;
begin
  perform private.require_administration();
  perform private.lock_batches(p_batches);
  perform private.lock_projects(array(select distinct b.project_id from public.batches b where b.id = any (p_batches)));
  update public.assignments a set ended_at = now()
  where a.batch_id = any (p_batches) and a.user_id = p_user and a.ended_at is null;
  get diagnostics ended = row_count;
  return ended;
end
$$;
comment on function public.end_assignments(uuid[], uuid) is
  'Ends a person''s assignments to batches; they leave that person''s workstation. Returns how many were ended.';
