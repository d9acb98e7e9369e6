-- No batch gives more credits than it has, whoever writes: under the lock of the batch, every statement that claims credits is added
-- up again. The checks come after the statement, which then locks all of its batches in the order of their ids.

create function private.credits_of(p_batch public.batches) returns numeric
language sql immutable set search_path = '' as $$
  select case
    when p_batch.status in ('verified', 'retired') then p_batch.calculated_plastic_credits + p_batch.calculated_carbon_credits
    else 0
  end
$$;
comment on function private.credits_of(public.batches) is
  'Credits that a batch gives: both kinds together, and none before it is verified.';

create function private.credits_taken(p_batch uuid, p_except uuid default null) returns numeric
language sql volatile security definer set search_path = '' as $$
  select coalesce(sum(c.amount), 0)
  from public.credit_purchases c
  where c.batch_id = p_batch and c.id is distinct from p_except
    and (c.payment_status = 'completed' or (c.payment_status = 'pending' and c.reserved_until > clock_timestamp()))
$$;
comment on function private.credits_taken(uuid, uuid) is
  'Credits of a batch that are paid for or reserved, leaving out one purchase. Asked under the batch''s lock it stays true until the end.';

create function private.bought_by(p_batch uuid, p_buyer uuid) returns numeric
language sql volatile security definer set search_path = '' as $$
  select coalesce(sum(c.amount), 0) from public.credit_purchases c
  where c.batch_id = p_batch and c.buyer_id = p_buyer and c.payment_status = 'completed'
$$;
comment on function private.bought_by(uuid, uuid) is 'Credits of a batch that a buyer has paid for.';

create function private.retired_by(p_batch uuid, p_buyer uuid) returns numeric
language sql volatile security definer set search_path = '' as $$
  select coalesce(sum(r.plastic_credits_retired + r.carbon_credits_retired), 0) from public.credit_retirements r
  where r.batch_id = p_batch and r.buyer_id = p_buyer
$$;
comment on function private.retired_by(uuid, uuid) is 'Credits of a batch that a buyer has retired.';

create function private.require_not_oversold(p_batches uuid[]) returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform private.lock_batches(p_batches);
  if exists (
    select 1 from public.batches b
    where b.id = any (p_batches) and private.credits_taken(b.id) > private.credits_of(b)
  ) then
    raise exception using errcode = 'PT409', message = 'The batch does not have that many credits left.',
      detail = 'not_enough_credits', hint = 'Ask again how many are left and take fewer.';
  end if;
end
$$;
comment on function private.require_not_oversold(uuid[]) is 'Locks batches and raises an error if more of one is paid for or reserved than it has.';

create function private.require_bought(p_batches uuid[], p_buyers uuid[]) returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform private.lock_batches(p_batches);
  if exists (
    select 1 from (select distinct b, u from unnest(p_batches, p_buyers) t (b, u)) t
    where private.retired_by(t.b, t.u) > private.bought_by(t.b, t.u)
  ) then
    raise exception using errcode = 'PT409', message = 'A buyer retires only credits that they bought, each once.',
      detail = 'not_bought', hint = 'Retire fewer credits, or buy more first.';
  end if;
  if exists (
    select 1 from public.batches b
    cross join lateral (
      select sum(r.plastic_credits_retired) as plastic, sum(r.carbon_credits_retired) as carbon
      from public.credit_retirements r where r.batch_id = b.id
    ) r
    where b.id = any (p_batches)
      and (r.plastic > b.calculated_plastic_credits or r.carbon > b.calculated_carbon_credits
        or (r.plastic is not null and b.status not in ('verified', 'retired')))
  ) then
    raise exception using errcode = 'PT409', message = 'The batch does not have that many credits of this kind.',
      detail = 'not_enough_credits', hint = 'Look at which kind of credits the batch has.';
  end if;
end
$$;
comment on function private.require_bought(uuid[], uuid[]) is
  'Locks batches and raises an error if one of these buyers retired more than they paid for, or more of a kind than there is.';

create function private.purchases_inserted() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.require_not_oversold(array(
    select distinct c.batch_id from changed c where c.payment_status in ('pending', 'completed')
  ));
  return null;
end
$$;
comment on function private.purchases_inserted() is 'Refuses purchases of more than their batches have left.';
create trigger check_credit_purchases_insert after insert on public.credit_purchases
  referencing new table as changed for each statement execute function private.purchases_inserted();

create function private.purchases_updated() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.require_not_oversold(array(
    select distinct c.batch_id
    from changed c
    join before b on b.id = c.id
    where c.payment_status in ('pending', 'completed')
      and (c.payment_status <> b.payment_status or c.reserved_until > b.reserved_until)
  ));
  perform private.require_bought(
    coalesce(array_agg(c.batch_id), '{}'), coalesce(array_agg(c.buyer_id), '{}')
  )
  from changed c
  join before b on b.id = c.id
  where b.payment_status = 'completed' and c.payment_status <> 'completed';
  return null;
end
$$;
comment on function private.purchases_updated() is
  'Refuses payments of credits that are gone by now, and refunds of credits that were retired.';
create trigger check_credit_purchases_update after update on public.credit_purchases
  referencing old table as before new table as changed for each statement execute function private.purchases_updated();

create function private.retirements_inserted() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.require_bought(array_agg(c.batch_id), array_agg(c.buyer_id)) from changed c having count(*) > 0;
  return null;
