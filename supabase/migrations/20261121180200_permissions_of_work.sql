-- What a verifier sends is held against the permissions too, so that one that is taken back stops the work it stands for.

create function private.permission_for(m jsonb) returns text
language sql immutable set search_path = '' as $$
  select case m ->> 'kind'
    when 'batch.claim' then 'batch.claim'
    when 'score.set' then 'score.set'
    when 'finding.raise' then 'finding.raise'
    when 'finding.respond' then 'finding.raise'
    when 'finding.close' then 'finding.raise'
    when 'finding.withdraw' then 'finding.raise'
    when 'decision.record' then 'decision.' || (m -> 'payload' ->> 'action')
    when 'certificate.issue' then 'certificate.issue'
  end
$$;
comment on function private.permission_for(jsonb) is 'The permission that a local change needs; null for one that needs none, or is unknown.';

create function private.require_permission_for(p_actor public.users, m jsonb) returns void
language plpgsql stable security definer set search_path = '' as $$
declare
  wanted text := private.permission_for(m);
begin
  -- Only what the role could hold at all: everything else is refused by the rules of the work itself, which say more.
  if wanted is null or private.may(wanted) or not exists (
    select 1 from public.permissions p
    where p.permission = wanted
      and (p_actor.role = any (p.may_be_held_by) or p_actor.role || '/' || p_actor.sub_role = any (p.may_be_held_by))
  ) then
    return;
  end if;
  perform private.refuse('not_permitted',
    format('Your account is not permitted to do this any more (%s).', wanted), 'Ask an administrator; what you did is kept.');
end
$$;
comment on function private.require_permission_for(public.users, jsonb) is 'Refuses a local change whose permission was taken back from its sender''s role.';

create or replace function private.apply_mutation(p_actor public.users, m jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  batch public.batches;
begin
  select b.* into batch from public.batches b where b.id = (m ->> 'batch_id')::uuid;
  -- Without the permission to claim, the pool cannot be read: say why before saying that the batch is not there.
  perform private.require_permission_for(p_actor, m);
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

revoke all on function private.permission_for(jsonb), private.require_permission_for(public.users, jsonb) from public, anon, authenticated;
grant execute on function private.permission_for(jsonb), private.require_permission_for(public.users, jsonb) to service_role;
