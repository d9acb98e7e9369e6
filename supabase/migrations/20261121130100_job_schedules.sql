-- Jobs that come again and again. Who looks whether one is due: pg_cron where it is there, else a worker's loop.

create table private.job_schedules (
  kind text primary key check (kind ~ '^[a-z][a-z0-9_.]*$'),
  every interval not null check (every >= interval '1 minute'),
  payload jsonb not null default '{}',
  priority integer not null default 0,
  active boolean not null default true,
  next_run timestamp with time zone not null default now()
);
comment on table private.job_schedules is 'Kinds of jobs that are enqueued again after each interval. A run that was missed is made up for once.';
alter table private.job_schedules enable row level security;

insert into private.job_schedules (kind, every) values
  ('jobs.purge', '1 day'), ('webhook.purge_deliveries', '1 day');

create function private.enqueue_due_jobs() returns integer
language plpgsql security definer set search_path = '' as $$
declare
  due private.job_schedules;
  enqueued integer := 0;
begin
  for due in
    select s.* from private.job_schedules s
    where s.active and s.next_run <= now()
    order by s.kind
    for update skip locked
  loop
    -- One that is still in the queue is not asked for again: a worker that was away does not find a heap of them.
    if not exists (
      select 1 from private.job_queue q
      where q.kind = due.kind and q.state in ('waiting', 'running') and q.payload = due.payload
    ) then
      perform private.enqueue_job(due.kind, due.payload, due.kind || ' ' || due.next_run::text, due.priority);
      enqueued := enqueued + 1;
    end if;
    update private.job_schedules s
    set next_run = greatest(s.next_run + s.every, now() + s.every / 2)
    where s.kind = due.kind;
  end loop;
  return enqueued;
end
$$;
comment on function private.enqueue_due_jobs() is
  'Enqueues the scheduled jobs that are due and sets when they are due next. Returns how many. Safe to call from many places.';

create function public.enqueue_due_jobs() returns integer
language sql security definer set search_path = '' as $$
  select private.enqueue_due_jobs()
$$;
comment on function public.enqueue_due_jobs() is 'private.enqueue_due_jobs() for a worker that comes through the API.';

create function private.call_run_jobs() returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  project_url text;
  service_key text;
begin
  if pg_catalog.to_regclass('vault.decrypted_secrets') is null or not exists (
    select 1 from pg_catalog.pg_proc p
    where p.pronamespace = pg_catalog.to_regnamespace('net') and p.proname = 'http_post'
  ) or not exists (
    select 1 from private.job_queue q
    where (q.state = 'waiting' and q.run_after <= now()) or (q.state = 'running' and q.locked_until < now())
  ) then
    return false;
  end if;
  execute $vault$select max(decrypted_secret) filter (where name = 'project_url'), max(decrypted_secret) filter (where name = 'service_role_key')
    from vault.decrypted_secrets$vault$ into project_url, service_key;
  if project_url is null or service_key is null then
    return false;
  end if;
  execute $net$select net.http_post(
    url := $1, body := '{}'::jsonb, timeout_milliseconds := 60000,
    headers := jsonb_build_object('content-type', 'application/json', 'apikey', $2, 'authorization', 'Bearer ' || $2)
  )$net$ using rtrim(project_url, '/') || '/functions/v1/run-jobs', service_key;
  return true;
end
$$;
comment on function private.call_run_jobs() is
  'Wakes the edge function run-jobs when a job is due. Its address and key are the secrets project_url and service_role_key of the vault.';

revoke all on private.job_schedules from public, anon, authenticated;
grant all on private.job_schedules to service_role;
revoke all on function private.enqueue_due_jobs(), public.enqueue_due_jobs(), private.call_run_jobs() from public, anon, authenticated;
grant execute on function public.enqueue_due_jobs() to service_role;

do $$
begin
  if not exists (select 1 from pg_catalog.pg_available_extensions where name = 'pg_cron') then
    return;
  end if;
  create extension if not exists pg_cron with schema pg_catalog;
  perform cron.schedule('veridesk-enqueue-due-jobs', '* * * * *', 'select private.enqueue_due_jobs()');
  perform cron.schedule('veridesk-recover-lost-jobs', '* * * * *', 'select private.recover_lost_jobs()');
  if exists (select 1 from pg_catalog.pg_available_extensions where name = 'pg_net') then
    create extension if not exists pg_net;
    perform cron.schedule('veridesk-run-jobs', '* * * * *', 'select private.call_run_jobs()');
  end if;
exception
  -- Available and yet not allowed, or not in this database: a worker's loop does the same.
  when others then
    raise warning 'pg_cron is not used: %. Jobs are run by a worker.', sqlerrm;
end
$$;
