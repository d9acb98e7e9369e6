-- Whose a batch becomes, and what administrators who are bound to a verification body may do with batches.

create or replace function private.require_administration() returns uuid
language plpgsql stable security definer set search_path = '' as $$
declare
  person public.users;
begin
  if auth.uid() is null and coalesce(auth.role(), '') not in ('anon', 'authenticated') then
    return null;
  end if;
  person := private.require_admin();
  if private.bound_body() is not null then
    perform private.refuse_access('not_allowed',
      'Only an administrator of the registry may do this.', 'Ask an administrator who is not bound to a verification body.');
  end if;
  return person.id;
end
$$;
comment on function private.require_administration() is
  'Id of the signed-in administrator who is bound to no verification body, null for a maintenance script or the service role, an error for everybody else.';

create function private.require_reach(p_permission text, p_users uuid[], p_batches uuid[]) returns uuid
language plpgsql stable security definer set search_path = '' as $$
declare
  person public.users;
  body uuid;
begin
  if auth.uid() is null and coalesce(auth.role(), '') not in ('anon', 'authenticated') then
    return null;
  end if;
  person := private.require_permission(p_permission);
  body := private.bound_body();
  if body is not null and (
    exists (select 1 from public.users u where u.id = any (p_users) and u.organization_id is distinct from body)
    or exists (select 1 from public.batches b where b.id = any (p_batches) and b.verification_body_id is distinct from body)
  ) then
    perform private.refuse_access('other_organization',
      'Your powers reach the people and the batches of your verification body only.', 'Ask an administrator of the registry.');
  end if;
  return person.id;
end
$$;
comment on function private.require_reach(text, uuid[], uuid[]) is
  'Id of the signed-in person who has the permission and, if bound to a verification body, whose body all the people and batches belong to; null for a maintenance script or the service role; 403 not_allowed or other_organization for everybody else.';

create function private.refuse_other_body() returns void
language plpgsql set search_path = '' as $$
begin
  raise exception using errcode = 'PT422', message = 'This batch is reviewed by another verification body.',
    detail = 'other_organization', hint = 'Choose another batch, or ask an administrator of the registry to hand it over.';
end
$$;
comment on function private.refuse_other_body() is 'Raises 422 other_organization.';

create function private.bind_batches() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  bound uuid[];
begin
  if private.in_bulk() then
    return null;
  end if;
  bound := array(
    select distinct c.batch_id from changed c where c.ended_at is null and private.body_of(c.user_id) is not null
  );
  if bound = '{}' then
    return null;
  end if;
  perform private.lock_batches(bound);
  if exists (
    select 1
    from (
      select a.batch_id, a.body from changed c cross join lateral (select c.batch_id, private.body_of(c.user_id)) a (batch_id, body)
      where c.ended_at is null and a.body is not null
    ) taken
    join public.batches b on b.id = taken.batch_id
    where b.verification_body_id <> taken.body
      -- An open batch that people of another body already work on is theirs, whatever they were when they began.
      or (b.verification_body_id is null and exists (
        select 1
        from public.assignments other
        join public.users u on u.id = other.user_id
        join public.organizations o on o.id = u.organization_id and o.kind = 'verification_body'
        where other.batch_id = b.id and other.ended_at is null and o.id <> taken.body
      ))
  ) then
    perform private.refuse_other_body();
  end if;
  update public.batches b
  set verification_body_id = taken.body
  from (
    select distinct on (c.batch_id) c.batch_id, private.body_of(c.user_id) as body
    from changed c
    where c.ended_at is null and c.batch_id = any (bound) and private.body_of(c.user_id) is not null
    order by c.batch_id
  ) taken
  where b.id = taken.batch_id and b.verification_body_id is null;
  return null;
end
$$;
comment on function private.bind_batches() is
  'The first claim by or assignment of somebody who is bound to a verification body makes the batch that body''s; somebody of another body is refused.';
-- By name it comes before the feed's trigger.
create trigger bind_batches_insert after insert on public.assignments
  referencing new table as changed for each statement execute function private.bind_batches();

create function private.require_claimable_body(p_actor public.users, m jsonb) returns void
language plpgsql stable security definer set search_path = '' as $$
begin
  if m ->> 'kind' = 'batch.claim' and exists (
    select 1 from public.batches b
    where b.id = private.uuid_or_null(m ->> 'batch_id') and b.verification_body_id <> private.body_of(p_actor.id)
  ) then
    perform private.refuse_other_body();
  end if;
end
$$;
comment on function private.require_claimable_body(public.users, jsonb) is
  'Refuses the claim of a batch that another verification body took meanwhile.';

