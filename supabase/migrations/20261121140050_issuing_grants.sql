-- Who gives grants and takes them back: administrators, a person for their own declarations, and the cloud, which counts rotation.

create function private.require_grant_issuer(p_for uuid) returns uuid
language plpgsql stable security definer set search_path = '' as $$
declare
  issuer public.users := private.require_access();
begin
  if not private.may('access_grant.issue') then
    perform private.refuse_access('not_allowed', 'Only an administrator may do this.', 'Ask an administrator.');
  end if;
  if issuer.id = p_for then
    perform private.refuse_access('four_eyes', 'Nobody issues or revokes a grant of their own.', 'Ask another administrator.');
  end if;
  return issuer.id;
end
$$;
comment on function private.require_grant_issuer(uuid) is 'Id of the signed-in person, who may issue grants and is not the one concerned, or an error.';

create function private.grant_problem(p_kind text, p_subject jsonb) returns text
language plpgsql stable security definer set search_path = '' as $$
declare
  about uuid := private.uuid_or_null(p_subject ->> 'about_id');
begin
  if jsonb_typeof(p_subject) is distinct from 'object' then
    return 'it has no subject';
  end if;
  if p_kind = 'accreditation' then
    if jsonb_typeof(p_subject -> 'standards') is distinct from 'array' or jsonb_array_length(p_subject -> 'standards') = 0 or exists (
      select 1 from jsonb_array_elements(p_subject -> 'standards') s
      where s #>> '{}' not in ('APRS', 'ARCS', 'AEMAS', 'ACCCS', 'AMCAVS', 'PCX')
    ) then
      return 'it names no standard, or one that does not exist';
    end if;
    if btrim(coalesce(p_subject ->> 'body', '')) = '' or btrim(coalesce(p_subject ->> 'number', '')) = '' then
      return 'it does not name the accreditation body and the number';
    end if;
  elsif p_kind = 'rotation' then
    if not exists (
      select 1 from public.users u where u.id = private.uuid_or_null(p_subject ->> 'recycler_id') and u.role = 'recycler'
    ) then
      return 'it names no recycler';
    end if;
    if coalesce(p_subject ->> 'engagements', '') !~ '^[1-9][0-9]{0,5}$' then
      return 'it does not say how many engagements are allowed';
    end if;
  elsif p_kind = 'independence' then
    if coalesce(p_subject ->> 'declaration', '') not in ('none', 'conflict') then
      return 'it does not say whether there is a conflict';
    end if;
    if coalesce(p_subject ->> 'about_kind', '') not in ('recycler', 'organization', 'project')
      or not exists (select 1 from public.users u where u.id = about and u.role = 'recycler' and p_subject ->> 'about_kind' = 'recycler')
      and not exists (select 1 from public.organizations o where o.id = about and p_subject ->> 'about_kind' = 'organization')
      and not exists (select 1 from public.projects p where p.id = about and p_subject ->> 'about_kind' = 'project') then
      return 'it names no recycler, organization or project';
    end if;
  else
    return 'there is no such kind';
  end if;
  return null;
end
$$;
comment on function private.grant_problem(text, jsonb) is 'What is wrong with the subject of a grant, or null.';

create function private.verifications_of(p_user uuid, p_recycler uuid) returns timestamp with time zone[]
language sql stable security definer set search_path = '' as $$
  select coalesce(array_agg(d.received_at order by d.received_at), '{}')
  from public.decisions d
  join public.batches b on b.id = d.batch_id
  where d.actor_id = p_user and d.action = 'verify' and b.user_id = p_recycler
$$;
comment on function private.verifications_of(uuid, uuid) is 'When the cloud received a person''s verifications for one recycler.';

create function public.issue_access_grant(
  p_user uuid, p_kind text, p_subject jsonb, p_valid_from timestamp with time zone, p_valid_until timestamp with time zone
) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  issuer uuid := private.require_grant_issuer(p_user);
  problem text := private.grant_problem(p_kind, p_subject);
  verified timestamp with time zone[];
  subject jsonb;
  made uuid;
