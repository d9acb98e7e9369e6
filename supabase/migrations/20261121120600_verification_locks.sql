-- A verification counts in its project's totals, so that a call locks the projects of what it verifies beforehand, in the order of
-- their ids: two calls that verify batches of the same projects in another order would lock each other out.

create or replace function public.sync_push(p_mutations jsonb) returns jsonb
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
  -- One order of locks for everybody: batches by id, then by id the projects of those that leave the pool or begin to give credits,
  -- which their project sums up.
  touched := array(
    select distinct private.uuid_or_null(e ->> 'batch_id') from jsonb_array_elements(p_mutations) e
  );
  perform private.lock_batches(touched);
  perform private.lock_projects(array(
    select distinct b.project_id
    from jsonb_array_elements(p_mutations) e
    join public.batches b on b.id = private.uuid_or_null(e ->> 'batch_id')
    where e ->> 'kind' = 'batch.claim' or (e ->> 'kind' = 'decision.record' and e -> 'payload' ->> 'action' = 'verify')
  ));
  for m in select e from jsonb_array_elements(p_mutations) with ordinality as t (e, o) order by o loop
    results := results || private.push_one(actor, m);
  end loop;
  return results;
end
$$;
comment on function public.sync_push(jsonb) is
  'Applies up to 100 local changes in order, each once: applied, duplicate, conflict or rejected, in the order sent.';
