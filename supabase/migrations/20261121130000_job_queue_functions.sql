-- How jobs are taken, ended and tried again. A job is run at least once: whoever takes it holds it for a while, and a worker
-- that was lost loses it to the next one. Workers call these with the service role; administrators see what failed for good.

alter table private.job_queue set (
  autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500, autovacuum_analyze_threshold = 500
);
create index job_queue_done on private.job_queue (finished_at) where state = 'done';

create function private.job_backoff(p_attempts integer) returns interval
language sql volatile set search_path = '' as $$
  -- 10 s, 30 s, 90 s and so on up to six hours; the random half keeps jobs that failed together from coming back together.
  select make_interval(secs => least(21600, 10 * power(3, least(p_attempts, 12) - 1)) * (0.5 + random() / 2))
$$;
comment on function private.job_backoff(integer) is 'How long a job that failed for the nth time waits: exponential, with jitter.';

create function private.recover_lost_jobs() returns integer
language plpgsql security definer set search_path = '' as $$
declare
  recovered integer;
begin
  with lost as (
    select q.id from private.job_queue q
    where q.state = 'running' and q.locked_until < now()
    order by q.locked_until, q.id
    limit 100
    for update skip locked
  )
  update private.job_queue q
  set state = case when q.attempts >= q.max_attempts then 'dead' else 'waiting' end,
      finished_at = case when q.attempts >= q.max_attempts then now() end,
      last_error = 'The worker did not answer in time.',
      locked_by = null,
      locked_until = null
  from lost
  where q.id = lost.id;
  get diagnostics recovered = row_count;
  return recovered;
end
$$;
comment on function private.recover_lost_jobs() is
  'Gives back jobs whose worker was lost; one that was tried often enough stays as dead. Returns how many.';

create function public.claim_jobs(
  p_worker text, p_kinds text[] default null, p_limit integer default 1, p_visibility integer default 60
) returns jsonb
-- The index has the jobs in their order. Counts of rows, which are out of date in a queue at all times, must not talk the planner into
-- reading and sorting all of them.
language plpgsql security definer set search_path = '' set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off set jit = off as $$
declare
  claimed jsonb;
begin
  if coalesce(p_worker, '') = '' or p_limit is null or p_limit not between 1 and 100
    or p_visibility is null or p_visibility not between 1 and 3600 then
    raise exception using errcode = 'PT400', message = 'A worker has a name, takes 1 to 100 jobs and holds them 1 to 3,600 seconds.',
      detail = 'invalid_request', hint = 'Correct the parameters.';
  end if;
  perform private.recover_lost_jobs();
  with next as materialized (
    select q.id, q.priority, q.run_after from private.job_queue q
    where q.state = 'waiting' and q.run_after <= now() and (p_kinds is null or q.kind = any (p_kinds))
    order by q.priority desc, q.run_after, q.id
    limit p_limit
    for update skip locked
  ), taken as (
    update private.job_queue q
    set state = 'running', attempts = q.attempts + 1, locked_by = p_worker,
        locked_until = now() + make_interval(secs => p_visibility)
    from next
    where q.id = next.id
    returning q.id, q.kind, q.payload, q.attempts, q.max_attempts, q.locked_until, q.priority, next.run_after
  )
  select coalesce(
    jsonb_agg(
      jsonb_build_object(
        'id', t.id, 'kind', t.kind, 'payload', t.payload, 'attempts', t.attempts, 'max_attempts', t.max_attempts,
        'locked_until', t.locked_until
      ) order by t.priority desc, t.run_after, t.id
    ), '[]'
  ) into claimed
  from taken t;
  return claimed;
end
$$;
comment on function public.claim_jobs(text, text[], integer, integer) is
  'Takes jobs that are due, the highest priority first, and holds them for p_visibility seconds. No job is given to two workers at once.';

create function public.finish_job(p_job uuid, p_worker text) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  update private.job_queue q
  set state = 'done', finished_at = now(), locked_by = null, locked_until = null, last_error = null
  where q.id = p_job and q.state = 'running' and q.locked_by = p_worker;
  return found;
end
$$;
comment on function public.finish_job(uuid, text) is 'Ends a job that was done. False when it is no longer this worker''s.';

create function public.fail_job(
  p_job uuid, p_worker text, p_error text, p_final boolean default false, p_retry_after integer default null
) returns text
language sql security definer set search_path = '' as $$
  update private.job_queue q
  set state = case when p_final or q.attempts >= q.max_attempts then 'dead' else 'waiting' end,
      finished_at = case when p_final or q.attempts >= q.max_attempts then now() end,
      run_after = now() + greatest(
        private.job_backoff(q.attempts), make_interval(secs => least(coalesce(p_retry_after, 0), 86400))
      ),
      last_error = left(p_error, 2000),
      locked_by = null,
      locked_until = null
  where q.id = p_job and q.state = 'running' and q.locked_by = p_worker
  returning q.state