begin
  if p_kind = 'independence' then
    problem := 'a person declares it themselves';
  elsif problem is null and (p_valid_until is null or p_valid_from is null or p_valid_until <= p_valid_from) then
    problem := 'it does not end after it begins';
  elsif problem is null and not exists (
    select 1 from public.users u where u.id = p_user and u.role = 'verifier' and u.approval_status = 'approved'
  ) then
    problem := 'the person is no approved verifier';
  end if;
  if problem is not null then
    raise exception using errcode = 'PT422', message = format('The grant cannot be issued: %s.', problem),
      detail = 'invalid_grant', hint = 'Correct it and issue it again.';
  end if;
  if p_kind = 'accreditation' then
    subject := jsonb_build_object('standards', (
        select jsonb_agg(distinct s order by s) from jsonb_array_elements_text(p_subject -> 'standards') s
      ), 'body', btrim(p_subject ->> 'body'), 'number', btrim(p_subject ->> 'number'));
  else
    verified := private.verifications_of(p_user, (p_subject ->> 'recycler_id')::uuid);
    subject := jsonb_build_object('recycler_id', (p_subject ->> 'recycler_id')::uuid, 'engagements', (p_subject ->> 'engagements')::integer,
      'counted', cardinality(verified), 'counted_at', private.instant_text(now()));
    update public.access_grants g
    set revoked_at = now(), revoked_by = issuer, revocation_reason = 'Replaced by a newer one'
    where g.user_id = p_user and g.kind = 'rotation' and g.revoked_at is null and g.subject ->> 'recycler_id' = p_subject ->> 'recycler_id';
  end if;
  insert into public.access_grants (user_id, kind, subject, valid_from, valid_until, issued_by)
  values (p_user, p_kind, subject, p_valid_from, p_valid_until, issuer)
  returning id into made;
  return made;
end
$$;
comment on function public.issue_access_grant(uuid, text, jsonb, timestamp with time zone, timestamp with time zone) is
  'Issues an accreditation or a rotation limit to another person; it is in force once it is signed. Returns its id.';

create function private.declare(p_actor uuid, p_id uuid, p_subject jsonb, p_from timestamp with time zone) returns uuid
language plpgsql security definer set search_path = '' as $$
begin
  if p_subject ->> 'declaration' = 'none' and exists (
    select 1 from public.access_grants g
    where g.user_id = p_actor and g.kind = 'independence' and g.revoked_at is null and g.valid_until > now()
      and g.subject ->> 'declaration' = 'conflict'
      and g.subject ->> 'about_kind' = p_subject ->> 'about_kind' and g.subject ->> 'about_id' = p_subject ->> 'about_id'
  ) then
    perform private.refuse('conflict_declared', 'You declared a conflict of interest here, which stays until an administrator has looked at it.',
      'Ask an administrator to revoke that declaration first.');
  end if;
  update public.access_grants g
  set revoked_at = now(), revoked_by = p_actor, revocation_reason = 'Replaced by a newer declaration'
  where g.user_id = p_actor and g.kind = 'independence' and g.revoked_at is null
    and g.subject ->> 'about_kind' = p_subject ->> 'about_kind' and g.subject ->> 'about_id' = p_subject ->> 'about_id';
  insert into public.access_grants (id, user_id, kind, subject, valid_from, valid_until, issued_by)
  values (
    p_id, p_actor, 'independence', p_subject, date_trunc('milliseconds', least(p_from, now())),
    date_trunc('milliseconds', least(p_from, now())) + interval '1 year', p_actor
  );
  return p_id;
end
$$;
comment on function private.declare(uuid, uuid, jsonb, timestamp with time zone) is
  'Records a declaration that was checked, for a year from when it was made, in the place of the person''s earlier one about the same. Only an administrator lifts a conflict.';

create function public.declare_independence(p_about_kind text, p_about_id uuid, p_declaration text, p_statement text) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  person public.users := private.require_access();
  subject jsonb := jsonb_build_object('declaration', p_declaration, 'about_kind', p_about_kind, 'about_id', p_about_id,
    'statement', left(btrim(coalesce(p_statement, '')), 2000));
  problem text := private.grant_problem('independence', subject);
begin
  if person.role <> 'verifier' then
    perform private.refuse_access('not_allowed', 'Only verifiers declare their independence.', 'Leave it to the verifier.');
  end if;
  if problem is not null then
    raise exception using errcode = 'PT422', message = format('The declaration cannot be kept: %s.', problem),
      detail = 'invalid_grant', hint = 'Correct it and declare it again.';
  end if;
  return private.declare(person.id, gen_random_uuid(), subject, now());
end
$$;
comment on function public.declare_independence(text, uuid, text, text) is
  'A verifier''s own declaration about a recycler, organization or project: none (no conflict, for a year) or conflict, which blocks. Returns its id.';

