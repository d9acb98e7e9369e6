-- Buying: a purchase reserves its credits at the price of the moment, until it is paid for or half an hour has passed.

create function private.as_credits(p_value numeric, p_least numeric) returns numeric
language plpgsql immutable set search_path = '' as $$
begin
  -- NaN is more than any number here, so the upper bound refuses it too.
  if p_value is null or not (p_value >= p_least and p_value < 100000000) or p_value <> round(p_value, 2) then
    raise exception using errcode = 'PT400',
      message = format('Credits are a number from %s to 99999999.99 with at most two places.', p_least),
      detail = 'invalid_amount', hint = 'Correct the amount.';
  end if;
  return round(p_value, 2);
end
$$;
comment on function private.as_credits(numeric, numeric) is 'An amount of credits with two places, or 400 invalid_amount; never rounded.';

create function private.require_key(p_key text) returns void
language plpgsql immutable set search_path = '' as $$
begin
  if p_key is null or length(p_key) not between 1 and 200 then
    raise exception using errcode = 'PT400', message = 'The request has no key that a repetition would be known by.',
      detail = 'idempotency_key_missing', hint = 'Send an idempotency key of 1 to 200 characters, the same for every repetition.';
  end if;
end
$$;
comment on function private.require_key(text) is 'Refuses a request without an idempotency key.';

create function private.purchase_body(p public.credit_purchases) returns jsonb
language sql volatile set search_path = '' as $$
  select jsonb_build_object(
    'id', p.id, 'buyer_id', p.buyer_id, 'batch_id', p.batch_id, 'amount', p.amount::text,
    'price_per_credit', p.price_per_credit::text, 'total_amount', p.total_amount::text, 'payment_status', p.payment_status,
    'payment_method', p.payment_method, 'transaction_id', p.transaction_id, 'reserved_until', p.reserved_until,
    'expired', p.payment_status = 'pending' and p.reserved_until <= clock_timestamp(),
    'failure_reason', p.failure_reason, 'refund_due', p.refund_due, 'created_at', p.created_at, 'version', p.version
  )
$$;
comment on function private.purchase_body(public.credit_purchases) is 'A purchase as functions answer it; decimals are text with two places.';

create function public.credit_offer(p_batch uuid) returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
declare
  batch public.batches;
  price numeric;
  open boolean;
begin
  perform private.require_access();
  select b.* into batch from public.batches b where b.id = p_batch;
  if batch.id is null or not (
    (private.may('credits.buy') and batch.status in ('verified', 'retired')) or private.can_read_batch(p_batch)
  ) then
    raise exception using errcode = 'PT404', message = 'There is no such batch.', detail = 'not_found', hint = 'Choose another batch.';
  end if;
  select p.credit_price, p.status = 'active' into price, open from public.projects p where p.id = batch.project_id;
  return jsonb_build_object(
    'batch_id', batch.id, 'batch_hash', batch.batch_hash, 'standard', batch.standard, 'status', batch.status,
    'price_per_credit', price::text,
    'credits', private.credits_of(batch)::text,
    'credits_left', greatest(private.credits_of(batch) - private.credits_taken(batch.id), 0)::text,
    'for_sale', open and coalesce(price > 0, false) and batch.status = 'verified'
  );
end
$$;
comment on function public.credit_offer(uuid) is
  'What a batch costs and how many of its credits are neither sold nor reserved, for buyers and for whoever reads the batch.';

