-- Retiring: a buyer takes credits that they paid for out of circulation. With the last of them the batch itself is retired.

create function private.retirement_body(r public.credit_retirements) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'id', r.id, 'buyer_id', r.buyer_id, 'batch_id', r.batch_id, 'certificate_id', r.certificate_id,
    'plastic_credits_retired', r.plastic_credits_retired::text, 'carbon_credits_retired', r.carbon_credits_retired::text,
    'retirement_date', r.retirement_date, 'retirement_reason', r.retirement_reason, 'certificate_url', r.certificate_url,
    'created_at', r.created_at, 'version', r.version,
    'batch_status', (select b.status from public.batches b where b.id = r.batch_id)
  )
$$;
comment on function private.retirement_body(public.credit_retirements) is
  'A retirement and the state of its batch as functions answer it; decimals are text with two places.';

create function private.retire_batch(p_buyer public.users, p_batch public.batches) returns void
language plpgsql security definer set search_path = '' as $$
declare
  next_status text := private.decision_transition(p_batch.status, 'retire', p_buyer.role, p_buyer.sub_role);
begin
  if next_status is null then
    return;
  end if;
  insert into public.decisions (
    id, batch_id, actor_id, action, from_status, to_status, reason_code, reason, content_hash, decided_at
  )
  values (
    gen_random_uuid(), p_batch.id, p_buyer.id, 'retire', p_batch.status, next_status, 'retired',
    'All credits of the batch are retired.', p_batch.content_hash, now()
  );
  update public.batches b set status = next_status where b.id = p_batch.id;
end
$$;
comment on function private.retire_batch(public.users, public.batches) is 'Records that a batch is retired, as a decision of the buyer who retired the last of it.';

create function public.retire_credits(p_batch uuid, p_plastic numeric, p_carbon numeric, p_reason text, p_idempotency_key text)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  buyer public.users := private.require_permission('credits.retire');
  plastic numeric := private.as_credits(coalesce(p_plastic, 0), 0);
  carbon numeric := private.as_credits(coalesce(p_carbon, 0), 0);
  reason text := nullif(btrim(p_reason), '');
  batch public.batches;
  made public.credit_retirements;
  held numeric;
  gone record;
begin
  perform private.require_key(p_idempotency_key);
  if plastic + carbon = 0 then
    raise exception using errcode = 'PT400', message = 'A retirement needs at least 0.01 credits.', detail = 'invalid_amount',
      hint = 'Say how many plastic or carbon credits.';
  end if;
  if length(reason) > 2000 then
    raise exception using errcode = 'PT400', message = 'The reason has more than 2000 characters.', detail = 'invalid_request',
      hint = 'Shorten it.';
  end if;
  perform private.lock_batches(array[p_batch]);
  select r.* into made from public.credit_retirements r where r.buyer_id = buyer.id and r.idempotency_key = p_idempotency_key;
  if made.id is null then
    select b.* into batch from public.batches b where b.id = p_batch;
    held := private.bought_by(p_batch, buyer.id) - private.retired_by(p_batch, buyer.id);
    if plastic + carbon > held or batch.id is null then
      perform private.contradict('not_bought',
        format('You have %s credits of this batch that are paid for and not retired.', held), 'Retire fewer, or buy more first.');
    end if;
    select coalesce(sum(r.plastic_credits_retired), 0) as plastic, coalesce(sum(r.carbon_credits_retired), 0) as carbon into gone
    from public.credit_retirements r where r.batch_id = p_batch;
    if batch.status <> 'verified' or gone.plastic + plastic > batch.calculated_plastic_credits
      or gone.carbon + carbon > batch.calculated_carbon_credits then
      perform private.contradict('not_enough_credits',
        format('This batch has %s plastic and %s carbon credits left to retire.',
          case when batch.status = 'verified' then greatest(batch.calculated_plastic_credits - gone.plastic, 0) else 0 end,
          case when batch.status = 'verified' then greatest(batch.calculated_carbon_credits - gone.carbon, 0) else 0 end),
        'Look at which kind of credits the batch has.');
    end if;
    insert into public.credit_retirements (
      buyer_id, batch_id, certificate_id, plastic_credits_retired, carbon_credits_retired, retirement_date, retirement_reason,
      idempotency_key
    )
    values (
      buyer.id, p_batch,
      format('RET-%s-%s-%s', batch.standard, to_char(now() at time zone 'utc', 'YYYY'),
        upper(encode(extensions.gen_random_bytes(8), 'hex'))),
      plastic, carbon, (now() at time zone 'utc')::date, reason, p_idempotency_key
    )
    on conflict (buyer_id, idempotency_key) do nothing
    returning * into made;
    if made.id is not null then
      if (gone.plastic + plastic, gone.carbon + carbon)
        = (batch.calculated_plastic_credits, batch.calculated_carbon_credits) then
        perform private.retire_batch(buyer, batch);
      end if;
      return private.retirement_body(made) || '{"repeated": false}';
    end if;
    select r.* into made from public.credit_retirements r where r.buyer_id = buyer.id and r.idempotency_key = p_idempotency_key;
  end if;
  if (made.batch_id, made.plastic_credits_retired, made.carbon_credits_retired) is distinct from (p_batch, plastic, carbon)
    or made.retirement_reason is distinct from reason then
    perform private.contradict('idempotency_conflict',
      'This key was used for another retirement.', 'Use a new key for every retirement.');
  end if;
  return private.retirement_body(made) || '{"repeated": true}';