create function public.revoke_access_grant(p_grant uuid, p_reason text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  held public.access_grants;
  revoker uuid;
begin
  perform private.require_access();
  select g.* into held from public.access_grants g where g.id = p_grant for update;
  revoker := private.require_grant_issuer(held.user_id);
  if held.id is null or held.revoked_at is not null or btrim(coalesce(p_reason, '')) = '' then
    raise exception using errcode = 'PT422', message = 'There is no such grant in force, or no reason was given.',
      detail = 'invalid_request', hint = 'Name a grant that is not revoked yet, and say why.';
  end if;
  update public.access_grants g
  set revoked_at = now(), revoked_by = revoker, revocation_reason = left(btrim(p_reason), 500)
  where g.id = p_grant;
end
$$;
comment on function public.revoke_access_grant(uuid, text) is 'Ends another person''s grant at once, with a reason.';

create function public.change_gate_rule(p_standard text, p_action text, p_gate text, p_required boolean) returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform private.require_administration();
  update public.gate_rules r set required = p_required
  where r.standard = p_standard and r.action = p_action and r.gate = p_gate;
  if not found then
    raise exception using errcode = 'PT422', message = 'There is no such rule.', detail = 'invalid_request',
      hint = 'Name a standard, an action and a gate.';
  end if;
end
$$;
comment on function public.change_gate_rule(text, text, text, boolean) is 'Switches on or off what an action needs for a standard.';

-- Rotation is counted by the cloud from the first assignment of an auditor to a recycler's batch.
create function private.begin_rotation() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if private.in_bulk() then
    return null;
  end if;
  insert into public.access_grants (user_id, kind, subject, valid_from, valid_until)
  select n.user_id, 'rotation', jsonb_build_object('recycler_id', n.recycler_id, 'engagements', p.engagements,
      'counted', cardinality(n.verified), 'counted_at', private.instant_text(now())),
    least(coalesce(n.verified[1], now()), now()), coalesce(n.verified[1], now()) + make_interval(years => p.years)
  from (
    select a.user_id, b.user_id as recycler_id, private.verifications_of(a.user_id, b.user_id) as verified
    from changed a
    join public.batches b on b.id = a.batch_id
    where a.role = 'accredited_auditor'
    group by a.user_id, b.user_id
  ) n
  cross join private.rotation_policy p
  order by n.user_id, n.recycler_id
  on conflict (user_id, (subject ->> 'recycler_id')) where kind = 'rotation' and revoked_at is null do nothing;
  return null;
end
$$;
comment on function private.begin_rotation() is 'Gives an auditor who is assigned to a recycler''s batch the limit of the rotation policy, unless there is one.';
create trigger rotation_assignments_insert after insert on public.assignments
  referencing new table as changed for each statement execute function private.begin_rotation();

-- Signing, by the service alone.
create function public.unsigned_access_grants(p_limit integer default 100) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_object('id', g.id, 'body', g.body) order by g.issued_at, g.id), '[]')
  from (
    select n.id, n.body, n.issued_at from public.access_grants n
    where n.signature is null and n.revoked_at is null
    order by n.issued_at, n.id
    limit least(greatest(coalesce(p_limit, 100), 1), 500)
  ) g
$$;
comment on function public.unsigned_access_grants(integer) is 'Grants that wait for a signature, oldest first, with the text to sign.';

create function public.store_access_grant_signature(p_grant uuid, p_body text, p_key_id text, p_signature text) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  if not exists (select 1 from public.grant_keys k where k.key_id = p_key_id and k.retired_at is null and k.valid_from <= now()) then
    raise exception using errcode = 'PT422', message = 'This key does not sign grants.', detail = 'unknown_key',
      hint = 'Add its public half to grant_keys, or sign with the key that is there.';
  end if;
  update public.access_grants g set key_id = p_key_id, signature = p_signature
  where g.id = p_grant and g.body = p_body and g.signature is null;
  return found;
end
$$;
comment on function public.store_access_grant_signature(uuid, text, text, text) is
  'Keeps the signature of a grant; false where the grant has one already or another text was signed.';

revoke all on function
  private.require_grant_issuer(uuid), private.grant_problem(text, jsonb),
  private.verifications_of(uuid, uuid), private.declare(uuid, uuid, jsonb, timestamp with time zone), private.begin_rotation(),
  public.issue_access_grant(uuid, text, jsonb, timestamp with time zone, timestamp with time zone),
  public.declare_independence(text, uuid, text, text), public.revoke_access_grant(uuid, text),
  public.change_gate_rule(text, text, text, boolean), public.unsigned_access_grants(integer),
  public.store_access_grant_signature(uuid, text, text, text)
from public, anon, authenticated;
grant execute on function
  public.issue_access_grant(uuid, text, jsonb, timestamp with time zone, timestamp with time zone),
  public.declare_independence(text, uuid, text, text), public.revoke_access_grant(uuid, text),
  public.change_gate_rule(text, text, text, boolean)
to authenticated, service_role;
grant execute on function public.unsigned_access_grants(integer), public.store_access_grant_signature(uuid, text, text, text)
to service_role;
