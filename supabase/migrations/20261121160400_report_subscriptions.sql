-- Registers as CSV, made by a job for each day, week or month, under the rights that the subscriber has when it is made.

create table public.report_subscriptions (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.users (id),
  kind text not null check (kind in ('batches', 'decisions', 'findings')),
  schedule text not null check (schedule in ('daily', 'weekly', 'monthly')),
  filters jsonb not null default '{}' check (jsonb_typeof(filters) = 'object'),
  active boolean not null default true,
  next_run_at timestamp with time zone not null,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  version integer not null default 1
);
comment on table public.report_subscriptions is
  'Who gets which register as CSV, how often. filters may name standard, status and project_id.';
create index report_subscriptions_user_id on public.report_subscriptions (user_id);
create index report_subscriptions_due on public.report_subscriptions (next_run_at) where active;

create table public.report_runs (
  id uuid primary key default gen_random_uuid(),
  subscription_id uuid not null references public.report_subscriptions (id),
  user_id uuid not null references public.users (id),
  period_start timestamp with time zone not null,
  period_end timestamp with time zone not null,
  state text not null default 'waiting' check (state in ('waiting', 'done', 'refused')),
  row_count integer,
  sha256 text check (sha256 ~ '^[0-9a-f]{64}$'),
  byte_size bigint,
  bucket text not null default 'verification-docs' check (bucket = 'verification-docs'),
  object_path text,
  created_at timestamp with time zone not null default now(),
  finished_at timestamp with time zone,
  version integer not null default 1,
  unique (subscription_id, period_start),
  constraint report_runs_done_complete check (
    state <> 'done' or (row_count is not null and sha256 is not null and byte_size is not null and object_path is not null)
  )
);
comment on table public.report_runs is
  'Every report that was made or refused: its period, its rows, its file and the file''s SHA-256.';
create index report_runs_user_id on public.report_runs (user_id, created_at);

do $$
declare
  t text;
