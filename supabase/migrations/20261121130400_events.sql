-- What happened, told to webhooks: written in the transaction that causes it, so that nothing is told that did not happen and
-- nothing that happened is left untold. Where nobody listens nothing is written. Each event has an id by which a receiver
-- recognizes one that comes twice.

create table private.events (
  id uuid primary key default gen_random_uuid(),
  event text not null,
  subject_id uuid not null,
  data jsonb not null,
  occurred_at timestamp with time zone not null default now()
);
comment on table private.events is 'Events that at least one webhook listened for, with the facts of their moment.';
create index events_occurred_at on private.events (occurred_at);
alter table private.events enable row level security;

create function private.listened_events() returns text[]
language sql stable security definer set search_path = '' as $$
  select coalesce(array_agg(distinct e), '{}')
  from public.webhooks w, unnest(w.events) e
  where w.is_active and w.deleted_at is null
$$;
comment on function private.listened_events() is 'The events that at least one active webhook listens for.';

create function private.may_hear(p_event text, p_subject uuid, p_data jsonb) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return coalesce(case
    when p_event = 'webhook.test' then private.is_active_person()
    when p_event like 'batch.%' then private.can_read_batch(p_subject)
    when p_event like 'user.%' then private.is_active_person() and (
      p_subject = auth.uid()
      or (private.may('person.change') and (private.bound_body() is null or exists (
        select 1 from public.users u where u.id = p_subject and u.organization_id = private.bound_body()
      )))
    )
    else (private.is_active_person() and p_data ->> 'buyer_id' = auth.uid()::text)
      or private.owns_batch((p_data ->> 'batch_id')::uuid)
      or (private.sees_register() and private.can_read_batch((p_data ->> 'batch_id')::uuid))
  end, false);
end
$$;
comment on function private.may_hear(text, uuid, jsonb) is
  'True when the person in whose name it runs may read what the event is about.';

create function private.hears_as(p_person uuid, p_event text, p_subject uuid, p_data jsonb) returns boolean
language plpgsql volatile security definer set search_path = '' as $$
declare
  before text[] := array[
    coalesce(current_setting('request.jwt.claims', true), ''), coalesce(current_setting('request.jwt.claim.sub', true), '')
  ];
  answer boolean;
begin
  perform set_config('request.jwt.claims', jsonb_build_object('sub', p_person, 'role', 'authenticated')::text, true),
    set_config('request.jwt.claim.sub', p_person::text, true);
  answer := private.may_hear(p_event, p_subject, p_data);
  perform set_config('request.jwt.claims', before[1], true), set_config('request.jwt.claim.sub', before[2], true);
  return answer;
end
$$;
comment on function private.hears_as(uuid, text, uuid, jsonb) is 'private.may_hear() in the name of a person, for one event.';

create function private.fan_out(p_events uuid[]) returns integer
language plpgsql volatile security definer set search_path = '' as $$
declare
  before text[] := array[
    coalesce(current_setting('request.jwt.claims', true), ''), coalesce(current_setting('request.jwt.claim.sub', true), '')
  ];
  kinds text[] := array(select distinct e.event from private.events e where e.id = any (p_events));
  hook record;
  made integer;
  total integer := 0;
begin
  for hook in
    select w.id, w.user_id, w.events from public.webhooks w
    where w.is_active and w.deleted_at is null and w.events && kinds
    order by w.id
  loop
    -- Asked in the owner's name: what may be heard is what may be read, by the same helpers as the policies use.
    perform set_config('request.jwt.claims', jsonb_build_object('sub', hook.user_id, 'role', 'authenticated')::text, true),
      set_config('request.jwt.claim.sub', hook.user_id::text, true);
    insert into private.job_queue (kind, payload, idempotency_key)
    select 'webhook.deliver', jsonb_build_object('webhook_id', hook.id, 'event', e.event, 'event_id', e.id),
      'webhook ' || hook.id::text || ' ' || e.id::text
    from private.events e
    where e.id = any (p_events) and e.event = any (hook.events) and private.may_hear(e.event, e.subject_id, e.data)
    on conflict (idempotency_key) do nothing;
    get diagnostics made = row_count;
    total := total + made;
  end loop;
  perform set_config('request.jwt.claims', before[1], true), set_config('request.jwt.claim.sub', before[2], true);
  return total;
end
$$;
comment on function private.fan_out(uuid[]) is
  'Enqueues a delivery for every active webhook that listens for one of these events and whose owner may read it. Returns how many.';

create function private.batch_facts(p_batch public.batches) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'id', p_batch.id, 'batch_hash', p_batch.batch_hash, 'standard', p_batch.standard, 'tons_or_kwh', p_batch.tons_or_kwh,
    'status', p_batch.status, 'user_id', p_batch.user_id, 'project_id', p_batch.project_id,
    'calculated_plastic_credits', p_batch.calculated_plastic_credits,
    'calculated_carbon_credits', p_batch.calculated_carbon_credits, 'created_at', p_batch.created_at
  )
$$;
comment on function private.batch_facts(public.batches) is 'What an event tells of a batch.';

create function private.emit_batches_created() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  emitted uuid[];
begin
  if private.in_bulk() or not 'batch.created' = any (private.listened_events()) then
    return null;
  end if;
  -- Planned anew each time: a plan that was made for one new row takes for ever with many.
  execute $query$
    with e as (
      insert into private.events (event, subject_id, data)
      select 'batch.created', b.id, private.batch_facts(b)
      from changed c
      join public.batches b on b.id = c.id
      returning id
    )
    select array_agg(e.id) from e
  $query$ into emitted;
  if emitted is not null then
    perform private.fan_out(emitted);
  end if;
  return null;
