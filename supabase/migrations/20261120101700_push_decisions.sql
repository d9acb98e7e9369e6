-- Decisions and certificates that were made on a workstation, checked again and applied.

create function private.require_content(p_batch public.batches, p_hash text) returns void
language plpgsql immutable set search_path = '' as $$
begin
  if p_hash is distinct from p_batch.content_hash then
    perform private.contradict('content_changed',
      'The batch, its evidence or its rubric changed after this was decided.', 'Look at what changed and decide again.');
  end if;
end
$$;
comment on function private.require_content(public.batches, text) is 'Reports a conflict when a decision was made on other content than the cloud holds.';

create function private.require_decision_body(m jsonb) returns void
language plpgsql immutable set search_path = '' as $$
declare
  given jsonb := m -> 'payload';
begin
  if coalesce(given ->> 'reason_code', '') = '' or given ->> 'reason' is null
    or (given ->> 'reason_code' = 'other' and btrim(given ->> 'reason') = '') then
    perform private.refuse('invalid_body', 'A decision needs a reason.', 'Choose one, or say it in your own words.');
  end if;
  if given ->> 'score' is not null and given ->> 'score' !~ '^[0-5]\.[0-9]{2}$' then
    perform private.refuse('invalid_body', 'The score is not a number with two places from 0.00 to 5.00.', 'Score the batch again.');
  end if;
  if given ->> 'action' = 'verify' and (
    coalesce(given ->> 'opinion', '') not in ('unmodified', 'qualified')
    or given ->> 'assurance_level' is null or given ->> 'score' is null or given ->> 'rubric_id' is null
  ) then
    perform private.refuse('invalid_body',
      'A verification needs an unmodified or qualified opinion, a level of assurance, a rubric and a score.',
      'Complete them, or reject the batch.');
  end if;
end
$$;
comment on function private.require_decision_body(jsonb) is 'Refuses a decision without reason, and a verification without opinion, assurance, rubric or score.';

create function private.require_score(p_actor public.users, p_batch public.batches, p_action text, p_rubric uuid, p_score text) returns void
language plpgsql stable security definer set search_path = '' as $$
declare
  rubric public.rubrics := private.rubric_in_force(p_batch.standard);
  computed jsonb;
begin
  if p_rubric is distinct from rubric.id and (p_rubric is not null or p_action = 'verify') then
    perform private.refuse('rubric_superseded', 'Another revision of the rubric is in force now.', 'Synchronize and score by the current rubric.');
  end if;
  computed := private.batch_score(p_batch.id, p_actor.id, rubric.id);
  if p_action in ('approve', 'verify') and computed -> 'knocked_out' <> '[]' then
    perform private.refuse('knock_out',
      format('A criterion that excludes a positive decision has zero points: %s.', computed -> 'knocked_out' ->> 0),
      'Reject the batch or request changes.');
  end if;
  if p_action = 'verify' and (computed -> 'missing' <> '[]' or computed ->> 'hundredths' is null) then
    perform private.refuse('incomplete_scores',
      format('%s criteria have no score.', jsonb_array_length(computed -> 'missing')), 'Score every criterion.');
  end if;
  if p_score is not null and (computed ->> 'hundredths')::integer is distinct from replace(p_score, '.', '')::integer then
    perform private.refuse('score_mismatch',
      format('The cloud computes %s from your scores, not %s.',
        coalesce(round((computed ->> 'hundredths')::numeric / 100, 2)::text, 'no score'), p_score),
      'Synchronize and decide again.');
  end if;
end
$$;
comment on function private.require_score(public.users, public.batches, text, uuid, text) is
  'Recomputes the actor''s score and refuses knock-outs, gaps and any other figure.';

