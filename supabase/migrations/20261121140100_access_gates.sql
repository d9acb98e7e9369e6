-- What grants open. The same function as shared/domain/grant-gates.ts: a test leads every combination through both.

create function private.grant_state(p_grant jsonb, p_at timestamp with time zone) returns text
language sql immutable set search_path = '' as $$
  select case
    when p_grant ->> 'revoked_at' is not null then 'revoked'
    when p_at >= (p_grant ->> 'valid_until')::timestamp with time zone then 'ended'
    when p_at < (p_grant ->> 'valid_from')::timestamp with time zone then 'not_begun'
    else 'in_force'
  end
$$;
comment on function private.grant_state(jsonb, timestamp with time zone) is 'Whether a grant is in force at an instant: in_force, ended, not_begun or revoked.';

create function private.grant_is_about(p_subject jsonb, p_facts jsonb) returns boolean
language sql immutable set search_path = '' as $$
  select coalesce(p_subject ->> 'about_id' = p_facts -> 'about' ->> (p_subject ->> 'about_kind'), false)
$$;
comment on function private.grant_is_about(jsonb, jsonb) is 'True for a declaration about the batch''s recycler, their organization or the project.';

create function private.best_state(p_states text[]) returns text
language sql immutable set search_path = '' as $$
  select case
    when 'in_force' = any (p_states) then null
    when 'not_begun' = any (p_states) then 'not_begun'
    when 'ended' = any (p_states) then 'ended'
    when 'revoked' = any (p_states) then 'revoked'
    else 'missing'
  end
$$;
comment on function private.best_state(text[]) is 'Null where one of the grants is in force, else the state to tell the person.';

create function private.grant_gates(p_facts jsonb) returns text[]
language plpgsql immutable set search_path = '' as $$
declare
  at timestamp with time zone := (p_facts ->> 'at')::timestamp with time zone;
  closed text[] := '{}';
  rule jsonb;
  state text;
begin
  if exists (
    select 1 from jsonb_array_elements(p_facts -> 'grants') g
    where g ->> 'kind' = 'independence' and g -> 'subject' ->> 'declaration' = 'conflict'
      and private.grant_is_about(g -> 'subject', p_facts) and private.grant_state(g, at) = 'in_force'
  ) then
    closed := closed || 'conflict_of_interest/declared'::text;
  end if;
  for rule in
    select r from jsonb_array_elements(p_facts -> 'rules') r
    where r ->> 'action' = p_facts ->> 'action' and (r ->> 'required')::boolean
    order by r ->> 'gate' collate "C"
  loop
    case rule ->> 'gate'
      when 'accreditation' then
        state := private.best_state(array(
          select private.grant_state(g, at) from jsonb_array_elements(p_facts -> 'grants') g
          where g ->> 'kind' = 'accreditation' and (g ->> 'confirmed')::boolean
            and g -> 'subject' -> 'standards' ? (p_facts ->> 'standard')
        ));
      when 'independence' then
        state := private.best_state(array(
          select private.grant_state(g, at) from jsonb_array_elements(p_facts -> 'grants') g
          where g ->> 'kind' = 'independence' and ((g ->> 'confirmed')::boolean or (rule ->> 'unconfirmed')::boolean)
            and g -> 'subject' ->> 'declaration' = 'none' and private.grant_is_about(g -> 'subject', p_facts)
        ));
      when 'rotation' then
        -- Nothing counted is nothing used up; a grant that was replaced says nothing any more.
        select case
          when count(*) = 0 or bool_or(l.in_time and l.used < l.allowed) then null
          when bool_or(l.in_time) then 'exhausted'
          else 'ended'
        end
        into state
        from (
          select at < (g ->> 'valid_until')::timestamp with time zone as in_time,
            (g -> 'subject' ->> 'engagements')::integer as allowed,
            (g -> 'subject' ->> 'counted')::integer + (
              select count(*) from jsonb_array_elements_text(p_facts -> 'verified_at') v
              where v::timestamp with time zone > (g -> 'subject' ->> 'counted_at')::timestamp with time zone
            ) as used
          from jsonb_array_elements(p_facts -> 'grants') g
          where g ->> 'kind' = 'rotation' and g ->> 'revoked_at' is null
            and g -> 'subject' ->> 'recycler_id' = p_facts -> 'about' ->> 'recycler'
        ) l;
      else
        state := null;
    end case;
    if state is not null then
      closed := closed || ((rule ->> 'gate') || '/' || state);
    end if;
  end loop;
  return closed;