begin
  foreach t in array array['report_subscriptions', 'report_runs'] loop
    execute format('alter table public.%I enable row level security', t);
    execute format('create trigger %I before update on public.%I for each row when (old.* is distinct from new.*)
      execute function private.count_version()', 'count_' || t || '_version', t);
    execute format('create trigger %I after insert or update or delete on public.%I for each row
      execute function public.audit_trigger_function()', 'audit_' || t || '_trigger', t);
    execute format('create policy "One''s own, and all of them for administrators" on public.%I for select to authenticated
      using ((user_id = (select auth.uid()) and (select private.is_active_person())) or (select private.person_role()) = ''admin'')', t);
  end loop;
end
$$;
create trigger update_report_subscriptions_updated_at before update on public.report_subscriptions
  for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();

create function private.period_begin(p_schedule text, p_time timestamp with time zone) returns timestamp with time zone
language sql immutable set search_path = '' as $$
  select date_trunc(
    case p_schedule when 'daily' then 'day' when 'weekly' then 'week' else 'month' end, p_time at time zone 'UTC'
  ) at time zone 'UTC'
$$;
comment on function private.period_begin(text, timestamp with time zone) is
  'When the day, the week (from Monday) or the month of a time began, in UTC.';

create function private.period_length(p_schedule text) returns interval
language sql immutable set search_path = '' as $$
  select case p_schedule when 'daily' then interval '1 day' when 'weekly' then interval '7 days' else interval '1 month' end
$$;
comment on function private.period_length(text) is 'How long a day, a week or a month is.';

create function private.period_after(p_schedule text, p_begin timestamp with time zone) returns timestamp with time zone
language sql immutable set search_path = '' as $$
  select ((p_begin at time zone 'UTC') + private.period_length(p_schedule)) at time zone 'UTC'
$$;
comment on function private.period_after(text, timestamp with time zone) is 'When the period after the one that begins at p_begin begins, in UTC.';

create function private.check_report_filters(p_filters jsonb) returns void
language plpgsql stable set search_path = '' as $$
begin
  if p_filters is null or jsonb_typeof(p_filters) <> 'object'
    or exists (select 1 from jsonb_each(p_filters) f
      where f.key not in ('standard', 'status', 'project_id') or jsonb_typeof(f.value) <> 'string')
    or coalesce(p_filters ->> 'standard', 'APRS') not in ('APRS', 'ARCS', 'AEMAS', 'ACCCS', 'AMCAVS', 'PCX')
    or coalesce(p_filters ->> 'status', 'pending') !~ '^[a-z_]{1,30}$'
    or coalesce(p_filters ->> 'project_id', '00000000-0000-4000-8000-000000000000')
      !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
    raise exception using errcode = 'PT400', message = 'A report is filtered by standard, status and project_id, each a text.',
      detail = 'invalid_request', hint = 'Correct the filters, or leave them out.';
  end if;
end
$$;
comment on function private.check_report_filters(jsonb) is 'Raises 400 invalid_request for filters that no report knows.';

create function public.subscribe_to_report(p_kind text, p_schedule text, p_filters jsonb default '{}') returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  person public.users := private.require_access();
  made public.report_subscriptions;
begin
  if p_kind is null or p_kind not in ('batches', 'decisions', 'findings')
    or p_schedule is null or p_schedule not in ('daily', 'weekly', 'monthly') then
    raise exception using errcode = 'PT400', message = 'There are reports of batches, decisions and findings, daily, weekly or monthly.',
      detail = 'invalid_request', hint = 'Correct the kind and the schedule.';
  end if;
  perform private.check_report_filters(p_filters);
  -- Two requests at once would both count nineteen.
  perform 1 from public.users u where u.id = person.id for no key update;
  if (select count(*) from public.report_subscriptions s where s.user_id = person.id and s.active) >= 20 then
    raise exception using errcode = 'PT409', message = 'A person has at most twenty report subscriptions.',
      detail = 'too_many', hint = 'End one that is not needed.';
  end if;
  insert into public.report_subscriptions (user_id, kind, schedule, filters, next_run_at)
  values (person.id, p_kind, p_schedule, p_filters,
    private.period_after(p_schedule, private.period_begin(p_schedule, now())))
  returning * into made;
  return to_jsonb(made);
end
$$;
comment on function public.subscribe_to_report(text, text, jsonb) is
  'Subscribes to a register: its file is put into one''s folder of verification-docs after each period.';

create function public.end_report_subscription(p_subscription uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  person public.users := private.require_access();
begin
  update public.report_subscriptions s set active = false where s.id = p_subscription and s.user_id = person.id and s.active;
  if not found then
    raise exception using errcode = 'PT404', message = 'There is no such subscription of yours.', detail = 'not_found',
      hint = 'Fetch the list again.';
  end if;
end
$$;
comment on function public.end_report_subscription(uuid) is 'Ends one''s own subscription; what it made stays.';

create function public.enqueue_due_reports() returns integer
language plpgsql security definer set search_path = '' as $$
declare
  due public.report_subscriptions;
  began timestamp with time zone;
  run uuid;
  enqueued integer := 0;
begin
  for due in
    select s.* from public.report_subscriptions s where s.active and s.next_run_at <= now() order by s.id for update skip locked
  loop
    -- After an outage the last complete period is made, and the ones before it are not.
    began := private.period_begin(due.schedule, private.period_begin(due.schedule, now()) - interval '1 hour');
    insert into public.report_runs (subscription_id, user_id, period_start, period_end)
    values (due.id, due.user_id, began, private.period_after(due.schedule, began))
    on conflict (subscription_id, period_start) do nothing
    returning id into run;
    if run is not null then
      perform private.enqueue_job('report.run', jsonb_build_object('run_id', run), 'report:' || run::text);
      enqueued := enqueued + 1;
    end if;
    update public.report_subscriptions s
    set next_run_at = private.period_after(due.schedule, private.period_begin(due.schedule, now()))
    where s.id = due.id;
  end loop;
  return enqueued;
end
$$;
comment on function public.enqueue_due_reports() is 'Asks for the reports whose period has ended, each once. A job. Returns how many.';

create function private.csv_field(p_text text) returns text
language sql immutable set search_path = '' as $$
  -- A spreadsheet runs what begins with one of these; an apostrophe makes it text (OWASP, "CSV Injection").
  select case
    when p_text is null then ''
    when p_text ~ '^[=+@\t\r-]' and p_text !~ '^-?[0-9]+(\.[0-9]+)?$' then '"''' || replace(p_text, '"', '""') || '"'
    when p_text ~ '[",\r\n]' then '"' || replace(p_text, '"', '""') || '"'
    else p_text
  end
$$;
comment on function private.csv_field(text) is 'A text as a field of a CSV file (RFC 4180) that no spreadsheet takes for a formula.';

create function private.csv_line(p_fields text[]) returns text
language sql immutable set search_path = '' as $$
  select string_agg(private.csv_field(f.field), ',' order by f.place) || E'\r\n' from unnest(p_fields) with ordinality f (field, place)
$$;
comment on function private.csv_line(text[]) is 'A line of a CSV file.';

create function private.report_lines(
  p_kind text, p_filters jsonb, p_begin timestamp with time zone, p_end timestamp with time zone
) returns setof text
language plpgsql stable security definer set search_path = '' as $$
begin
  -- private.can_read_batch answers as the policy on batches does, for the person whose claims are set.
  if p_kind = 'batches' then
    return query
      select private.csv_line(array[
        b.batch_hash, b.standard, b.status, b.tons_or_kwh::text, p.name, b.location, b.date_submitted::text, b.period_start::text,
        b.period_end::text, b.calculated_plastic_credits::text, b.calculated_carbon_credits::text, b.verification_score::text,
        private.utc_text(b.verified_at), b.content_hash
      ])
      from public.batches b
      join public.projects p on p.id = b.project_id
      where b.date_submitted >= (p_begin at time zone 'UTC')::date and b.date_submitted < (p_end at time zone 'UTC')::date
        and private.matches_report(b, p_filters) and private.can_read_batch(b.id)
      order by b.date_submitted, b.id;
  elsif p_kind = 'decisions' then
    return query
      select private.csv_line(array[
        private.utc_text(d.received_at), b.batch_hash, b.standard, who.name, d.action, d.from_status, d.to_status, d.reason_code,
        d.reason, d.score::text, d.opinion, d.assurance_level, d.content_hash
      ])
      from public.decisions d
      join public.batches b on b.id = d.batch_id
      left join public.people who on who.id = d.actor_id
      where d.received_at >= p_begin and d.received_at < p_end
        and private.matches_report(b, p_filters) and private.can_read_review(b.id)
      order by d.received_at, d.id;
  else
    return query
      select private.csv_line(array[
        private.utc_text(f.raised_at), b.batch_hash, b.standard, f.kind, f.title, f.status, private.utc_text(f.due_at),
        f.misstatement::text, f.round::text, who.name, private.utc_text(f.closed_at)
      ])
      from public.findings f
      join public.batches b on b.id = f.batch_id
      left join public.people who on who.id = f.raised_by
      where f.raised_at >= p_begin and f.raised_at < p_end
        and private.matches_report(b, p_filters) and private.can_read_review(b.id)
      order by f.raised_at, f.id;
  end if;
end
$$;
comment on function private.report_lines(text, jsonb, timestamp with time zone, timestamp with time zone) is
  'The lines of a register for a period that the signed-in person may read.';

create function private.can_read_review(p_batch uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select private.can_read_batch(p_batch)
    and (
      private.sees_register() or private.is_assigned(p_batch) or private.owns_batch(p_batch)
      or coalesce(private.in_own_register(p_batch, private.register_body()), false)
    )
$$;
comment on function private.can_read_review(uuid) is
  'True for whoever may read what verifiers left behind on the batch, as the policies on findings and decisions answer.';

create function private.matches_report(p_batch public.batches, p_filters jsonb) returns boolean
language sql immutable set search_path = '' as $$
  select p_batch.standard = coalesce(p_filters ->> 'standard', p_batch.standard)
    and p_batch.status = coalesce(p_filters ->> 'status', p_batch.status)
    and p_batch.project_id = coalesce((p_filters ->> 'project_id')::uuid, p_batch.project_id)
$$;
comment on function private.matches_report(public.batches, jsonb) is 'True for a batch that a report''s filters let through.';

create function private.report_header(p_kind text) returns text
language sql immutable set search_path = '' as $$
  select private.csv_line(case p_kind
    when 'batches' then array['batch', 'standard', 'status', 'tons_or_kwh', 'project', 'location', 'date_submitted', 'period_start',
      'period_end', 'plastic_credits', 'carbon_credits', 'score', 'verified_at', 'content_hash']
    when 'decisions' then array['received_at', 'batch', 'standard', 'decided_by', 'action', 'from_status', 'to_status', 'reason_code',
      'reason', 'score', 'opinion', 'assurance_level', 'content_hash']
    else array['raised_at', 'batch', 'standard', 'kind', 'title', 'status', 'due_at', 'misstatement', 'round', 'raised_by', 'closed_at']
  end)
$$;
comment on function private.report_header(text) is 'The first line of a register.';

create function public.make_report(p_run uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  run public.report_runs;
  subscription public.report_subscriptions;
  claims text := current_setting('request.jwt.claims', true);
  subject text := current_setting('request.jwt.claim.sub', true);
  role text := current_setting('request.jwt.claim.role', true);
  may_read boolean;
  lines text[];
begin
  select r.* into run from public.report_runs r where r.id = p_run for update;
  if run.id is null then
    raise exception using errcode = 'PT404', message = 'There is no such report.', detail = 'not_found', hint = 'Ask for another one.';
  end if;
  if run.state <> 'waiting' then
    return jsonb_build_object('state', run.state);
  end if;
  select s.* into subscription from public.report_subscriptions s where s.id = run.subscription_id;
  -- The subscriber's own rights, as they are now.
  perform set_config('request.jwt.claims', json_build_object('sub', run.user_id, 'role', 'authenticated')::text, true),
    set_config('request.jwt.claim.sub', run.user_id::text, true), set_config('request.jwt.claim.role', 'authenticated', true);
  may_read := private.is_active_person();
  if may_read then
    lines := array(select private.report_lines(subscription.kind, subscription.filters, run.period_start, run.period_end));
  end if;
  perform set_config('request.jwt.claims', coalesce(claims, ''), true), set_config('request.jwt.claim.sub', coalesce(subject, ''), true),
    set_config('request.jwt.claim.role', coalesce(role, ''), true);
  if not may_read then
    update public.report_runs r set state = 'refused', finished_at = now() where r.id = run.id;
    update public.report_subscriptions s set active = false where s.id = run.subscription_id;
    return jsonb_build_object('state', 'refused');
  end if;
  return jsonb_build_object(
    'state', 'waiting',
    'bucket', run.bucket,
    'object_path', format('%s/reports/%s-%s-%s.csv', run.user_id, subscription.kind,
      to_char(run.period_start at time zone 'UTC', 'YYYY-MM-DD'), left(run.id::text, 8)),
    'csv', private.report_header(subscription.kind) || array_to_string(lines, ''),
    'row_count', cardinality(lines)
  );
end
$$;
comment on function public.make_report(uuid) is
  'The text of a report that is due, under the subscriber''s rights. Whoever is no longer let in gets none, and the subscription ends.';

create function public.finish_report(p_run uuid, p_object_path text, p_row_count integer, p_sha256 text, p_byte_size bigint) returns void
language plpgsql security definer set search_path = '' as $$
begin
  update public.report_runs r
  set state = 'done', object_path = p_object_path, row_count = p_row_count, sha256 = p_sha256, byte_size = p_byte_size, finished_at = now()
  where r.id = p_run and r.state = 'waiting';
end
$$;
comment on function public.finish_report(uuid, text, integer, text, bigint) is 'Notes that a report''s file is in its place.';

revoke all on public.report_subscriptions, public.report_runs from public, anon, authenticated;
grant all on public.report_subscriptions, public.report_runs to service_role;
grant select on public.report_subscriptions, public.report_runs to authenticated;
revoke all on function
  private.period_begin(text, timestamp with time zone), private.period_length(text),
  private.period_after(text, timestamp with time zone), private.check_report_filters(jsonb),
  public.subscribe_to_report(text, text, jsonb), public.end_report_subscription(uuid), public.enqueue_due_reports(),
  private.csv_field(text), private.csv_line(text[]),
  private.report_lines(text, jsonb, timestamp with time zone, timestamp with time zone), private.can_read_review(uuid),
  private.matches_report(public.batches, jsonb), private.report_header(text),
  public.make_report(uuid), public.finish_report(uuid, text, integer, text, bigint)
from public, anon, authenticated;
grant execute on function public.subscribe_to_report(text, text, jsonb), public.end_report_subscription(uuid)
to authenticated;
grant execute on function
  public.enqueue_due_reports(), public.make_report(uuid), public.finish_report(uuid, text, integer, text, bigint)
to service_role;
