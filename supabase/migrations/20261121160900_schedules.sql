-- When the jobs of this part are due: supabase/functions/_shared/job-kinds.ts says what each of them runs.

insert into private.job_schedules (kind, every, next_run) values
  ('statistics.refresh', '15 minutes', now() + interval '1 minute'),
  ('findings.escalate', '1 hour', now() + interval '10 minutes'),
  ('reports.due', '10 minutes', now() + interval '10 minutes'),
  ('scopes.digest', '1 day', now() + interval '1 day'),
  ('feed.purge', '1 day', now() + interval '1 day'),
  ('ai.purge', '1 day', now() + interval '1 day')
on conflict (kind) do nothing;