end
$$;
comment on function private.grant_gates(jsonb) is
  'The gates of grants that are closed for an action, as gate/state: facts are action, standard, at, about (recycler, organization, project), rules, grants and verified_at.';

create function private.require_grants(p_actor public.users, p_batch public.batches, p_action text, p_decided_at timestamp with time zone)
returns void
language plpgsql stable security definer set search_path = '' as $$
declare
  facts jsonb;
  now_at timestamp with time zone := clock_timestamp();
  at timestamp with time zone;
  closed text;
begin
  facts := jsonb_build_object(
    'action', p_action,
    'standard', p_batch.standard,
    'about', jsonb_build_object(
      'recycler', p_batch.user_id, 'project', p_batch.project_id,
      'organization', (select u.organization_id from public.users u where u.id = p_batch.user_id)
    ),
    'rules', (
      select coalesce(jsonb_agg(to_jsonb(r)), '[]') from public.gate_rules r
      where r.standard = p_batch.standard and r.action = p_action
    ),
    'grants', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'kind', g.kind, 'subject', g.subject, 'valid_from', g.valid_from, 'valid_until', g.valid_until,
        'revoked_at', g.revoked_at, 'confirmed', g.signature is not null
      )), '[]')
      from public.access_grants g where g.user_id = p_actor.id
    ),
    'verified_at', to_jsonb(private.verifications_of(p_actor.id, p_batch.user_id))
  );
  -- When it was decided, as far as the device's clock can be put right and never in the future, and now, when it arrives.
  foreach at in array array[least(coalesce(p_decided_at, now_at), now_at), now_at] loop
    closed := (private.grant_gates(facts || jsonb_build_object('at', at)))[1];
    exit when closed is not null;
  end loop;
  case closed
    when 'conflict_of_interest/declared' then
      perform private.refuse('conflict_of_interest', 'You declared a conflict of interest for this recycler, organization or project.', 'Leave the batch to another verifier.');
    when 'accreditation/missing' then
      perform private.refuse('accreditation', format('You hold no accreditation for %s.', p_batch.standard), 'Ask an administrator to record it, or leave the batch to an auditor who is accredited.');
    when 'accreditation/revoked' then
      perform private.refuse('accreditation', format('Your accreditation for %s was revoked.', p_batch.standard), 'Ask an administrator why; leave the batch to an auditor who is accredited.');
    when 'accreditation/ended', 'accreditation/not_begun' then
      perform private.refuse('accreditation', format('Your accreditation for %s was not in force when this was decided or sent.', p_batch.standard), 'Ask an administrator to renew it, then decide again.');
    when 'independence/missing', 'independence/ended', 'independence/revoked', 'independence/not_begun' then
      perform private.refuse('independence', 'Your declaration of independence from this recycler is missing or was not in force.', 'Declare it, then decide again.');
    when 'rotation/exhausted' then
      perform private.refuse('rotation', 'You have done all the verifications that rotation allows you for this recycler.', 'Leave the batch to another auditor.');
    when 'rotation/ended' then
      perform private.refuse('rotation', 'You have verified for this recycler as long as rotation allows.', 'Leave the batch to another auditor.');
    else
      return;
  end case;
end
$$;
comment on function private.require_grants(public.users, public.batches, text, timestamp with time zone) is
  'Refuses an action whose grants were not in force when it was decided, or are not now.';