end
$$;
comment on function private.retirements_inserted() is 'Refuses retirements of more than the buyer bought or the batch has.';
create trigger check_credit_retirements_insert after insert on public.credit_retirements
  referencing new table as changed for each statement execute function private.retirements_inserted();

create function private.keep_sold_credits() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  plastic numeric;
  carbon numeric;
begin
  select coalesce(sum(r.plastic_credits_retired), 0), coalesce(sum(r.carbon_credits_retired), 0) into plastic, carbon
  from public.credit_retirements r where r.batch_id = new.id;
  if private.credits_of(new) < private.credits_taken(new.id)
    or new.calculated_plastic_credits < plastic or new.calculated_carbon_credits < carbon then
    raise exception using errcode = 'PT409', message = 'More credits of this batch are sold or retired than it would have.',
      detail = 'credits_sold', hint = 'Refund purchases first; what is retired cannot be taken back.';
  end if;
  return new;
end
$$;
comment on function private.keep_sold_credits() is 'The credits of a batch never fall under what is sold, reserved or retired of it, nor does it cease to be verified.';
create trigger check_batches_credits before update on public.batches
  for each row when (
    new.calculated_plastic_credits < old.calculated_plastic_credits or new.calculated_carbon_credits < old.calculated_carbon_credits
    or (old.status in ('verified', 'retired') and new.status not in ('verified', 'retired'))
  )
  execute function private.keep_sold_credits();

-- Totals of projects. A project is locked after its batches and then summed up anew, so that the last of two transactions counts both.
create function private.refresh_project_totals(p_projects uuid[]) returns void
language plpgsql security definer set search_path = '' as $$
begin
  if cardinality(p_projects) = 0 then
    return;
  end if;
  perform private.lock_projects(p_projects);
  update public.projects p
  set total_credits_generated = t.generated, total_credits_sold = t.sold
  from (
    select w.id,
      coalesce((
        select sum(private.credits_of(b)) from public.batches b
        where b.project_id = w.id and b.status in ('verified', 'retired')
      ), 0) as generated,
      coalesce((
        select sum(c.amount) from public.batches b
        join public.credit_purchases c on c.batch_id = b.id and c.payment_status = 'completed'
        where b.project_id = w.id
      ), 0) as sold
    from unnest(p_projects) w (id)
  ) t
  where p.id = t.id
    and (p.total_credits_generated, p.total_credits_sold) is distinct from (t.generated, t.sold);
end
$$;
comment on function private.refresh_project_totals(uuid[]) is 'Sums up what projects generated and sold.';

-- What changed is found by set operations: a join of the two transition tables would keep the plan that was made for a single row.
create function private.totals_of_batches() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'INSERT' then
    perform private.refresh_project_totals(
      array(select distinct c.project_id from changed c where c.status in ('verified', 'retired'))
    );
  else
    -- A batch keeps its project; only what it gives can differ.
    perform private.refresh_project_totals(array(
      select distinct d.project_id
      from (
        select c.id, c.project_id, private.credits_of(c) from changed c
        except
        select b.id, b.project_id, private.credits_of(b) from before b
      ) d
    ));
  end if;
  return null;
end
$$;
comment on function private.totals_of_batches() is 'Sums projects up anew when their batches begin or cease to give credits.';
create trigger total_batches_insert after insert on public.batches
  referencing new table as changed for each statement execute function private.totals_of_batches();
create trigger total_batches_update after update on public.batches
  referencing old table as before new table as changed for each statement execute function private.totals_of_batches();

create function private.totals_of_purchases() returns trigger
language plpgsql security definer set search_path = '' set plan_cache_mode = 'force_custom_plan' as $$
declare
  settled uuid[];
begin
  if tg_op = 'INSERT' then
    settled := array(select distinct c.batch_id from changed c where c.payment_status = 'completed');
  else
    settled := array(
      select distinct d.batch_id
      from (
        select c.id, c.batch_id, c.payment_status = 'completed' from changed c
        except
        select b.id, b.batch_id, b.payment_status = 'completed' from before b
      ) d
    );
  end if;
  perform private.refresh_project_totals(
    array(select distinct b.project_id from public.batches b where b.id = any (settled))
  );
  return null;
end
$$;
comment on function private.totals_of_purchases() is 'Sums projects up anew when purchases of their credits are paid or refunded.';
-- Named to fire after the checks, which lock the batches.
create trigger total_credit_purchases_insert after insert on public.credit_purchases
  referencing new table as changed for each statement execute function private.totals_of_purchases();
create trigger total_credit_purchases_update after update on public.credit_purchases
  referencing old table as before new table as changed for each statement execute function private.totals_of_purchases();

select private.refresh_project_totals(array(select p.id from public.projects p));

do $$
declare
  f regprocedure;
begin
  for f in
    select p.oid::regprocedure from pg_catalog.pg_proc p
    where p.pronamespace = 'private'::regnamespace and p.proname in (
      'credits_of', 'credits_taken', 'bought_by', 'retired_by', 'require_not_oversold', 'require_bought', 'purchases_inserted',
      'purchases_updated', 'retirements_inserted', 'keep_sold_credits', 'refresh_project_totals', 'totals_of_batches',
      'totals_of_purchases'
    )
  loop
    execute format('revoke all on function %s from public, anon, authenticated', f);
    execute format('grant execute on function %s to service_role', f);
  end loop;
end
$$;
