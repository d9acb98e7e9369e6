-- Figures for dashboards, kept apart from the tables that they are made of, and refreshed by a job: every answer says as of when.

create function private.is_service() returns boolean
language sql stable set search_path = '' as $$
  select auth.uid() is null and coalesce(auth.role(), '') not in ('anon', 'authenticated')
$$;
comment on function private.is_service() is 'True for the service role and for maintenance scripts, which nobody is signed in for.';

create table private.statistics_state (
  only_row boolean primary key default true check (only_row),
  as_of timestamp with time zone not null
);
comment on table private.statistics_state is 'One row: when the statistics were last made.';
alter table private.statistics_state enable row level security;
insert into private.statistics_state (as_of) values (now());

-- A batch that no verification body holds counts for the one with the id of zeros: a unique index knows no null.
create materialized view private.batch_statistics as
  select
    coalesce(b.verification_body_id, '00000000-0000-0000-0000-000000000000') as body_id,
    b.standard, b.status, date_trunc('month', b.date_submitted::timestamp)::date as month,
    count(*) as batches,
    sum(b.tons_or_kwh) as tons_or_kwh,
    sum(b.calculated_plastic_credits) as plastic_credits,
    sum(b.calculated_carbon_credits) as carbon_credits
  from public.batches b
  group by 1, 2, 3, 4;
comment on materialized view private.batch_statistics is 'Batches by standard, status and month of submission.';
create unique index batch_statistics_key on private.batch_statistics (body_id, standard, status, month);

create materialized view private.verifier_statistics as
  select
    coalesce(b.verification_body_id, '00000000-0000-0000-0000-000000000000') as body_id,
    d.actor_id as verifier_id, date_trunc('month', d.received_at at time zone 'UTC')::date as month,
    count(*) filter (where d.action = 'claim') as claimed,
    count(*) filter (where d.action = 'approve') as approved,
    count(*) filter (where d.action = 'reject') as rejected,
    count(*) filter (where d.action = 'request_changes') as sent_back,
    count(*) filter (where d.action = 'verify') as verified,
    count(distinct d.batch_id) as batches
  from public.decisions d
  join public.batches b on b.id = d.batch_id
  group by 1, 2, 3;
comment on materialized view private.verifier_statistics is 'Decisions by verifier and month of their arrival.';
create unique index verifier_statistics_key on private.verifier_statistics (body_id, verifier_id, month);

create materialized view private.finding_statistics as
  select
    coalesce(b.verification_body_id, '00000000-0000-0000-0000-000000000000') as body_id,
    f.kind, f.status,
    case
      when coalesce(f.closed_at, now()) - f.raised_at < interval '8 days' then '0-7'
      when coalesce(f.closed_at, now()) - f.raised_at < interval '31 days' then '8-30'
      when coalesce(f.closed_at, now()) - f.raised_at < interval '91 days' then '31-90'
      else '91-'
    end as age_days,
    count(*) as findings,
    count(*) filter (where f.status = 'open' and f.due_at < now()) as overdue
  from public.findings f
  join public.batches b on b.id = f.batch_id
  group by 1, 2, 3, 4;
comment on materialized view private.finding_statistics is 'Findings by kind, status and age in days: until they were closed, or until now.';
create unique index finding_statistics_key on private.finding_statistics (body_id, kind, status, age_days);

create materialized view private.credit_statistics as
  select m.body_id, m.standard, m.month, sum(m.issued) as issued, sum(m.sold) as sold, sum(m.retired) as retired
  from (
    select b.verification_body_id as body, b.standard, date_trunc('month', b.verified_at at time zone 'UTC')::date as month,
      b.calculated_plastic_credits + b.calculated_carbon_credits as issued, 0.00 as sold, 0.00 as retired
    from public.batches b
    where b.status in ('verified', 'retired') and b.verified_at is not null
    union all
    select b.verification_body_id, b.standard, date_trunc('month', p.settled_at at time zone 'UTC')::date, 0.00, p.amount, 0.00
    from public.credit_purchases p
    join public.batches b on b.id = p.batch_id
    where p.payment_status = 'completed' and p.settled_at is not null
    union all
    select b.verification_body_id, b.standard, date_trunc('month', r.retirement_date::timestamp)::date, 0.00, 0.00,
      r.plastic_credits_retired + r.carbon_credits_retired
    from public.credit_retirements r
    join public.batches b on b.id = r.batch_id
  ) s
  cross join lateral (
    select coalesce(s.body, '00000000-0000-0000-0000-000000000000') as body_id, s.standard, s.month, s.issued, s.sold, s.retired
  ) m
  group by m.body_id, m.standard, m.month;
