-- The audit log is looked after daily.

insert into private.job_schedules (kind, every, next_run) values ('audit.maintain', '1 day', now() + interval '1 hour')
on conflict (kind) do nothing;