create or replace function private.push_one(p_actor public.users, m jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  claimed uuid := (m ->> 'mutation_id')::uuid;
  digest bytea := sha256(convert_to(m::text, 'UTF8'));
  known public.sync_mutations;
  outcome jsonb;
  keep boolean := true;
  said text;
  code text;
  advice text;
begin
  -- Claimed first: the same change sent twice at once waits here for the other to commit.
  insert into public.sync_mutations
    (mutation_id, user_id, request_hash, kind, batch_id, row_id, device_id, occurred_at, clock_offset_ms)
  values (
    claimed, p_actor.id, digest, coalesce(m ->> 'kind', ''), private.uuid_or_null(m ->> 'batch_id'),
    private.uuid_or_null(m ->> 'row_id'), private.uuid_or_null(m ->> 'device_id'), m ->> 'occurred_at',
    case when jsonb_typeof(m -> 'clock_offset_ms') = 'number' and abs((m ->> 'clock_offset_ms')::numeric) < 2147483647
      then round((m ->> 'clock_offset_ms')::numeric)::integer end
  )
  on conflict (mutation_id) do nothing;
  if not found then
    select k.* into known from public.sync_mutations k where k.mutation_id = claimed;
    if known.user_id <> p_actor.id or known.request_hash <> digest then
      return private.push_result(claimed, 'rejected', 'mutation_reused',
        'A change with this id but another content was sent before.', 'Make the change again.', '[]');
    end if;
    return known.result || case when known.status = 'applied' then '{"status": "duplicate"}'::jsonb else '{}'::jsonb end;
  end if;

  if coalesce(m ->> 'schema_version', '') !~ '^-?[0-9]{1,4}$' or (m ->> 'schema_version')::integer not between -1 and 1 then
    delete from public.sync_mutations k where k.mutation_id = claimed;
    return private.push_result(claimed, 'rejected', 'schema_unsupported',
      'The cloud does not understand this version of the program any more.', 'Update the program; the change is kept.', '[]');
  end if;

  begin
    perform private.require_claimable_body(p_actor, m);
    outcome := private.push_result(claimed, 'applied', null, null, null, private.apply_mutation(p_actor, m));
  exception
    when sqlstate 'PT422' or sqlstate 'PT409' or data_exception or integrity_constraint_violation then
      get stacked diagnostics said = message_text, code = pg_exception_detail, advice = pg_exception_hint;
      if sqlstate = 'PT422' then
        outcome := private.push_result(claimed, 'rejected', code, said, advice, '[]');
      elsif sqlstate = 'PT409' then
        -- Waiting for an earlier change is no fate: the same change may be sent again.
        keep := code <> 'earlier_not_applied';
        outcome := private.push_result(claimed, 'conflict', code, said, advice, private.rows_in_conflict(m));
      elsif sqlstate = '23505' then
        outcome := private.push_result(claimed, 'rejected', 'id_taken',
          'The cloud already has a row with this id or number.', 'Make the change again.', '[]');
      else
        outcome := private.push_result(claimed, 'rejected', 'invalid_body',
          'The change has a part that the cloud cannot read.', 'Make it again with a current version of the program.', '[]');
      end if;
  end;
  if keep then
    update public.sync_mutations k
    set status = outcome ->> 'status', result = outcome,
        result_version = (outcome -> 'rows' -> 0 -> 'row' ->> 'version')::integer
    where k.mutation_id = claimed;
  else
    delete from public.sync_mutations k where k.mutation_id = claimed;
  end if;
  return outcome;
end
$$;

create or replace function public.assign_batches(p_batches uuid[], p_user uuid, p_role text, p_due_at timestamp with time zone default null)
returns integer
language plpgsql security definer set search_path = '' as $$
declare
  assigner uuid := private.require_reach('batch.assign', array[p_user], '{}');
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
  perform private.require_reach('batch.assign', '{}', p_batches);
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
  'Assigns batches to a verifier; pending ones go under review, and open ones become those of the verifier''s body. Returns how many assignments were made.';

create or replace function public.end_assignments(p_batches uuid[], p_user uuid) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  ended integer;
begin
  perform private.require_reach('batch.assign', array[p_user], '{}');
  perform private.lock_batches(p_batches);
  perform private.lock_projects(array(select distinct b.project_id from public.batches b where b.id = any (p_batches)));
  perform private.require_reach('batch.assign', '{}', p_batches);
  update public.assignments a set ended_at = now()
  where a.batch_id = any (p_batches) and a.user_id = p_user and a.ended_at is null;
  get diagnostics ended = row_count;
  return ended;
end
$$;

create function public.hand_batches_to_body(p_batches uuid[], p_organization uuid) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  handed integer;
begin
  perform private.require_registry_administration('batch.hand_over');
  if p_organization is not null and not exists (
    select 1 from public.organizations o where o.id = p_organization and o.kind = 'verification_body'
  ) then
    raise exception using errcode = 'PT422', message = 'This organization is no verification body.', detail = 'not_a_verification_body',
      hint = 'Choose a verification body, or none.';
  end if;
  perform private.lock_batches(p_batches);
  perform private.lock_projects(array(select distinct b.project_id from public.batches b where b.id = any (p_batches)));
  if p_organization is not null then
    update public.assignments a set ended_at = now()
    where a.batch_id = any (p_batches) and a.ended_at is null and private.body_of(a.user_id) <> p_organization;
  end if;
  update public.batches b set verification_body_id = p_organization
  where b.id = any (p_batches) and b.verification_body_id is distinct from p_organization;
  get diagnostics handed = row_count;
  return handed;
end
$$;
comment on function public.hand_batches_to_body(uuid[], uuid) is
  'Hands batches to a verification body, or opens them to any verifier when it is null. Assignments of people of other bodies end. Returns how many batches changed hands.';

create or replace function public.publish_rubric(p_standard text, p_title text, p_body jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  publisher uuid := private.require_registry_administration('rubric.publish');
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

revoke all on function
  private.require_reach(text, uuid[], uuid[]), private.refuse_other_body(), private.bind_batches(),
  private.require_claimable_body(public.users, jsonb), public.hand_batches_to_body(uuid[], uuid)
from public, anon, authenticated;
grant execute on function
  private.require_reach(text, uuid[], uuid[]), private.refuse_other_body(), private.bind_batches(),
  private.require_claimable_body(public.users, jsonb), public.hand_batches_to_body(uuid[], uuid)
to service_role;
grant execute on function public.hand_batches_to_body(uuid[], uuid) to authenticated;