create function public.create_purchase(
  p_batch uuid, p_amount numeric, p_payment_method text, p_idempotency_key text, p_expected_price numeric default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  buyer public.users := private.require_permission('credits.buy');
  wanted numeric := private.as_credits(p_amount, 0.01);
  batch public.batches;
  project public.projects;
  made public.credit_purchases;
  remaining numeric;
begin
  -- Defined with the other limits in a later file.
  perform private.take_rate(auth.uid()::text, 'create_purchase');
  perform private.require_key(p_idempotency_key);
  if p_payment_method is null or p_payment_method !~ '^[A-Za-z0-9_-]{1,50}$' then
    raise exception using errcode = 'PT400', message = 'The purchase names no method of payment.', detail = 'invalid_request',
      hint = 'Send a method of letters, digits, hyphens and underscores.';
  end if;
  perform private.lock_batches(array[p_batch]);
  select c.* into made from public.credit_purchases c where c.buyer_id = buyer.id and c.idempotency_key = p_idempotency_key;
  if made.id is null then
    select b.* into batch from public.batches b where b.id = p_batch and b.status in ('verified', 'retired');
    if batch.id is null then
      raise exception using errcode = 'PT404', message = 'There is no such batch among those that may be bought.',
        detail = 'not_found', hint = 'Choose a verified batch.';
    end if;
    select p.* into project from public.projects p where p.id = batch.project_id;
    if batch.status = 'retired' or project.status <> 'active' or not coalesce(project.credit_price > 0, false) then
      perform private.contradict('not_for_sale', 'The credits of this batch are not for sale.', 'Choose another batch.');
    end if;
    if p_expected_price is not null and p_expected_price is distinct from project.credit_price then
      perform private.contradict('price_changed',
        format('A credit of this batch costs %s, not %s.', project.credit_price, p_expected_price), 'Look at the offer again.');
    end if;
    if private.half_even(wanted * project.credit_price) not between 0.01 and 99999999.99 then
      raise exception using errcode = 'PT400', message = 'The purchase costs too little or too much to be paid at once.',
        detail = 'invalid_amount', hint = 'Buy more credits, or buy in several parts.';
    end if;
    remaining := private.credits_of(batch) - private.credits_taken(batch.id);
    if wanted > remaining then
      perform private.contradict('not_enough_credits',
        format('%s credits of this batch are left.', greatest(remaining, 0)), 'Take fewer, or choose another batch.');
    end if;
    if (
      select count(*) >= 20 from public.credit_purchases c
      where c.buyer_id = buyer.id and c.payment_status = 'pending' and c.reserved_until > clock_timestamp()
    ) then
      raise exception using errcode = 'PT429', message = 'Twenty purchases of this account wait for their payment.',
        detail = 'too_many_pending', hint = 'Pay them, or wait until they expire after half an hour.';
    end if;
    insert into public.credit_purchases (
      buyer_id, batch_id, amount, price_per_credit, total_amount, payment_method, idempotency_key, reserved_until
    )
    values (
      buyer.id, batch.id, wanted, project.credit_price, private.half_even(wanted * project.credit_price), p_payment_method,
      p_idempotency_key, clock_timestamp() + interval '30 minutes'
    )
    on conflict (buyer_id, idempotency_key) do nothing
    returning * into made;
    if made.id is not null then
      perform private.enqueue_job('purchase.expire', '{}', 'purchase.expire:' || made.id, 0, made.reserved_until + interval '1 second');
      return private.purchase_body(made) || '{"repeated": false}';
    end if;
    -- The same key came in at the same time for another batch.
    select c.* into made from public.credit_purchases c where c.buyer_id = buyer.id and c.idempotency_key = p_idempotency_key;
  end if;
  if (made.batch_id, made.amount, made.payment_method) is distinct from (p_batch, wanted, p_payment_method)
    or (p_expected_price is not null and p_expected_price is distinct from made.price_per_credit) then
    perform private.contradict('idempotency_conflict',
      'This key was used for another purchase.', 'Use a new key for every purchase.');
  end if;
  return private.purchase_body(made) || '{"repeated": true}';
end
$$;
comment on function public.create_purchase(uuid, numeric, text, text, numeric) is
  'Reserves credits of a verified batch for half an hour at the project''s price of the moment, which must be the expected one where that is given. The same key again answers with the same purchase.';

create function public.name_transaction(p_purchase uuid, p_transaction_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  made public.credit_purchases;
begin
  if p_transaction_id is null or p_transaction_id !~ '^[!-~]{1,200}$' then
    raise exception using errcode = 'PT400', message = 'The transaction has no name.', detail = 'invalid_request',
      hint = 'Send the provider''s name of it.';
  end if;
  perform private.lock_batches(array(select c.batch_id from public.credit_purchases c where c.id = p_purchase));
  update public.credit_purchases c set transaction_id = coalesce(c.transaction_id, p_transaction_id)
  where c.id = p_purchase
  returning * into made;
  if made.id is null then
    raise exception using errcode = 'PT404', message = 'There is no such purchase.', detail = 'not_found', hint = 'Check its id.';
  end if;
  return private.purchase_body(made);
exception
  when unique_violation then
    perform private.contradict('transaction_taken', 'Another purchase has this transaction.', 'Begin the payment again.');
    return null;
end
$$;
comment on function public.name_transaction(uuid, text) is
  'For the service: the payment provider''s name of a purchase. The first one stays and is answered.';

create table private.payment_callbacks (
  signature text primary key check (length(signature) between 1 and 200),
  received_at timestamp with time zone not null default now()
);
comment on table private.payment_callbacks is 'Signatures of callbacks that were acted on, so that none is acted on twice. Kept for a day.';
create index payment_callbacks_received_at on private.payment_callbacks (received_at);
alter table private.payment_callbacks enable row level security;

create function public.settle_purchase(p_transaction_id text, p_payment_status text, p_callback_signature text default null)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  made public.credit_purchases;
  batch public.batches;
begin
  if p_payment_status is null or p_payment_status not in ('completed', 'failed', 'refunded') then
    raise exception using errcode = 'PT400', message = 'A purchase is settled as completed, failed or refunded.',
      detail = 'invalid_request', hint = 'Send one of them.';
  end if;
  select c.* into made from public.credit_purchases c where c.transaction_id = p_transaction_id;
  if made.id is null then
    raise exception using errcode = 'PT404', message = 'There is no purchase with this transaction.',
      detail = 'not_found', hint = 'Check the name of the transaction.';
  end if;
  perform private.lock_batches(array[made.batch_id]);
  if p_callback_signature is not null then
    delete from private.payment_callbacks k where k.received_at < now() - interval '1 day';
    insert into private.payment_callbacks (signature) values (p_callback_signature) on conflict do nothing;
    if not found then
      perform private.contradict('replayed', 'This callback was received before.', 'Nothing needs to be done.');
    end if;
  end if;
  select b.* into batch from public.batches b where b.id = made.batch_id;
  select c.* into made from public.credit_purchases c where c.id = made.id for update;
  if made.payment_status = p_payment_status or (made.refund_due and p_payment_status = 'completed') then
    return private.purchase_body(made);
  end if;
  if p_payment_status = 'completed' and made.payment_status in ('pending', 'failed') then
    if made.amount <= private.credits_of(batch) - private.credits_taken(batch.id, made.id) then
      update public.credit_purchases c set payment_status = 'completed', failure_reason = null, settled_at = now()
      where c.id = made.id returning * into made;
    else
      -- Paid after the reservation had ended, and somebody else has the credits by now: the money goes back.
      update public.credit_purchases c
      set payment_status = 'failed', failure_reason = 'sold_out', refund_due = true, settled_at = now()
      where c.id = made.id returning * into made;
      perform private.enqueue_job('purchase.refund', jsonb_build_object('transaction_id', made.transaction_id), 'purchase.refund:' || made.id, 10);
    end if;
  elsif p_payment_status = 'failed' and made.payment_status = 'pending' then
    update public.credit_purchases c set payment_status = 'failed', failure_reason = 'declined', settled_at = now()
    where c.id = made.id returning * into made;
  elsif p_payment_status = 'refunded' and (made.payment_status = 'completed' or made.refund_due) then
    if made.payment_status = 'completed'
      and private.retired_by(batch.id, made.buyer_id) > private.bought_by(batch.id, made.buyer_id) - made.amount then
      perform private.contradict('already_retired',
        'Credits of this purchase were retired and cannot be given back.', 'Refund the rest by agreement.');
    end if;
    update public.credit_purchases c set payment_status = 'refunded', refund_due = false, settled_at = now()
    where c.id = made.id returning * into made;
  else
    perform private.contradict('already_settled',
      format('The purchase is %s and does not become %s.', made.payment_status, p_payment_status), 'Read the purchase again.');
  end if;
  return private.purchase_body(made);
end
$$;
comment on function public.settle_purchase(text, text, text) is
  'For the service: what became of a payment. Repeating it changes nothing. A payment that comes after its reservation ended is completed while there are credits, else it fails with refund_due.';

create function public.expire_purchases() returns integer
language plpgsql security definer set search_path = '' as $$
declare
  due uuid[];
  expired integer;
begin
  due := array(
    select c.id from public.credit_purchases c
    where c.payment_status = 'pending' and c.reserved_until <= clock_timestamp()
    order by c.reserved_until
    limit 500
  );
  perform private.lock_batches(array(select distinct c.batch_id from public.credit_purchases c where c.id = any (due)));
  update public.credit_purchases c set payment_status = 'failed', failure_reason = 'expired', settled_at = now()
  where c.id = any (due) and c.payment_status = 'pending' and c.reserved_until <= clock_timestamp();
  get diagnostics expired = row_count;
  return expired;
end
$$;
comment on function public.expire_purchases() is
  'For the service: marks reservations that ended, up to 500 at once, and returns how many. They held no credits any more.';

revoke all on private.payment_callbacks from public, anon, authenticated;
grant all on private.payment_callbacks to service_role;
revoke all on function
  private.as_credits(numeric, numeric), private.require_key(text),
  private.purchase_body(public.credit_purchases), public.credit_offer(uuid),
  public.create_purchase(uuid, numeric, text, text, numeric), public.name_transaction(uuid, text),
  public.settle_purchase(text, text, text), public.expire_purchases()
from public, anon, authenticated;
grant execute on function
  private.as_credits(numeric, numeric), private.require_key(text),
  private.purchase_body(public.credit_purchases), public.credit_offer(uuid),
  public.create_purchase(uuid, numeric, text, text, numeric), public.name_transaction(uuid, text),
  public.settle_purchase(text, text, text), public.expire_purchases()
to service_role;
grant execute on function public.credit_offer(uuid), public.create_purchase(uuid, numeric, text, text, numeric) to authenticated;
