-- sync_push: up to 100 local changes in order, each applied once, each in a savepoint of its own.

create function private.apply_mutation(p_actor public.users, m jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  batch public.batches;
begin
  select b.* into batch from public.batches b where b.id = (m ->> 'batch_id')::uuid;
  -- The same answer whether the batch does not exist or may not be read: an id is no way to find out.
  if batch.id is null or not private.can_read_batch(batch.id) then
    perform private.refuse('not_assigned', 'You are not assigned to this batch.', 'Ask an administrator to assign you.');
  end if;
  case m ->> 'kind'
    when 'batch.claim' then return private.apply_claim(p_actor, batch, m);
    when 'score.set' then return private.apply_score(p_actor, batch, m);
    when 'finding.raise' then return private.apply_finding_raise(p_actor, batch, m);
    when 'finding.respond', 'finding.close', 'finding.withdraw' then return private.apply_finding_round(p_actor, batch, m);
    when 'decision.record' then return private.apply_decision(p_actor, batch, m);
    when 'certificate.issue' then return private.apply_certificate(p_actor, batch, m);
    else perform private.refuse('invalid_body', 'The cloud does not know this kind of change.', 'Update the program, or ask an administrator to update the cloud.');
  end case;
  return '[]';
end
$$;
comment on function private.apply_mutation(public.users, jsonb) is 'Applies one local change, or raises why not.';

create function private.rows_in_conflict(m jsonb) returns jsonb
language sql stable security definer set search_path = '' as $$
  select case split_part(m ->> 'kind', '.', 1)
    when 'score' then coalesce((
      select jsonb_build_array(private.row_now('scores', s.id)) from public.scores s
      where s.batch_id = (m ->> 'batch_id')::uuid and s.verifier_id = auth.uid()
        and s.criterion_code = m -> 'payload' ->> 'criterion_code'
    ), '[]')
    when 'finding' then coalesce(jsonb_agg(private.row_now('findings', (m ->> 'row_id')::uuid)) filter (
      where private.row_now('findings', (m ->> 'row_id')::uuid) is not null), '[]')
    else case
      when private.can_read_batch((m ->> 'batch_id')::uuid) then private.rows_now('batches/' || (m ->> 'batch_id'))
      else '[]'
    end
  end
$$;
comment on function private.rows_in_conflict(jsonb) is 'The cloud''s row that a local change contradicts, if its sender may read it.';

create function private.push_one(p_actor public.users, m jsonb) returns jsonb
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

create function private.uuid_or_null(p_text text) returns uuid
language sql immutable set search_path = '' as $$
  select case when pg_input_is_valid(p_text, 'uuid') then p_text::uuid end
$$;
comment on function private.uuid_or_null(text) is 'A UUID, or null where the text is none.';

create function private.push_result(
  p_mutation uuid, p_status text, p_code text, p_message text, p_action text, p_rows jsonb
) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_build_object(
    'mutation_id', p_mutation, 'status', p_status, 'code', p_code, 'message', p_message, 'action', p_action, 'rows', p_rows
  )
$$;
comment on function private.push_result(uuid, text, text, text, text, jsonb) is 'The fate of one local change as shared/wire/sync.ts has it.';
comment on function private.push_one(public.users, jsonb) is
  'Claims a local change, applies it in a savepoint and keeps its fate. Serialization failures, deadlocks and timeouts are not caught: the whole call is repeated.';

create function public.sync_push(p_mutations jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  actor public.users;
  touched uuid[];
  device uuid;
  results jsonb := '[]';
  m jsonb;
begin
  actor := private.require_access();
  if jsonb_typeof(p_mutations) is distinct from 'array' or exists (
    select 1 from jsonb_array_elements(p_mutations) e
    where jsonb_typeof(e) <> 'object' or private.uuid_or_null(e ->> 'mutation_id') is null
  ) then
    raise exception using errcode = 'PT400', message = 'The changes cannot be read.', detail = 'invalid_request',
      hint = 'Send a list of changes, each with its id.';
  end if;
  if jsonb_array_length(p_mutations) > 100 then
    raise exception using errcode = 'PT413', message = 'Too many changes in one call.', detail = 'too_many',
      hint = 'Send at most 100 at a time.';
  end if;
  for device in
    select distinct private.uuid_or_null(e ->> 'device_id') from jsonb_array_elements(p_mutations) e order by 1
  loop
    if device is null then
      continue;
    end if;
    insert into public.devices (id, user_id) values (device, actor.id) on conflict (id, user_id) do nothing;
    if exists (select 1 from public.devices d where d.id = device and d.user_id = actor.id and d.revoked_at is not null) then
      perform private.refuse_access('device_revoked',
        'This device was taken out of use for this account.', 'Ask an administrator to let it in again.');
    end if;
  end loop;
  -- One order of locks for everybody: batches by id, then by id the projects of those that leave the pool.
  touched := array(
    select distinct private.uuid_or_null(e ->> 'batch_id') from jsonb_array_elements(p_mutations) e
  );
  perform private.lock_batches(touched);
  perform private.lock_projects(array(
    select distinct b.project_id
    from jsonb_array_elements(p_mutations) e
    join public.batches b on b.id = private.uuid_or_null(e ->> 'batch_id')
    where e ->> 'kind' = 'batch.claim'
  ));
  for m in select e from jsonb_array_elements(p_mutations) with ordinality as t (e, o) order by o loop
    results := results || private.push_one(actor, m);
  end loop;
  return results;
end
$$;
comment on function public.sync_push(jsonb) is
  'Applies up to 100 local changes in order, each once: applied, duplicate, conflict or rejected, in the order sent.';
