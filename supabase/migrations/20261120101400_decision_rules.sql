-- The rules of a decision: transitions, four eyes, findings that block, and the score. Written again from shared/domain.

create function private.decision_transition(p_from text, p_action text, p_role text, p_sub_role text) returns text
language sql immutable set search_path = '' as $$
  select t.to_status
  from (values
    ('claim', 'pending', 'under_review', 'verifier', 'desk_verifier'),
    ('claim', 'pending', 'under_review', 'verifier', 'accredited_auditor'),
    ('approve', 'under_review', 'approved', 'verifier', 'desk_verifier'),
    ('reject', 'under_review', 'rejected', 'verifier', 'desk_verifier'),
    ('request_changes', 'under_review', 'changes_requested', 'verifier', 'desk_verifier'),
    ('verify', 'approved', 'verified', 'verifier', 'accredited_auditor'),
    ('reject', 'approved', 'rejected', 'verifier', 'accredited_auditor'),
    ('request_changes', 'approved', 'changes_requested', 'verifier', 'accredited_auditor'),
    ('resubmit', 'changes_requested', 'under_review', 'recycler', null),
    ('retire', 'verified', 'retired', 'buyer', null)
  ) as t (action, from_status, to_status, role, sub_role)
  where t.from_status = p_from and t.action = p_action and t.role = p_role
    and (t.sub_role is null or t.sub_role = p_sub_role)
$$;
comment on function private.decision_transition(text, text, text, text) is
  'Where an action leads from a state for a role and kind of verifier; null where it is not allowed. The same table as shared/domain/transitions.ts.';

create function private.refuse(p_code text, p_message text, p_action text) returns void
language plpgsql set search_path = '' as $$
begin
  raise exception using errcode = 'PT422', message = p_message, detail = p_code, hint = p_action;
end
$$;
comment on function private.refuse(text, text, text) is 'Rejects one local change: a machine code, a sentence, what to do.';

create function private.contradict(p_code text, p_message text, p_action text) returns void
language plpgsql set search_path = '' as $$
begin
  raise exception using errcode = 'PT409', message = p_message, detail = p_code, hint = p_action;
end
$$;
comment on function private.contradict(text, text, text) is 'Reports one local change as in conflict with the cloud''s row.';

create function private.require_four_eyes(p_actor public.users, p_batch public.batches, p_action text) returns void
language plpgsql stable security definer set search_path = '' as $$
declare
  approver uuid;
begin
  if p_actor.id = p_batch.user_id then
    perform private.refuse('four_eyes', 'You submitted this batch, so you do not decide on it.', 'Leave it to another verifier.');
  end if;
  if p_actor.organization_id is not null and exists (
    select 1 from public.users u where u.id = p_batch.user_id and u.organization_id = p_actor.organization_id
  ) then
    perform private.refuse('four_eyes', 'You work for the organization that submitted this batch.', 'Ask an administrator to assign an independent verifier.');
  end if;
  if p_action <> 'verify' then
    return;
  end if;
  select d.actor_id into approver
  from public.decisions d
  where d.batch_id = p_batch.id and d.action = 'approve'
  order by d.received_at desc, d.id desc
  limit 1;
  if approver = p_actor.id then
    perform private.refuse('four_eyes', 'You approved this batch, so another auditor verifies it.', 'Ask an administrator to assign another auditor.');
  end if;
end
$$;
comment on function private.require_four_eyes(public.users, public.batches, text) is
  'Nobody decides on a batch of their own or of their own organization; nobody verifies what they approved.';

create function private.require_no_blocking_findings(p_batch uuid) returns void
language plpgsql stable security definer set search_path = '' as $$
declare
  blocking integer;
begin
  select count(*) into blocking
  from public.findings f
  where f.batch_id = p_batch and f.kind in ('car', 'cl') and f.status in ('open', 'answered');
  if blocking > 0 then
    perform private.refuse('open_findings',
      format('%s corrective action or clarification requests are still open.', blocking),
      'Close or withdraw them, or request changes.');
  end if;
end
$$;
comment on function private.require_no_blocking_findings(uuid) is 'Open or merely answered cars and cls forbid a positive decision.';

create function private.mean_score(p_total bigint, p_weights bigint) returns integer
language sql immutable set search_path = '' as $$
  select case when p_weights > 0 then (
    select (q + case when 2 * r > p_weights or (2 * r = p_weights and q % 2 = 1) then 1 else 0 end)::integer
    from (select p_total * 100 / p_weights as q, p_total * 100 % p_weights as r) d
  ) end
$$;
comment on function private.mean_score(bigint, bigint) is
  'Weighted mean in hundredths from the sum of points times weights and the sum of weights: integers, half to even.';

create function private.batch_score(p_batch uuid, p_verifier uuid, p_rubric uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  with criteria as (
    select c ->> 'code' as code, (c ->> 'weight')::bigint as weight, (c ->> 'knock_out')::boolean as knock_out,
      c ->> 'not_applicable' = 'with_reason' as excusable
    from public.rubrics r
    cross join lateral jsonb_array_elements(r.body -> 'criteria') as c
    where r.id = p_rubric
  ), marked as (
    select c.*, s.points,
      s.points is null and c.excusable and btrim(coalesce(s.not_applicable_reason, '')) <> '' as excused
    from criteria c
    left join public.scores s
      on s.batch_id = p_batch and s.verifier_id = p_verifier and s.rubric_id = p_rubric and s.criterion_code = c.code
  )
  select jsonb_build_object(
    'hundredths', private.mean_score(
      (sum(points * weight) filter (where points is not null))::bigint,
      (sum(weight) filter (where points is not null))::bigint
    ),
    'missing', coalesce(jsonb_agg(code order by code) filter (where points is null and not excused), '[]'),
    'knocked_out', coalesce(jsonb_agg(code order by code) filter (where knock_out and points = 0), '[]')
  )
  from marked
$$;
comment on function private.batch_score(uuid, uuid, uuid) is
  'A verifier''s score of a batch by a rubric: the mean in hundredths, criteria without a mark, and knock-outs with zero points.';
