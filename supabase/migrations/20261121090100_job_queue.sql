-- Work that is done after the transaction that asked for it: by pg_cron where there is one, by a worker's loop elsewhere.

create table private.job_queue (
  id uuid primary key default gen_random_uuid(),
  kind text not null check (kind ~ '^[a-z][a-z0-9_.]*$'),
  payload jsonb not null default '{}',
  idempotency_key text unique,
  priority integer not null default 0,
  state text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'dead')),
  attempts integer not null default 0,
  max_attempts integer not null default 8 check (max_attempts between 1 and 100),
  run_after timestamp with time zone not null default now(),
  locked_by text,
  locked_until timestamp with time zone,
  last_error text,
  created_at timestamp with time zone not null default now(),
  finished_at timestamp with time zone
);
comment on table private.job_queue is
  'Jobs by kind. A key that was seen is not enqueued again; the higher priority goes first; what failed for good stays as dead and is shown.';
create index job_queue_next on private.job_queue (priority desc, run_after, id) where state = 'waiting';
create index job_queue_running on private.job_queue (locked_until) where state = 'running';
create index job_queue_dead on private.job_queue (finished_at) where state = 'dead';
alter table private.job_queue enable row level security;

create function private.enqueue_job(
  p_kind text, p_payload jsonb, p_idempotency_key text default null, p_priority integer default 0,
  p_run_after timestamp with time zone default now()
) returns uuid
language sql security definer set search_path = '' as $$
  insert into private.job_queue (kind, payload, idempotency_key, priority, run_after)
  values (p_kind, p_payload, p_idempotency_key, p_priority, p_run_after)
  on conflict (idempotency_key) do nothing
  returning id
$$;
comment on function private.enqueue_job(text, jsonb, text, integer, timestamp with time zone) is
  'Asks for a job, in the transaction that causes it. Returns its id, or null when its key was seen before.';

revoke all on private.job_queue from public, anon, authenticated;
revoke all on function private.enqueue_job(text, jsonb, text, integer, timestamp with time zone) from public, anon, authenticated;
grant all on private.job_queue to service_role;
grant execute on function private.enqueue_job(text, jsonb, text, integer, timestamp with time zone) to service_role;
