-- Whether the cloud does its work: figures against thresholds, as one answer.

create table private.health_thresholds (
  measure text primary key check (measure ~ '^[a-z_]+$'),
  degraded_above numeric not null,
  down_above numeric,
  unit text not null check (unit in ('jobs', 'seconds', 'tables', 'buckets')),
  meaning text not null check (meaning <> ''),
  constraint health_thresholds_ordered check (down_above >= degraded_above)
);
comment on table private.health_thresholds is
  'From which figure on the cloud counts as degraded or down. A null down_above never makes it down.';
alter table private.health_thresholds enable row level security;
insert into private.health_thresholds (measure, degraded_above, down_above, unit, meaning) values
  ('waiting_jobs', 1000, null, 'jobs', 'More jobs are due than are worked off.'),
  ('oldest_job_seconds', 300, 7200, 'seconds', 'A job that is due waits; no worker may be running.'),
  ('dead_jobs', 0, null, 'jobs', 'Jobs failed for good within the last day.'),
  ('feed_age_seconds', 5, 300, 'seconds', 'Changes did not reach the feed; workstations do not see them.'),
  ('digest_differences', 0, null, 'tables', 'The feed differed from the live tables at the last daily comparison.'),
  ('statistics_age_seconds', 86400, null, 'seconds', 'The statistics were not refreshed.'),
  ('missing_buckets', 0, 0, 'buckets', 'Buckets of the storage are missing.');

create function private.feed_age_seconds() returns integer
language sql stable security definer set search_path = '' as $$
  -- A change and its feed entry are one transaction, so that any difference is a defect and not a delay.
  select coalesce(ceil(extract(epoch from max(now() - late.created_at))), 0)::integer
  from (
    select l.created_at, l.table_name, l.record_id, (l.new_values ->> 'version')::integer as version
    from public.audit_logs l
    where l.created_at > now() - interval '1 day' and l.action in ('INSERT', 'UPDATE')
      and l.table_name in (
        'projects', 'batches', 'assignments', 'evidence_files', 'scores', 'findings', 'finding_rounds', 'decisions',
        'certificates', 'signatures'
      )
    order by l.created_at desc
    limit 50
  ) late
  where late.version is not null and not exists (
    select 1 from public.sync_feed f
    where f.scope = 'register' and f.tbl = late.table_name and f.row_id = late.record_id and f.version >= late.version
  )
$$;
comment on function private.feed_age_seconds() is
  'Age of the oldest of the last fifty changes that the register''s feed does not have; 0 while it has all of them.';

create function private.newest_migration() returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  answer jsonb;
begin
  if pg_catalog.to_regclass('supabase_migrations.schema_migrations') is null then
    return jsonb_build_object('count', null, 'newest', null);
  end if;
  execute 'select jsonb_build_object(''count'', count(*), ''newest'', max(version)) from supabase_migrations.schema_migrations'
  into answer;
  return answer;
end
$$;
comment on function private.newest_migration() is 'How many migrations are applied and the newest of them, where the ledger is here to be read.';

create function private.chain_head() returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('seq', h.seq, 'hash', encode(h.hash, 'hex')) from private.audit_head() h
$$;
comment on function private.chain_head() is 'The newest seal of the audit log: its number and hash.';

create function private.queue_state() returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'waiting', count(*) filter (where q.state = 'waiting'),
    'due', count(*) filter (where q.state = 'waiting' and q.run_after <= now()),
    'running', count(*) filter (where q.state = 'running'),
    'dead', count(*) filter (where q.state = 'dead'),
    'dead_today', count(*) filter (where q.state = 'dead' and q.finished_at > now() - interval '1 day'),
    'oldest_seconds', coalesce(
      ceil(extract(epoch from max(now() - q.run_after) filter (where q.state = 'waiting' and q.run_after <= now()))), 0
    )::integer
  )
  from private.job_queue q
  where q.state <> 'done'
$$;
comment on function private.queue_state() is 'The queue in figures; oldest_seconds is how long the job that is due longest has waited.';

create function private.storage_state() returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'missing_buckets', (
      select count(*) from unnest(array['batch-photos', 'user-documents', 'certificates', 'verification-docs']) wanted
      where not exists (select 1 from storage.buckets b where b.id = wanted)
    ),
    'objects', (select count(*) from storage.objects)
  )
$$;
comment on function private.storage_state() is 'Whether the storage has its buckets, and how many files they hold.';

create function private.health_report() returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  queue jsonb := private.queue_state();
  storage jsonb := private.storage_state();
  figures jsonb;
  reasons jsonb;
begin
  figures := jsonb_build_object(
    'waiting_jobs', queue -> 'due',
    'oldest_job_seconds', queue -> 'oldest_seconds',
    'dead_jobs', queue -> 'dead_today',
    'feed_age_seconds', private.feed_age_seconds(),
    'digest_differences', private.digest_differences(),
    'statistics_age_seconds', private.statistics_age_seconds(),
    'missing_buckets', storage -> 'missing_buckets'
  );
  select coalesce(jsonb_agg(jsonb_build_object(
    'measure', t.measure,
    'level', case when (figures ->> t.measure)::numeric > t.down_above then 'down' else 'degraded' end,
    'value', figures -> t.measure,
    'threshold', case when (figures ->> t.measure)::numeric > t.down_above then t.down_above else t.degraded_above end,
    'unit', t.unit,
    'meaning', t.meaning
  ) order by t.measure), '[]')
  into reasons
  from private.health_thresholds t
  where (figures ->> t.measure)::numeric > t.degraded_above;
  return jsonb_build_object(
    'status', case
      when reasons @> '[{"level": "down"}]' then 'down'
      when reasons <> '[]' then 'degraded'
      else 'ok'
    end,
    'as_of', now(),
    'reasons', reasons,
    'figures', figures,
    'queue', queue,
    'storage', storage,
    'chain', private.chain_head(),
    'migrations', private.newest_migration(),
    'server_epoch', (select s.server_epoch from public.server_state s)
  );
end
$$;
comment on function private.health_report() is
  'Everything that is known of the cloud''s health: status ok, degraded or down, why, and the figures behind it.';

create function public.health() returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  report jsonb;
begin
  if not private.is_service() then
    perform private.require_access();
  end if;
  report := private.health_report();
  if private.is_service() or private.sees_register() then
    return report;
  end if;
  -- How much is done, by whom and on what is nobody's business; whether it works is everybody's.
  return jsonb_build_object(
    'status', report -> 'status',
    'as_of', report -> 'as_of',
    'reasons', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'measure', r -> 'measure', 'level', r -> 'level', 'meaning', r -> 'meaning'
      )), '[]')
      from jsonb_array_elements(report -> 'reasons') r
    ),
    'figures', jsonb_build_object(
      'oldest_job_seconds', report -> 'figures' -> 'oldest_job_seconds',
      'feed_age_seconds', report -> 'figures' -> 'feed_age_seconds'
    )
  );
end
$$;
comment on function public.health() is
  'Whether the cloud works: to everybody who is let in the status, its reasons and two ages; to the register''s readers and the service all figures.';

revoke all on private.health_thresholds from public, anon, authenticated;
grant all on private.health_thresholds to service_role;
revoke all on function
  private.feed_age_seconds(), private.newest_migration(), private.chain_head(), private.queue_state(), private.storage_state(),
  private.health_report(), public.health()
from public, anon, authenticated;
grant execute on function
  private.feed_age_seconds(), private.newest_migration(), private.chain_head(), private.queue_state(), private.storage_state(),
  private.health_report()
to service_role;
grant execute on function public.health() to authenticated, service_role;
