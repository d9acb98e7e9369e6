-- Local changes of a review, applied: claiming a batch, scores and findings. Each returns the rows it wrote, the main one first,
-- and runs under the lock of its batch, which sync_push has taken.

create function private.apply_claim(p_actor public.users, p_batch public.batches, m jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  assignment uuid := (m -> 'payload' ->> 'assignment_id')::uuid;
  next_status text := private.decision_transition(p_batch.status, 'claim', p_actor.role, p_actor.sub_role);
begin
  if private.decision_transition('pending', 'claim', p_actor.role, p_actor.sub_role) is null then
    perform private.refuse('role', 'Only desk verifiers and accredited auditors claim a batch.', 'Leave it to one of them.');
  end if;
  if p_batch.user_id = p_actor.id then
    perform private.refuse('four_eyes', 'You submitted this batch, so you do not review it.', 'Leave it to another verifier.');
  end if;
  if next_status is null or exists (
    select 1 from public.assignments a where a.batch_id = p_batch.id and a.ended_at is null
  ) then
    perform private.contradict('already_claimed', 'Somebody else took this batch meanwhile.', 'Choose another one from the pool.');
  end if;
  if assignment is null then
    perform private.refuse('invalid_body', 'The claim names no assignment.', 'Send it again from a current version of the program.');
  end if;
  insert into public.assignments (id, batch_id, user_id, role, assigned_by)
  values (assignment, p_batch.id, p_actor.id, p_actor.sub_role, p_actor.id);
  update public.batches b set status = next_status where b.id = p_batch.id;
  return private.rows_now('batches/' || p_batch.id, 'assignments/' || assignment);
end
$$;
comment on function private.apply_claim(public.users, public.batches, jsonb) is
  'batch.claim: takes a pending batch from the pool. Decided by its state, not its version: nothing is based on its content yet.';

create function private.apply_score(p_actor public.users, p_batch public.batches, m jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  given jsonb := m -> 'payload';
  score public.scores;
  rubric public.rubrics := private.rubric_in_force(p_batch.standard);
  criterion jsonb;
  reason text := given ->> 'not_applicable_reason';
  evidence uuid[] := array(select jsonb_array_elements_text(given -> 'evidence_ids')::uuid);
begin
  perform private.require_assignment(p_actor, p_batch.id, true);
  perform private.require_unsettled(p_batch);
  if rubric.id is distinct from (given ->> 'rubric_id')::uuid then
    perform private.refuse('rubric_superseded', 'Another revision of the rubric is in force now.', 'Synchronize and score by the current rubric.');
  end if;
  select c into criterion from jsonb_array_elements(rubric.body -> 'criteria') c where c ->> 'code' = given ->> 'criterion_code';
  if criterion is null then
    perform private.refuse('invalid_body', 'The rubric has no such criterion.', 'Synchronize and score by the current rubric.');
  end if;
  if reason is not null and (btrim(reason) = '' or criterion ->> 'not_applicable' <> 'with_reason') then
    perform private.refuse('invalid_body', 'This criterion cannot be left out without a reason.', 'Give points, or a reason where the rubric allows one.');
  end if;
  if exists (
    select 1 from unnest(evidence) e
    where not exists (select 1 from public.evidence_files f where f.id = e and f.batch_id = p_batch.id)
  ) then
    perform private.refuse('invalid_body', 'A piece of evidence does not belong to this batch.', 'Choose evidence of this batch.');
  end if;
  select s.* into score from public.scores s
  where s.batch_id = p_batch.id and s.verifier_id = p_actor.id and s.criterion_code = given ->> 'criterion_code';
  if score.id is not null and score.id <> (m ->> 'row_id')::uuid then
    perform private.contradict('version_changed', 'You scored this criterion on another device.', 'Compare both scores and keep one.');
  end if;
  perform private.require_version(m, p_actor.id, coalesce(score.version, 0));
  insert into public.scores as known
    (id, batch_id, verifier_id, rubric_id, criterion_code, points, not_applicable_reason, note, evidence_ids)
  values (
    (m ->> 'row_id')::uuid, p_batch.id, p_actor.id, rubric.id, given ->> 'criterion_code', (given ->> 'points')::integer,
    reason, coalesce(given ->> 'note', ''), evidence
  )
  on conflict (batch_id, verifier_id, criterion_code) do update
  set rubric_id = excluded.rubric_id, points = excluded.points, not_applicable_reason = excluded.not_applicable_reason,
      note = excluded.note, evidence_ids = excluded.evidence_ids;
  return private.rows_now('scores/' || (m ->> 'row_id'));
end
$$;
comment on function private.apply_score(public.users, public.batches, jsonb) is 'score.set: one verifier''s mark for one criterion, unique for the three.';

create function private.apply_finding_raise(p_actor public.users, p_batch public.batches, m jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  given jsonb := m -> 'payload';
  finding uuid := (m ->> 'row_id')::uuid;
  evidence uuid := (given ->> 'evidence_file_id')::uuid;
begin
  perform private.require_assignment(p_actor, p_batch.id, true);
  perform private.require_unsettled(p_batch);
  perform private.require_version(m, p_actor.id, 0);
  if evidence is not null and not exists (
    select 1 from public.evidence_files f where f.id = evidence and f.batch_id = p_batch.id
  ) then
    perform private.refuse('invalid_body', 'The piece of evidence does not belong to this batch.', 'Choose evidence of this batch.');
  end if;
  insert into public.findings
    (id, batch_id, kind, title, description, criterion_code, evidence_file_id, due_at, misstatement, raised_by)
  values (
    finding, p_batch.id, given ->> 'kind', given ->> 'title', coalesce(given ->> 'description', ''), given ->> 'criterion_code',
    evidence, (given ->> 'due_at')::timestamp with time zone, (given ->> 'misstatement')::numeric(12, 2), p_actor.id
  );
  insert into public.finding_rounds (id, finding_id, batch_id, round, kind, author_id, body)
  values ((given ->> 'round_id')::uuid, finding, p_batch.id, 1, 'raised', p_actor.id, coalesce(given ->> 'description', ''));
  return private.rows_now('findings/' || finding, 'finding_rounds/' || (given ->> 'round_id'));
end
$$;
comment on function private.apply_finding_raise(public.users, public.batches, jsonb) is 'finding.raise: a finding with its first round.';

create function private.apply_finding_round(p_actor public.users, p_batch public.batches, m jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  given jsonb := m -> 'payload';
  step text := split_part(m ->> 'kind', '.', 2);
  finding public.findings;
  responder text := nullif(btrim(coalesce(given ->> 'on_behalf_of', '')), '');
  next_round integer;
begin
  select f.* into finding from public.findings f where f.id = (m ->> 'row_id')::uuid and f.batch_id = p_batch.id;
  if finding.id is null then
    perform private.refuse('not_found', 'There is no such finding on this batch.', 'Synchronize and look again.');
  end if;
  if step = 'respond' and p_actor.id = p_batch.user_id then
    responder := null;
  else
    perform private.require_assignment(p_actor, p_batch.id, step <> 'respond');
    if step = 'respond' and responder is null then
      perform private.refuse('invalid_body', 'An answer that you record needs the name of who gave it.', 'Say on whose behalf you record it.');
    end if;
  end if;
  perform private.require_unsettled(p_batch);
  perform private.require_version(m, p_actor.id, finding.version);
  if finding.status not in ('open', 'answered') then
    perform private.refuse('finding_settled', 'This finding is already closed or withdrawn.', 'Raise another one if something is still wrong.');
  end if;
  if step = 'close' and finding.kind in ('car', 'cl') and finding.status <> 'answered' then
    perform private.refuse('finding_unanswered', 'A request is closed once it has been answered.', 'Record the answer first, or withdraw the finding.');
  end if;
  next_round := finding.round + case when step = 'respond' then 1 else 0 end;
  insert into public.finding_rounds (id, finding_id, batch_id, round, kind, author_id, on_behalf_of, body)
  values (
    (given ->> 'round_id')::uuid, finding.id, p_batch.id, next_round,
    case when step = 'respond' then 'response' else 'review' end, p_actor.id, responder, coalesce(given ->> 'body', '')
  );
  update public.findings f
  set status = case step when 'respond' then 'answered' when 'close' then 'closed' else 'withdrawn' end,
      round = next_round,
      closed_by = case when step <> 'respond' then p_actor.id end,
      closed_at = case when step <> 'respond' then now() end
  where f.id = finding.id;
  return private.rows_now('findings/' || finding.id, 'finding_rounds/' || (given ->> 'round_id'));
end
$$;
comment on function private.apply_finding_round(public.users, public.batches, jsonb) is
  'finding.respond (by the recycler, or recorded by whoever works on the batch), finding.close and finding.withdraw (by a reviewer). Each is kept as a round; an answer counts it up.';
