-- Retiring has a limit of its own, as buying has: each retirement locks its batch and makes a certificate's number.

insert into public.rate_limits (endpoint, subject_kind, max_requests, window_seconds) values ('retire_credits', 'person', 30, 60)
on conflict (endpoint, subject_kind) do nothing;

create or replace function public.retire_credits(p_batch uuid, p_plastic numeric, p_carbon numeric, p_reason text, p_idempotency_key text)
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
  perform private.take_rate(auth.uid()::text, 'retire_credits');
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
