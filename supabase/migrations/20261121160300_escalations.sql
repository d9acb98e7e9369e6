-- Findings whose deadline has passed: the recycler is reminded, then whoever assigned the batch is told. Once each per deadline.

create table private.escalation_rules (
  level integer primary key check (level between 1 and 9),
  recipient text not null check (recipient in ('recycler', 'assigner')),
  after interval not null check (after >= interval '0')
);
comment on table private.escalation_rules is 'Who is told how long after the deadline of an open finding.';
alter table private.escalation_rules enable row level security;
insert into private.escalation_rules (level, recipient, after) values (1, 'recycler', '1 day'), (2, 'assigner', '3 days');

create table public.escalations (
  id uuid primary key default gen_random_uuid(),
  finding_id uuid not null references public.findings (id),
  batch_id uuid not null references public.batches (id),
  level integer not null check (level between 1 and 9),
  recipient_id uuid not null references public.users (id),
  due_at timestamp with time zone not null,
  escalated_at timestamp with time zone not null default now(),
  unique (finding_id, level, due_at, recipient_id)
);
comment on table public.escalations is
  'Who was told that a finding is overdue, and which deadline had passed. A new deadline that passes is told again.';
create index escalations_batch_id on public.escalations (batch_id);
create index escalations_recipient_id on public.escalations (recipient_id);
create index findings_overdue on public.findings (due_at) where status = 'open' and due_at is not null;
alter table public.escalations enable row level security;
create policy "Who was told, who works on the batch, register" on public.escalations for select to authenticated
  using (
    (select private.sees_register())
    or (recipient_id = (select auth.uid()) and (select private.is_active_person()))
    or ((select private.register_body()) is not null and private.in_own_register(batch_id, (select private.register_body())))
    or private.is_assigned(batch_id)
  );
create trigger audit_escalations_trigger after insert or update or delete on public.escalations
  for each row execute function public.audit_trigger_function();
create trigger keep_escalations before update on public.escalations
  for each row execute function private.forbid_change('What was told stays as it is.', 'Nothing needs to be done.');

create function private.overdue_findings() returns table (
  finding_id uuid, batch_id uuid, level integer, recipient_id uuid, due_at timestamp with time zone, title text, batch_hash text
)
language sql stable security definer set search_path = '' as $$
  select f.id, f.batch_id, r.level, u.id, f.due_at, f.title, b.batch_hash
  from public.findings f
  join public.batches b on b.id = f.batch_id and b.status in ('under_review', 'changes_requested', 'approved')
  join private.escalation_rules r on f.due_at < now() - r.after
  cross join lateral (
    select b.user_id as id where r.recipient = 'recycler'
    union
    -- Where nobody assigned it, because a verifier took it from the pool, whoever raised the finding is told.
    select coalesce(a.assigned_by, f.raised_by)
    from public.assignments a
    where r.recipient = 'assigner' and a.batch_id = f.batch_id and a.ended_at is null and a.role <> 'field_agent'
    union
    select f.raised_by
    where r.recipient = 'assigner' and not exists (
      select 1 from public.assignments a where a.batch_id = f.batch_id and a.ended_at is null and a.role <> 'field_agent'
    )
  ) told
  join public.users u on u.id = told.id and u.active and u.approval_status = 'approved'
  where f.status = 'open' and f.due_at is not null
$$;
comment on function private.overdue_findings() is 'Open findings whose deadline has passed, with everybody who is to be told by now.';

create function public.escalate_overdue_findings() returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  told jsonb;
begin
  with wanted as materialized (
    select * from private.overdue_findings()
  ), made as (
    insert into public.escalations (finding_id, batch_id, level, recipient_id, due_at)
    select w.finding_id, w.batch_id, w.level, w.recipient_id, w.due_at
    from wanted w
    order by w.finding_id, w.level, w.recipient_id
    on conflict (finding_id, level, due_at, recipient_id) do nothing
    returning id, finding_id, level, recipient_id
  ), mailed as (
    select m.level, private.enqueue_mail(
      m.recipient_id, null, 'to_person',
      left('Overdue: ' || regexp_replace(w.title, '[[:cntrl:]]+', ' ', 'g'), 200),
      format(
        E'The finding "%s" on batch %s was due on %s (UTC) and is still open.\n\n%s',
        w.title, w.batch_hash, to_char(w.due_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI'),
        case when m.level = 1 then 'Please answer it, or agree on a new date with the verifier.'
          else 'The recycler was reminded. Please decide how the review goes on.' end
      ),
      case when m.level = 1 then 'medium' else 'high' end
    ) as mail
    from made m
    join wanted w on w.finding_id = m.finding_id and w.level = m.level and w.recipient_id = m.recipient_id
  )
  select jsonb_build_object(
    'reminded', count(*) filter (where level = 1), 'escalated', count(*) filter (where level > 1)
  )
  into told
  from mailed;
  return told;
end
$$;
comment on function public.escalate_overdue_findings() is
  'Reminds recyclers of findings a day after their deadline and tells the assigner after three, each once, by mail. A job.';

revoke all on public.escalations, private.escalation_rules from public, anon, authenticated;
grant all on public.escalations, private.escalation_rules to service_role;
grant select on public.escalations to authenticated;
revoke all on function private.overdue_findings(), public.escalate_overdue_findings() from public, anon, authenticated;
grant execute on function private.overdue_findings(), public.escalate_overdue_findings() to service_role;
