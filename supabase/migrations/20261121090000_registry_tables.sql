-- The rest of the registry's own tables: purchases, retirements, webhooks and their deliveries, with their columns, checks and defaults,
-- and the summary of batches. What may be bought and who reads what follows in later files.

create table public.credit_purchases (
  id uuid default gen_random_uuid() primary key,
  buyer_id uuid references public.users (id) not null,
  batch_id uuid references public.batches (id) not null,
  amount decimal(10, 2) not null,
  price_per_credit decimal(10, 2) not null,
  total_amount decimal(10, 2) not null,
  payment_status text check (payment_status in ('pending', 'completed', 'failed', 'refunded')) default 'pending',
  payment_method text,
  transaction_id text,
  created_at timestamp with time zone default now(),
  updated_at timestamp with time zone default now()
);
comment on table public.credit_purchases is 'Purchases of credits by buyers, with the state of their payment.';
create index credit_purchases_buyer_id on public.credit_purchases (buyer_id);
create index credit_purchases_batch_id on public.credit_purchases (batch_id);

create table public.credit_retirements (
  id uuid default gen_random_uuid() primary key,
  buyer_id uuid references public.users (id) not null,
  batch_id uuid references public.batches (id) not null,
  certificate_id text unique not null,
  plastic_credits_retired decimal(10, 2) not null,
  carbon_credits_retired decimal(10, 2) not null,
  retirement_date date not null,
  retirement_reason text,
  certificate_url text,
  created_at timestamp with time zone default now()
);
comment on table public.credit_retirements is 'Credits that buyers took out of circulation for good.';
create index credit_retirements_buyer_id on public.credit_retirements (buyer_id);
create index credit_retirements_batch_id on public.credit_retirements (batch_id);

create table public.webhooks (
  id uuid default gen_random_uuid() primary key,
  user_id uuid references public.users (id) not null,
  name text not null,
  url text not null,
  events text[] not null,
  secret text,
  is_active boolean default true,
  created_at timestamp with time zone default now(),
  updated_at timestamp with time zone default now()
);
comment on table public.webhooks is 'Addresses that are told of events, by whom they were set up and for which events.';
create index webhooks_user_id on public.webhooks (user_id);

create table public.webhook_deliveries (
  id uuid default gen_random_uuid() primary key,
  webhook_id uuid references public.webhooks (id) not null,
  event text not null,
  payload jsonb not null,
  response_status integer,
  response_body text,
  delivery_time_ms integer,
  success boolean not null,
  created_at timestamp with time zone default now()
);
comment on table public.webhook_deliveries is 'Every attempt to tell a webhook of an event, and what it answered.';
create index webhook_deliveries_webhook_id on public.webhook_deliveries (webhook_id, created_at);

create trigger update_credit_purchases_updated_at before update on public.credit_purchases
  for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();
create trigger update_webhooks_updated_at before update on public.webhooks
  for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();

alter table public.credit_purchases enable row level security;
alter table public.credit_retirements enable row level security;
alter table public.webhooks enable row level security;
alter table public.webhook_deliveries enable row level security;

-- Its readers' own rights decide: whoever may not read a batch, its purchases or its retirements does not see them summed here either.
create view public.batch_summary_view with (security_invoker = true) as
  select
    b.id,
    b.batch_hash,
    b.standard,
    b.status,
    b.tons_or_kwh,
    b.calculated_plastic_credits,
    b.calculated_carbon_credits,
    b.date_submitted,
    u.name as recycler_name,
    u.organization_name as recycler_organization,
    p.name as project_name,
    p.location as project_location,
    coalesce(cp.total_purchased, 0) as total_purchased,
    coalesce(cr.total_retired, 0) as total_retired
  from public.batches b
  join public.users u on b.user_id = u.id
  join public.projects p on b.project_id = p.id
  left join (
    select batch_id, sum(amount) as total_purchased from public.credit_purchases group by batch_id
  ) cp on b.id = cp.batch_id
  left join (
    select batch_id, sum(plastic_credits_retired + carbon_credits_retired) as total_retired
    from public.credit_retirements group by batch_id
  ) cr on b.id = cr.batch_id;
comment on view public.batch_summary_view is 'Batches with their recycler, project, and what was bought and retired of them.';

revoke all on public.credit_purchases, public.credit_retirements, public.webhooks, public.webhook_deliveries, public.batch_summary_view
  from public, anon, authenticated;
grant all on public.credit_purchases, public.credit_retirements, public.webhooks, public.webhook_deliveries, public.batch_summary_view
  to service_role;