comment on materialized view private.credit_statistics is
  'Credits issued by verification, sold and retired, by standard and month.';
create unique index credit_statistics_key on private.credit_statistics (body_id, standard, month);

create function public.refresh_statistics() returns timestamp with time zone
language plpgsql security definer set search_path = '' as $$
declare
  moment timestamp with time zone := now();
begin
  -- Two at once would only make the second wait for what the first has just done.
  if not pg_try_advisory_xact_lock(20261121, 16) then
    return null;
  end if;
  refresh materialized view concurrently private.batch_statistics;
  refresh materialized view concurrently private.verifier_statistics;
  refresh materialized view concurrently private.finding_statistics;
  refresh materialized view concurrently private.credit_statistics;
  update private.statistics_state s set as_of = moment where s.only_row;
  return moment;
end
$$;
comment on function public.refresh_statistics() is
  'Makes the statistics anew while the old ones are read. A job. Returns as of when they are, null where another refresh is under way.';

create function private.statistics_age_seconds() returns integer
language sql stable security definer set search_path = '' as $$
  select extract(epoch from now() - s.as_of)::integer from private.statistics_state s
$$;
comment on function private.statistics_age_seconds() is 'How old the statistics are.';

create function public.dashboard_statistics() returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  bound uuid := private.bound_body();
  answer jsonb;
begin
  if not private.is_service() then
    perform private.require_access();
    if not private.may('register.read') then
      perform private.refuse_access('not_allowed', 'The statistics are for readers of the register.', 'Ask an administrator.');
    end if;
  end if;
  -- Numbers as text with two places, counts as numbers. Without a body one reads all rows, also of batches that are nobody's.
  select jsonb_build_object(
    'as_of', (select s.as_of from private.statistics_state s),
    'verification_body_id', bound,
    'batches', coalesce((
      select jsonb_agg(to_jsonb(g) order by g.month, g.standard, g.status)
      from (
        select v.standard, v.status, v.month, sum(v.batches) as batches, sum(v.tons_or_kwh)::text as tons_or_kwh,
          sum(v.plastic_credits)::text as plastic_credits, sum(v.carbon_credits)::text as carbon_credits
        from private.batch_statistics v
        where bound is null or v.body_id = bound
        group by v.standard, v.status, v.month
      ) g
    ), '[]'),
    'verifiers', coalesce((
      select jsonb_agg(to_jsonb(g) order by g.month, g.verifier_id)
      from (
        select v.verifier_id, v.month, sum(v.claimed) as claimed, sum(v.approved) as approved, sum(v.rejected) as rejected,
          sum(v.sent_back) as sent_back, sum(v.verified) as verified, sum(v.batches) as batches
        from private.verifier_statistics v
        where bound is null or v.body_id = bound
        group by v.verifier_id, v.month
      ) g
    ), '[]'),
    'findings', coalesce((
      select jsonb_agg(to_jsonb(g) order by g.kind, g.status, g.age_days)
      from (
        select v.kind, v.status, v.age_days, sum(v.findings) as findings, sum(v.overdue) as overdue
        from private.finding_statistics v
        where bound is null or v.body_id = bound
        group by v.kind, v.status, v.age_days
      ) g
    ), '[]'),
    'credits', coalesce((
      select jsonb_agg(to_jsonb(g) order by g.month, g.standard)
      from (
        select v.standard, v.month, sum(v.issued)::text as issued, sum(v.sold)::text as sold, sum(v.retired)::text as retired
        from private.credit_statistics v
        where bound is null or v.body_id = bound
        group by v.standard, v.month
      ) g
    ), '[]')
  )
  into answer;
  return answer;
end
$$;
comment on function public.dashboard_statistics() is
  'The statistics and as of when they are: for readers of the register, and of a verification body''s own batches for those bound to it.';

revoke all on
  private.statistics_state, private.batch_statistics, private.verifier_statistics, private.finding_statistics, private.credit_statistics
from public, anon, authenticated;
grant all on private.statistics_state to service_role;
grant select on private.batch_statistics, private.verifier_statistics, private.finding_statistics, private.credit_statistics to service_role;
revoke all on function
  private.is_service(), public.refresh_statistics(), private.statistics_age_seconds(), public.dashboard_statistics()
from public, anon, authenticated;
grant execute on function private.is_service(), private.statistics_age_seconds(), public.refresh_statistics() to service_role;
grant execute on function public.dashboard_statistics() to authenticated, service_role;