end
$$;
comment on function public.retire_credits(uuid, numeric, numeric, text, text) is
  'Retires credits that the signed-in buyer paid for and has not retired. The same key again answers with the same retirement.';

create function public.retirement_facts(p_retirement uuid default null, p_certificate_id text default null) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  facts jsonb;
begin
  select jsonb_build_object(
    'retirement_id', r.id, 'certificate_id', r.certificate_id, 'certificate_url', r.certificate_url,
    'retirement_date', r.retirement_date, 'retirement_reason', r.retirement_reason, 'created_at', r.created_at,
    'plastic_credits', r.plastic_credits_retired::text, 'carbon_credits', r.carbon_credits_retired::text,
    'buyer_id', r.buyer_id, 'buyer_name', buyer.name,
    'buyer_organization', coalesce(buyer_listed.organization_name, buyer.organization_name),
    'batch_id', b.id, 'batch_hash', b.batch_hash, 'standard', b.standard,
    'project_name', p.name, 'project_location', p.location,
    'recycler_name', recycler.name,
    'recycler_organization', coalesce(recycler_listed.organization_name, recycler.organization_name)
  )
  into facts
  from public.credit_retirements r
  join public.batches b on b.id = r.batch_id
  join public.projects p on p.id = b.project_id
  join public.users buyer on buyer.id = r.buyer_id
  join public.users recycler on recycler.id = b.user_id
  left join public.people buyer_listed on buyer_listed.id = buyer.id
  left join public.people recycler_listed on recycler_listed.id = recycler.id
  where (p_retirement is not null or p_certificate_id is not null)
    and (p_retirement is null or r.id = p_retirement)
    and (p_certificate_id is null or r.certificate_id = p_certificate_id)
    and (auth.uid() is null or (r.buyer_id = auth.uid() and private.is_active_person()));
  if facts is null then
    raise exception using errcode = 'PT404', message = 'There is no such retirement.', detail = 'not_found',
      hint = 'Check the number of the certificate.';
  end if;
  return facts;
end
$$;
comment on function public.retirement_facts(uuid, text) is
  'All that the certificate of a retirement states, for its buyer and for the service.';

create function public.name_certificate(p_retirement uuid, p_certificate_url text) returns text
language plpgsql security definer set search_path = '' as $$
declare
  named text;
begin
  update public.credit_retirements r set certificate_url = coalesce(r.certificate_url, p_certificate_url)
  where r.id = p_retirement
  returning r.certificate_url into named;
  if named is null then
    raise exception using errcode = 'PT404', message = 'There is no such retirement.', detail = 'not_found', hint = 'Check its id.';
  end if;
  return named;
end
$$;
comment on function public.name_certificate(uuid, text) is 'For the service: where the certificate of a retirement lies. The first one stays and is answered.';

revoke all on function
  private.retirement_body(public.credit_retirements), private.retire_batch(public.users, public.batches),
  public.retire_credits(uuid, numeric, numeric, text, text), public.retirement_facts(uuid, text), public.name_certificate(uuid, text)
from public, anon, authenticated;
grant execute on function
  private.retirement_body(public.credit_retirements), private.retire_batch(public.users, public.batches),
  public.retire_credits(uuid, numeric, numeric, text, text), public.retirement_facts(uuid, text), public.name_certificate(uuid, text)
to service_role;
grant execute on function
  public.retire_credits(uuid, numeric, numeric, text, text), public.retirement_facts(uuid, text)
to authenticated;
