-- What a decision read that it need not. A hundred are pushed in one call, and each counted the verifications of its person anew, out of all
-- decisions that they ever took; with 3,000 behind them that was more rows than all else together.

create table private.verifications_made (
  decision_id uuid primary key references public.decisions (id) on delete cascade,
  person_id uuid not null,
  recycler_id uuid not null,
  received_at timestamp with time zone not null
);
comment on table private.verifications_made is
  'Verifications by who made them and for whom, as rotation counts them. Written with the decision and never changed.';
create index verifications_made_by on private.verifications_made (person_id, recycler_id, received_at);
alter table private.verifications_made enable row level security;
revoke all on private.verifications_made from public, anon, authenticated;
grant all on private.verifications_made to service_role;

create function private.note_verifications() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.verifications_made (decision_id, person_id, recycler_id, received_at)
  select c.id, c.actor_id, b.user_id, c.received_at
  from changed c
  join public.batches b on b.id = c.batch_id
  where c.action = 'verify';
  return null;
end
$$;
comment on function private.note_verifications() is 'Keeps the verifications among new decisions for the count of rotation.';
create trigger verifications_insert after insert on public.decisions
  referencing new table as changed for each statement execute function private.note_verifications();
revoke all on function private.note_verifications() from public, anon, authenticated;
grant execute on function private.note_verifications() to service_role;

insert into private.verifications_made (decision_id, person_id, recycler_id, received_at)
select d.id, d.actor_id, b.user_id, d.received_at
from public.decisions d
join public.batches b on b.id = d.batch_id
where d.action = 'verify';

create or replace function private.verifications_of(p_user uuid, p_recycler uuid) returns timestamp with time zone[]
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select coalesce(array_agg(v.received_at order by v.received_at), '{}')
    from private.verifications_made v
    where v.person_id = p_user and v.recycler_id = p_recycler
  );
end
$$;

-- The view of all mirrored tables sets up a search in each of them, though one alone is made.
create or replace function private.row_now(p_table text, p_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' set plan_cache_mode = 'force_generic_plan' as $$
declare
  body json;
begin
  case p_table
    when 'batches' then body := (select private.wire(t) from public.batches t where t.id = p_id);
    when 'decisions' then body := (select private.wire(t) from public.decisions t where t.id = p_id);
    when 'scores' then body := (select private.wire(t) from public.scores t where t.id = p_id);
    when 'findings' then body := (select private.wire(t) from public.findings t where t.id = p_id);
    when 'finding_rounds' then body := (select private.wire(t) from public.finding_rounds t where t.id = p_id);
    else body := (select r.body from private.wire_rows r where r.tbl = p_table and r.id = p_id);
  end case;
  return case when body is not null then jsonb_build_object('table', p_table, 'row', body::jsonb) end;
end
$$;

-- A SQL function with a setting of its own is no part of the statement that calls it, and was planned at every call.
create or replace function private.device_instant(m jsonb) returns timestamp with time zone
language plpgsql immutable set search_path = '' as $$
begin
  return (m ->> 'occurred_at')::timestamp with time zone
    + coalesce((m ->> 'clock_offset_ms')::double precision, 0) * interval '1 millisecond';
end
$$;