$$;
comment on function public.fail_job(uuid, text, text, boolean, integer) is
  'Ends an attempt that failed: the job waits (p_retry_after seconds at least) or, p_final or tried often enough, is dead. Returns its state, null when it is no longer this worker''s.';

create function public.postpone_job(p_job uuid, p_worker text, p_reason text, p_seconds integer) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  update private.job_queue q
  set state = 'waiting', attempts = greatest(q.attempts - 1, 0), last_error = left(p_reason, 2000),
      run_after = now() + make_interval(secs => least(greatest(coalesce(p_seconds, 60), 1), 86400)),
      locked_by = null, locked_until = null
  where q.id = p_job and q.state = 'running' and q.locked_by = p_worker;
  return found;
end
$$;
comment on function public.postpone_job(uuid, text, text, integer) is
  'Puts a job off for a reason that is not its own, such as a missing setting, without counting the attempt. False when it is no longer this worker''s.';

create function public.extend_job(p_job uuid, p_worker text, p_visibility integer) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  update private.job_queue q
  set locked_until = now() + make_interval(secs => least(greatest(p_visibility, 1), 3600))
  where q.id = p_job and q.state = 'running' and q.locked_by = p_worker;
  return found;
end
$$;
comment on function public.extend_job(uuid, text, integer) is
  'Holds a job for longer, counted from now, in seconds. False when it is no longer this worker''s.';

create function public.purge_finished_jobs(p_done_days integer default 7, p_dead_days integer default 90) returns integer
language plpgsql security definer set search_path = '' set statement_timeout = '5min' as $$
declare
  purged integer;
begin
  delete from private.job_queue q
  where (q.state = 'done' and q.finished_at < now() - make_interval(days => p_done_days))
    or (q.state = 'dead' and q.finished_at < now() - make_interval(days => p_dead_days));
  get diagnostics purged = row_count;
  return purged;
end
$$;
comment on function public.purge_finished_jobs(integer, integer) is
  'Removes jobs that ended long ago, those that failed for good later than the others. Returns how many.';

create function public.list_dead_jobs(p_limit integer default 50, p_before timestamp with time zone default null) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  perform private.require_registry_administration('job.manage');
  return coalesce((
    select jsonb_agg(to_jsonb(dead) order by dead.finished_at desc, dead.id)
    from (
      select q.id, q.kind, q.payload, q.attempts, q.last_error, q.created_at, q.finished_at
      from private.job_queue q
      where q.state = 'dead' and (p_before is null or q.finished_at < p_before)
      order by q.finished_at desc, q.id
      limit least(greatest(p_limit, 1), 1000)
    ) dead
  ), '[]');
end
$$;
comment on function public.list_dead_jobs(integer, timestamp with time zone) is
  'For administrators: jobs that failed for good, the latest first, with what went wrong.';

create function public.retry_dead_job(p_job uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  perform private.require_registry_administration('job.manage');
  update private.job_queue q
  set state = 'waiting', attempts = 0, run_after = now(), finished_at = null
  where q.id = p_job and q.state = 'dead';
  return found;
end
$$;
comment on function public.retry_dead_job(uuid) is
  'For administrators: lets a job that failed for good begin again. False when it is not dead.';

revoke all on function
  private.job_backoff(integer), private.recover_lost_jobs(), public.claim_jobs(text, text[], integer, integer),
  public.finish_job(uuid, text), public.fail_job(uuid, text, text, boolean, integer),
  public.postpone_job(uuid, text, text, integer), public.extend_job(uuid, text, integer),
  public.purge_finished_jobs(integer, integer), public.list_dead_jobs(integer, timestamp with time zone),
  public.retry_dead_job(uuid)
from public, anon, authenticated;
grant execute on function
  public.claim_jobs(text, text[], integer, integer), public.finish_job(uuid, text),
  public.fail_job(uuid, text, text, boolean, integer), public.postpone_job(uuid, text, text, integer),
  public.extend_job(uuid, text, integer), public.purge_finished_jobs(integer, integer),
  public.list_dead_jobs(integer, timestamp with time zone), public.retry_dead_job(uuid)
to service_role;
grant execute on function
  public.list_dead_jobs(integer, timestamp with time zone), public.retry_dead_job(uuid)
to authenticated;
