-- What every claim and every decision calls, some of it twenty times: a function in SQL that pins its search path is planned at every call, one
-- in PL/pgSQL keeps its plan, or needs none for a plain expression. The bodies say the same as before.

create or replace function private.in_bulk() returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return coalesce(pg_catalog.current_setting('veridesk.bulk', true), '') = 'on' and auth.uid() is null;
end
$$;

create or replace function private.uuid_or_null(p_text text) returns uuid
language plpgsql immutable set search_path = '' as $$
begin
  return case
    when p_text ~ '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$' then p_text::uuid
  end;
end
$$;

create or replace function private.session_id() returns uuid
language plpgsql stable set search_path = '' as $$
begin
  return private.uuid_or_null(auth.jwt() ->> 'session_id');
end
$$;

create or replace function private.needs_trust(p_user uuid) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (
    select 1
    from public.users u
    join public.device_rules r on r.organization_id = u.organization_id and r.trust_required
    where u.id = p_user
  );
end
$$;

create or replace function private.credits_of(p_batch public.batches) returns numeric
language plpgsql immutable set search_path = '' as $$
begin
  return case
    when p_batch.status in ('verified', 'retired') then p_batch.calculated_plastic_credits + p_batch.calculated_carbon_credits
    else 0
  end;
end
$$;

create or replace function private.permission_for(m jsonb) returns text
language plpgsql immutable set search_path = '' as $$
begin
  return case m ->> 'kind'
    when 'batch.claim' then 'batch.claim'
    when 'score.set' then 'score.set'
    when 'finding.raise' then 'finding.raise'
    when 'finding.respond' then 'finding.raise'
    when 'finding.close' then 'finding.raise'
    when 'finding.withdraw' then 'finding.raise'
    when 'decision.record' then 'decision.' || (m -> 'payload' ->> 'action')
    when 'certificate.issue' then 'certificate.issue'
  end;
end
$$;

create or replace function private.decision_transition(p_from text, p_action text, p_role text, p_sub_role text) returns text
language plpgsql immutable set search_path = '' as $$
begin
  return (
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
  );
end
$$;

create or replace function private.mean_score(p_total bigint, p_weights bigint) returns integer
language plpgsql immutable set search_path = '' as $$
declare
  q bigint;
  r bigint;
begin
  if p_total is null or p_weights is null or p_weights <= 0 then
    return null;
  end if;
  q := p_total * 100 / p_weights;
  r := p_total * 100 % p_weights;
  return q + case when 2 * r > p_weights or (2 * r = p_weights and q % 2 = 1) then 1 else 0 end;
end
$$;

create or replace function private.batch_score(p_batch uuid, p_verifier uuid, p_rubric uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
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
  );
end
$$;

create or replace function private.verifications_of(p_user uuid, p_recycler uuid) returns timestamp with time zone[]
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select coalesce(array_agg(d.received_at order by d.received_at), '{}')
    from public.decisions d
    join public.batches b on b.id = d.batch_id
    where d.actor_id = p_user and d.action = 'verify' and b.user_id = p_recycler
  );
end
$$;

create or replace function private.listened_events() returns text[]
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select coalesce(array_agg(distinct e), '{}')
    from public.webhooks w, unnest(w.events) e
    where w.is_active and w.deleted_at is null
  );
end
$$;

-- Row by row through indexes, whatever the plan was made for.
create or replace function private.keep_taken_from_pool(p_batches uuid[]) returns void
language plpgsql security definer set search_path = '' as $$
declare
  taken uuid[];
begin
  -- Whoever writes assignments of a batch waits here for others who do, so that both are seen.
  perform 1 from public.batches b where b.id = any (p_batches) order by b.id for no key update;
  taken := array(
    select b.id from public.batches b
    where b.id = any (p_batches) and b.status = 'pending'
      and (select true from public.assignments a where a.batch_id = b.id and a.ended_at is null limit 1)
    order by b.id
  );
  insert into private.taken_from_pool (batch_id)
  select t.id from unnest(taken) as t (id)
  on conflict (batch_id) do nothing;
  delete from private.taken_from_pool t
  where t.batch_id = any (p_batches) and not exists (select 1 from unnest(taken) as still (id) where still.id = t.batch_id);
end
$$;

-- Left to choose, the server planned the feed's largest statements anew for every decision, since a plan made for one batch looks cheaper than
-- the kept one for any few; making it took longer than running it.
create or replace function private.plan_for(p_rows integer) returns void
language plpgsql set search_path = '' as $$
declare
  wanted text := case when p_rows > 32 then 'force_custom_plan' else 'force_generic_plan' end;
begin
  if pg_catalog.current_setting('plan_cache_mode') <> wanted then
    perform pg_catalog.set_config('plan_cache_mode', wanted, true);
  end if;
end
$$;
comment on function private.plan_for(integer) is
  'Chooses for the rest of the transaction how the feed''s statements are planned: anew for many rows, as kept for few.';

-- A plan that is kept may have been made while a table was young and looked as if reading all of it were cheap. Everything that these functions look
-- for has an index.
do $$
declare
  f regprocedure;
begin
  foreach f in array array[
    'private.move_batches(uuid[])', 'private.keep_taken_from_pool(uuid[])', 'private.lock_batches(uuid[])', 'private.lock_projects(uuid[])',
    'private.feed_batches_updated()', 'private.feed_batch_parts()', 'private.feed_assignments()'
  ]::regprocedure[] loop
    execute format('alter function %s set enable_seqscan = off', f);
  end loop;
end
$$;
