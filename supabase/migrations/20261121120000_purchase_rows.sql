-- What a purchase and a retirement are: amounts, reservation, repeated requests, and what of them never changes.

create function private.half_even(p_value numeric) returns numeric
language sql immutable set search_path = '' as $$
  select case
    when abs(p_value * 100 - trunc(p_value * 100)) = 0.5 and trunc(p_value * 100) % 2 = 0 then trunc(p_value, 2)
    else round(p_value, 2)
  end
$$;
comment on function private.half_even(numeric) is 'Rounds to hundredths, a half to the even neighbour, as all figures here are.';

-- The checks name an upper bound because NaN, which decimal columns accept, counts as more than any number.
alter table public.credit_purchases
  alter column payment_status set not null,
  add column idempotency_key text check (length(idempotency_key) between 1 and 200),
  add column reserved_until timestamp with time zone not null default now() + interval '30 minutes',
  add column settled_at timestamp with time zone,
  add column failure_reason text check (failure_reason in ('declined', 'expired', 'sold_out')),
  add column refund_due boolean not null default false,
  add column version integer not null default 1,
  add constraint credit_purchases_amount_positive check (amount > 0 and amount < 100000000),
  add constraint credit_purchases_price_positive check (price_per_credit > 0 and price_per_credit < 100000000),
  add constraint credit_purchases_total_exact check (total_amount > 0 and total_amount = private.half_even(amount * price_per_credit)),
  add constraint credit_purchases_failure_named check (failure_reason is null or payment_status in ('failed', 'refunded')),
  add constraint credit_purchases_refund_due_failed check (not refund_due or payment_status = 'failed'),
  add constraint credit_purchases_once unique (buyer_id, idempotency_key);
create unique index credit_purchases_transaction_id on public.credit_purchases (transaction_id);
create index credit_purchases_pending on public.credit_purchases (reserved_until) where payment_status = 'pending';
comment on column public.credit_purchases.idempotency_key is 'Named by the buyer''s program: the same key again is the same purchase.';
comment on column public.credit_purchases.reserved_until is 'Until when a pending purchase holds its credits.';
comment on column public.credit_purchases.failure_reason is
  'declined by the provider; expired before it was paid; sold_out: paid too late, when the credits were gone.';
comment on column public.credit_purchases.refund_due is 'True while money was taken for credits that could not be given.';

alter table public.credit_retirements
  add column idempotency_key text check (length(idempotency_key) between 1 and 200),
  add column version integer not null default 1,
  add constraint credit_retirements_plastic_not_negative check (plastic_credits_retired >= 0 and plastic_credits_retired < 100000000),
  add constraint credit_retirements_carbon_not_negative check (carbon_credits_retired >= 0 and carbon_credits_retired < 100000000),
  add constraint credit_retirements_something check (plastic_credits_retired + carbon_credits_retired > 0),
  add constraint credit_retirements_once unique (buyer_id, idempotency_key);
comment on column public.credit_retirements.certificate_url is 'Where the certificate lies, relative to the project''s URL; null until it was made.';

-- A project sums many batches.
alter table public.projects
  alter column total_credits_generated type numeric(14, 2),
  alter column total_credits_sold type numeric(14, 2);
comment on column public.projects.total_credits_generated is 'Credits of the project''s batches that are verified or retired; kept by triggers.';
comment on column public.projects.total_credits_sold is 'Credits of the project''s batches that were paid for and not refunded; kept by triggers.';

alter table public.credit_rules
  add column id uuid not null default gen_random_uuid() unique,
  add column version integer not null default 1,
  add constraint credit_rules_plastic_not_negative check (plastic_per_unit >= 0 and plastic_per_unit < 100000000),
  add constraint credit_rules_carbon_not_negative check (carbon_per_unit >= 0 and carbon_per_unit < 100000000);

do $$
declare
  t text;
begin
  foreach t in array array['credit_purchases', 'credit_retirements', 'credit_rules'] loop
    execute format(
      'create trigger %I before update on public.%I for each row when (old.* *<> new.*)
         execute function private.count_version()',
      'count_' || t || '_version', t
    );
    execute format(
      'create trigger %I after insert or update or delete on public.%I
         for each row execute function public.audit_trigger_function()',
      'audit_' || t || '_trigger', t
    );
  end loop;
  foreach t in array array['credit_purchases', 'credit_retirements'] loop
    execute format(
      'create trigger %I before delete or truncate on public.%I for each statement when (not private.in_bulk())
         execute function private.forbid_change(%L, %L)',
      'keep_' || t || '_rows', t, 'What was bought or retired is never removed.', 'Settle the purchase as failed or refunded.'
    );
  end loop;
end
$$;

create trigger keep_credit_purchase before update on public.credit_purchases
  for each row when (
    (old.id, old.buyer_id, old.batch_id, old.amount, old.price_per_credit, old.created_at)
      is distinct from (new.id, new.buyer_id, new.batch_id, new.amount, new.price_per_credit, new.created_at)
    or old.idempotency_key is distinct from new.idempotency_key
    or (old.transaction_id is not null and old.transaction_id is distinct from new.transaction_id)
  )
  execute function private.forbid_change(
    'A purchase keeps its buyer, batch, amount, price and transaction.', 'Make another purchase.'
  );
create trigger keep_credit_purchase_state before update on public.credit_purchases
  for each row when (
    old.payment_status <> new.payment_status and not (
      (old.payment_status = 'pending' and new.payment_status in ('completed', 'failed'))
      or (old.payment_status = 'failed' and new.payment_status = 'completed' and not old.refund_due)
      or (old.payment_status = 'failed' and new.payment_status = 'refunded' and old.refund_due)
      or (old.payment_status = 'completed' and new.payment_status = 'refunded')
    )
  )
  execute function private.forbid_change(
    'A payment does not go from its state to that one.', 'Read the purchase again.'
  );
create trigger keep_credit_retirement before update on public.credit_retirements
  for each row when (
    (old.id, old.buyer_id, old.batch_id, old.certificate_id, old.plastic_credits_retired, old.carbon_credits_retired,
      old.retirement_date, old.created_at)
      is distinct from
    (new.id, new.buyer_id, new.batch_id, new.certificate_id, new.plastic_credits_retired, new.carbon_credits_retired,
      new.retirement_date, new.created_at)
    or old.retirement_reason is distinct from new.retirement_reason
    or old.idempotency_key is distinct from new.idempotency_key
    or (old.certificate_url is not null and old.certificate_url is distinct from new.certificate_url)
  )
  execute function private.forbid_change('A retirement is for good.', 'Nothing needs to be done.');

revoke all on function private.half_even(numeric) from public, anon, authenticated;
grant execute on function private.half_even(numeric) to service_role;
