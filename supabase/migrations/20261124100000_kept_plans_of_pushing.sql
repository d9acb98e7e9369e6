-- What a push of many changes spent beside its work. The bodies say the same as before, and are kept plans where they were planned at every call.

-- The answers of a call were put into one JSON value one by one, which was copied whole for each.
create or replace function private.apply_changes(p_actor public.users, p_mutations jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  results jsonb[] := '{}';
  m jsonb;
begin
  -- One order of locks for everybody: batches by id, then by id the projects of those that leave the pool or begin to give credits,
  -- which their project sums up.
  perform private.lock_batches(array(
    select distinct private.uuid_or_null(e ->> 'batch_id') from jsonb_array_elements(p_mutations) e
  ));
  perform private.lock_projects(array(
    select distinct b.project_id
    from jsonb_array_elements(p_mutations) e
    join public.batches b on b.id = private.uuid_or_null(e ->> 'batch_id')
    where e ->> 'kind' = 'batch.claim' or (e ->> 'kind' = 'decision.record' and e -> 'payload' ->> 'action' = 'verify')
  ));
  for m in select e from jsonb_array_elements(p_mutations) with ordinality as t (e, o) order by o loop
    results := array_append(results, private.push_one(p_actor, m));
  end loop;
  return to_jsonb(results);
end
$$;

-- A plan that a session keeps may have been made while the ledger or a table of reviews was young and reading all of it looked cheap: each
-- change then read every one before it. Everything that is looked for here has an index. A reading that is ruled out and yet made, of a table of
-- a few rows, counts as so dear that compiling it would seem to pay.
alter function private.apply_changes(public.users, jsonb) set enable_seqscan = off;
alter function private.apply_changes(public.users, jsonb) set jit = off;

create or replace function private.rows_now(variadic p_keys text[]) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select coalesce(jsonb_agg(private.row_now(split_part(k, '/', 1), split_part(k, '/', 2)::uuid) order by o), '[]')
    from unnest(p_keys) with ordinality as t (k, o)
  );
end
$$;

create or replace function private.push_result(
  p_mutation uuid, p_status text, p_code text, p_message text, p_action text, p_rows jsonb
) returns jsonb
language plpgsql immutable set search_path = '' as $$
begin
  return jsonb_build_object(
    'mutation_id', p_mutation, 'status', p_status, 'code', p_code, 'message', p_message, 'action', p_action, 'rows', p_rows
  );
end
$$;

create or replace function private.rubric_in_force(p_standard text) returns public.rubrics
language plpgsql stable as $$
declare
  rubric public.rubrics;
begin
  select r.* into rubric
  from public.rubrics r
  where r.standard = p_standard and r.published_at is not null
  order by r.revision desc
  limit 1;
  return rubric;
end
$$;