create function private.apply_decision(p_actor public.users, p_batch public.batches, m jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  given jsonb := m -> 'payload';
  act text := given ->> 'action';
  next_status text;
  verification uuid := gen_random_uuid();
begin
  if act not in ('approve', 'reject', 'request_changes', 'verify') then
    perform private.refuse('invalid_body', 'This decision does not exist.', 'Update the program.');
  end if;
  perform private.require_assignment(p_actor, p_batch.id, false);
  perform private.require_content(p_batch, m ->> 'content_hash');
  perform private.require_version(m, p_actor.id, p_batch.version);
  next_status := private.decision_transition(p_batch.status, act, p_actor.role, p_actor.sub_role);
  if next_status is null then
    if p_actor.role <> 'verifier' or coalesce(p_actor.sub_role, 'field_agent') = 'field_agent' or exists (
      select 1 from (values ('desk_verifier'), ('accredited_auditor')) s (sub_role)
      where private.decision_transition(p_batch.status, act, 'verifier', s.sub_role) is not null
    ) then
      perform private.refuse('role', 'Your role does not take this decision.', 'Leave it to the person whose decision it is.');
    end if;
    perform private.refuse('transition', format('A batch that is %s does not take this decision.', replace(p_batch.status, '_', ' ')), 'Look at its present state.');
  end if;
  perform private.require_decision_body(m);
  perform private.require_four_eyes(p_actor, p_batch, act);
  if act in ('approve', 'verify') then
    perform private.require_no_blocking_findings(p_batch.id);
  end if;
  perform private.require_score(p_actor, p_batch, act, (given ->> 'rubric_id')::uuid, given ->> 'score');

  insert into public.decisions (
    id, batch_id, actor_id, action, from_status, to_status, reason_code, reason, score, rubric_id, content_hash, opinion,
    assurance_level, unviewed_evidence_ids, device_id, decided_at, clock_offset_ms
  )
  values (
    (m ->> 'row_id')::uuid, p_batch.id, p_actor.id, act, p_batch.status, next_status, given ->> 'reason_code',
    given ->> 'reason', (given ->> 'score')::numeric(3, 2), (given ->> 'rubric_id')::uuid, p_batch.content_hash,
    given ->> 'opinion', given ->> 'assurance_level',
    array(select jsonb_array_elements_text(given -> 'unviewed_evidence_ids')::uuid),
    (m ->> 'device_id')::uuid, (m ->> 'occurred_at')::timestamp with time zone, (m ->> 'clock_offset_ms')::integer
  );
  insert into public.verifications (id, batch_id, verifier_id, status, score, notes)
  values (
    verification, p_batch.id, p_actor.id,
    case next_status when 'rejected' then 'rejected' when 'changes_requested' then 'pending' else 'approved' end,
    (given ->> 'score')::numeric(3, 2), given ->> 'reason'
  );
  update public.batches b
  set status = next_status,
      verification_score = coalesce((given ->> 'score')::numeric(3, 2), b.verification_score),
      verification_notes = given ->> 'reason',
      verified_by = case when act = 'verify' then p_actor.id else b.verified_by end,
      verified_at = case when act = 'verify' then now() else b.verified_at end
  where b.id = p_batch.id;
  return private.rows_now('batches/' || p_batch.id, 'decisions/' || (m ->> 'row_id'));
end
$$;
comment on function private.apply_decision(public.users, public.batches, jsonb) is
  'decision.record: checks assignment, content, version, transition, four eyes, findings and score again, then writes decision, verification and batch.';

create function private.apply_certificate(p_actor public.users, p_batch public.batches, m jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  given jsonb := m -> 'payload';
  certificate uuid := (m ->> 'row_id')::uuid;
  decision public.decisions;
begin
  select d.* into decision from public.decisions d
  where d.id = (given ->> 'decision_id')::uuid and d.batch_id = p_batch.id
    and d.actor_id = p_actor.id and d.action = 'verify';
  if decision.id is null then
    perform private.refuse('decision_missing', 'The cloud holds no verification of yours for this certificate.', 'Send the decision first.');
  end if;
  if decision.content_hash is distinct from m ->> 'content_hash' then
    perform private.refuse('content_changed', 'The certificate is bound to other content than its decision.', 'Sign it again.');
  end if;
  perform private.require_content(p_batch, m ->> 'content_hash');
  perform private.require_version(m, p_actor.id, 0);
  if (decision.opinion, decision.assurance_level) is distinct from (given ->> 'opinion', given ->> 'assurance_level') then
    perform private.refuse('invalid_body', 'The certificate states another opinion or assurance than the decision.', 'Sign it again.');
  end if;
  if exists (select 1 from public.certificates c where c.decision_id = decision.id) then
    perform private.refuse('already_issued', 'A certificate for this decision has already been issued.', 'Keep the first one.');
  end if;
  if given ->> 'level' is distinct from 'B-B' then
    perform private.refuse('invalid_body', 'A workstation issues certificates signed at level B-B.', 'Sign it again.');
  end if;
  insert into public.certificates (
    id, batch_id, decision_id, certificate_number, opinion, assurance_level, content_hash, object_path, sha256,
    byte_range_digest, byte_size, issued_by, claimed_at
  )
  values (
    certificate, p_batch.id, decision.id, given ->> 'certificate_number', given ->> 'opinion', given ->> 'assurance_level',
    decision.content_hash, given ->> 'object_path', given ->> 'sha256', given ->> 'byte_range_digest',
    (given ->> 'byte_size')::bigint, p_actor.id, (given ->> 'claimed_at')::timestamp with time zone
  );
  insert into public.signatures (
    id, certificate_id, batch_id, signer_id, kind, level, signer_subject, signer_serial, signer_fingerprint, claimed_at
  )
  values (
    (given ->> 'signature_id')::uuid, certificate, p_batch.id, p_actor.id, 'auditor', given ->> 'level',
    given ->> 'signer_subject', given ->> 'signer_serial', given ->> 'signer_fingerprint',
    (given ->> 'claimed_at')::timestamp with time zone
  );
  return private.rows_now('certificates/' || certificate, 'signatures/' || (given ->> 'signature_id'));
end
$$;
comment on function private.apply_certificate(public.users, public.batches, jsonb) is
  'certificate.issue: names the signed file of one''s own verification; the file itself is uploaded afterwards.';