end
$$;
comment on function private.emit_batches_created() is 'Tells of new batches.';
create trigger emit_batches_insert after insert on public.batches
  referencing new table as changed for each statement execute function private.emit_batches_created();

create function private.emit_batches_updated() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  listened text[];
  emitted uuid[];
begin
  if private.in_bulk() then
    return null;
  end if;
  listened := private.listened_events();
  if not listened && array['batch.updated', 'batch.approved', 'batch.rejected', 'batch.verified'] then
    return null;
  end if;
  -- Planned anew each time: a plan that was made for one changed row takes for ever with many.
  execute $query$
    with e as (
      insert into private.events (event, subject_id, data)
      select kind.event, b.id, private.batch_facts(b) || jsonb_build_object('previous_status', was.status)
      from changed c
      join before was on was.id = c.id
      join public.batches b on b.id = c.id
      cross join lateral (
        select 'batch.updated' as event, true as happened
        union all select 'batch.' || c.status, c.status in ('approved', 'rejected', 'verified') and c.status is distinct from was.status
      ) kind
      where kind.happened and kind.event = any ($1) and (
        c.status is distinct from was.status
        -- Content is what the submitter wrote and what follows from it; a version, a risk or a new rubric is none.
        or (c.standard, c.tons_or_kwh, c.location, c.date_submitted, c.description, c.period_start, c.period_end, c.photos, c.documents,
            c.calculated_plastic_credits, c.calculated_carbon_credits)
          is distinct from
           (was.standard, was.tons_or_kwh, was.location, was.date_submitted, was.description, was.period_start, was.period_end, was.photos,
            was.documents, was.calculated_plastic_credits, was.calculated_carbon_credits)
      )
      returning id
    )
    select array_agg(e.id) from e
  $query$ into emitted using listened;
  if emitted is not null then
    perform private.fan_out(emitted);
  end if;
  return null;
end
$$;
comment on function private.emit_batches_updated() is
  'Tells of batches whose status or content changed, and of those that were approved, rejected or verified.';
create trigger emit_batches_update after update on public.batches
  referencing old table as before new table as changed for each statement execute function private.emit_batches_updated();

create function private.emit_one(p_event text, p_subject uuid, p_data jsonb) returns void
language plpgsql security definer set search_path = '' as $$
declare
  emitted uuid;
begin
  if private.in_bulk() or not p_event = any (private.listened_events()) then
    return;
  end if;
  insert into private.events (event, subject_id, data) values (p_event, p_subject, p_data) returning id into emitted;
  perform private.fan_out(array[emitted]);
end
$$;
comment on function private.emit_one(text, uuid, jsonb) is 'Tells of one event.';

create function private.emit_purchase() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.emit_one('purchase.completed', new.id, jsonb_build_object(
    'id', new.id, 'buyer_id', new.buyer_id, 'batch_id', new.batch_id, 'amount', new.amount,
    'price_per_credit', new.price_per_credit, 'total_amount', new.total_amount, 'payment_status', new.payment_status,
    'transaction_id', new.transaction_id, 'created_at', new.created_at
  ));
  return null;
end
$$;
comment on function private.emit_purchase() is 'Tells of a purchase whose payment is complete.';
create trigger emit_purchase_insert after insert on public.credit_purchases
  for each row when (new.payment_status = 'completed') execute function private.emit_purchase();
create trigger emit_purchase_update after update of payment_status on public.credit_purchases
  for each row when (new.payment_status = 'completed' and old.payment_status is distinct from 'completed')
  execute function private.emit_purchase();

create function private.emit_retirement() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.emit_one('retirement.created', new.id, jsonb_build_object(
    'id', new.id, 'buyer_id', new.buyer_id, 'batch_id', new.batch_id, 'certificate_id', new.certificate_id,
    'plastic_credits_retired', new.plastic_credits_retired, 'carbon_credits_retired', new.carbon_credits_retired,
    'retirement_date', new.retirement_date, 'created_at', new.created_at
  ));
  return null;
end
$$;
comment on function private.emit_retirement() is 'Tells of credits that were retired.';
create trigger emit_retirement_insert after insert on public.credit_retirements
  for each row execute function private.emit_retirement();

create function private.emit_person() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.emit_one(
    case when tg_op = 'INSERT' then 'user.registered' else 'user.' || new.approval_status end, new.id,
    jsonb_build_object(
      'id', new.id, 'name', new.name, 'email', new.email, 'role', new.role, 'organization_name', new.organization_name,
      'approval_status', new.approval_status, 'created_at', new.created_at
    )
  );
  return null;
end
$$;
comment on function private.emit_person() is 'Tells of accounts that were registered, approved or rejected.';
create trigger emit_person_insert after insert on public.users
  for each row execute function private.emit_person();
create trigger emit_person_update after update of approval_status on public.users
  for each row when (
    new.approval_status in ('approved', 'rejected') and old.approval_status is distinct from new.approval_status
  ) execute function private.emit_person();

revoke all on private.events from public, anon, authenticated;
grant all on private.events to service_role;
revoke all on function
  private.listened_events(), private.may_hear(text, uuid, jsonb), private.hears_as(uuid, text, uuid, jsonb),
  private.fan_out(uuid[]), private.batch_facts(public.batches), private.emit_batches_created(), private.emit_batches_updated(),
  private.emit_one(text, uuid, jsonb), private.emit_purchase(), private.emit_retirement(), private.emit_person()
from public, anon, authenticated;
