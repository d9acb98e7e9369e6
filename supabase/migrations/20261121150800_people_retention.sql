-- What of limits, attempts and sessions is not needed any more goes once a day.

create function public.sweep_people_rows() returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  counters integer := private.sweep_rate_counters();
  attempts integer := private.sweep_logins();
  sessions integer;
  usage integer;
  events integer;
begin
  delete from private.device_sessions s where not private.session_lives(s.session_id);
  get diagnostics sessions = row_count;
  delete from private.agent_key_usage u where u.day < (now() at time zone 'UTC')::date - 400;
  get diagnostics usage = row_count;
  delete from public.security_events e where e.created_at < now() - interval '2 years';
  get diagnostics events = row_count;
  return jsonb_build_object(
    'rate_counters', counters, 'login_attempts', attempts, 'device_sessions', sessions, 'key_usage', usage, 'security_events', events
  );
end
$$;
comment on function public.sweep_people_rows() is
  'Removes counters nobody reaches, attempts to sign in after half a year, devices'' ended sessions, keys'' usage after 400 days and security events after two years. For the job people.sweep.';

insert into private.job_schedules (kind, every) values ('people.sweep', '1 day');

revoke all on function public.sweep_people_rows() from public, anon, authenticated;
grant execute on function public.sweep_people_rows() to service_role;