create function private.device_instant(m jsonb) returns timestamp with time zone
language sql immutable set search_path = '' as $$
  select (m ->> 'occurred_at')::timestamp with time zone
    + coalesce((m ->> 'clock_offset_ms')::double precision, 0) * interval '1 millisecond'
$$;
comment on function private.device_instant(jsonb) is 'When a device says that it made a change, put right by its measured offset. A claim.';

create function private.apply_independence(p_actor public.users, p_batch public.batches, m jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  given jsonb := m -> 'payload';
  subject jsonb := jsonb_build_object('declaration', given ->> 'declaration', 'about_kind', 'recycler', 'about_id', p_batch.user_id,
    'statement', left(btrim(coalesce(given ->> 'statement', '')), 2000));
begin
  perform private.require_assignment(p_actor, p_batch.id, true);
  perform private.require_version(m, p_actor.id, 0);
  if private.grant_problem('independence', subject) is not null then
    perform private.refuse('invalid_body', 'The declaration does not say whether there is a conflict.', 'Declare it again.');
  end if;
  perform private.declare(p_actor.id, (m ->> 'row_id')::uuid, subject, private.device_instant(m));
  -- The grant follows by the feed once it is signed.
  return '[]';
end
$$;
comment on function private.apply_independence(public.users, public.batches, jsonb) is
  'independence.declare: the person''s declaration about the recycler of a batch that they work on.';

-- A clock that is a month off or more is off by more milliseconds than an integer holds.
alter table public.decisions alter column clock_offset_ms type bigint;

-- As they were, with the grants asked.
create or replace function private.apply_decision(p_actor public.users, p_batch public.batches, m jsonb) returns jsonb
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
  if act in ('approve', 'verify') then
    perform private.require_grants(p_actor, p_batch, act, private.device_instant(m));
  end if;

  insert into public.decisions (
    id, batch_id, actor_id, action, from_status, to_status, reason_code, reason, score, rubric_id, content_hash, opinion,
    assurance_level, unviewed_evidence_ids, device_id, decided_at, clock_offset_ms
  )
  values (
    (m ->> 'row_id')::uuid, p_batch.id, p_actor.id, act, p_batch.status, next_status, given ->> 'reason_code',
    given ->> 'reason', (given ->> 'score')::numeric(3, 2), (given ->> 'rubric_id')::uuid, p_batch.content_hash,
    given ->> 'opinion', given ->> 'assurance_level',
    array(select jsonb_array_elements_text(given -> 'unviewed_evidence_ids')::uuid),
    (m ->> 'device_id')::uuid, (m ->> 'occurred_at')::timestamp with time zone, (m ->> 'clock_offset_ms')::bigint
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
  'decision.record: checks assignment, content, version, transition, four eyes, findings, score and grants again, then writes decision, verification and batch.';

create or replace function private.apply_certificate(p_actor public.users, p_batch public.batches, m jsonb) returns jsonb
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
  perform private.require_grants(p_actor, p_batch, 'certificate.issue', private.device_instant(m));
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

create or replace function private.apply_mutation(p_actor public.users, m jsonb) returns jsonb
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
    when 'independence.declare' then return private.apply_independence(p_actor, batch, m);
    else perform private.refuse('invalid_body', 'The cloud does not know this kind of change.', 'Update the program, or ask an administrator to update the cloud.');
  end case;
  return '[]';
end
$$;
comment on function private.apply_mutation(public.users, jsonb) is 'Applies one local change, or raises why not.';

revoke all on function
  private.grant_state(jsonb, timestamp with time zone), private.grant_is_about(jsonb, jsonb), private.best_state(text[]),
  private.grant_gates(jsonb), private.require_grants(public.users, public.batches, text, timestamp with time zone),
  private.device_instant(jsonb), private.apply_independence(public.users, public.batches, jsonb)
from public, anon, authenticated;
