-- Mail between people and support: asked for by a function, kept until it is sent, sent by a job.

create table private.mails (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.users (id),
  requested_by uuid references public.users (id),
  direction text not null check (direction in ('to_support', 'to_person')),
  subject text not null check (subject <> '' and length(subject) <= 200 and subject !~ '[[:cntrl:]]'),
  message text not null check (message <> '' and length(message) <= 20000),
  priority text not null check (priority in ('low', 'medium', 'high')),
  state text not null default 'queued' check (state in ('queued', 'waiting_for_settings', 'sent', 'failed')),
  last_error text,
  created_at timestamp with time zone not null default now(),
  sent_at timestamp with time zone
);
comment on table private.mails is
  'Mail to support about a person, or from support to a person. The addresses are read when it is sent. `waiting_for_settings` is kept until the mail server is configured.';
create index mails_user_id on private.mails (user_id);
create index mails_requested_by on private.mails (requested_by, created_at);
create index mails_created_at on private.mails (created_at);
alter table private.mails enable row level security;

create function private.enqueue_mail(
  p_user uuid, p_requested_by uuid, p_direction text, p_subject text, p_message text, p_priority text
) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  mail uuid;
begin
  insert into private.mails (user_id, requested_by, direction, subject, message, priority)
  values (p_user, p_requested_by, p_direction, p_subject, p_message, p_priority)
  returning id into mail;
  perform private.enqueue_job(
    'mail.send', jsonb_build_object('mail_id', mail), 'mail ' || mail::text,
    case p_priority when 'high' then 10 when 'low' then -10 else 0 end
  );
  return mail;
end
$$;
comment on function private.enqueue_mail(uuid, uuid, text, text, text, text) is
  'Keeps a mail and the job that sends it, in the transaction that causes it. Returns its id.';

create function private.take_mail_turn(p_person uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  hourly constant integer := 5;
  oldest timestamp with time zone;
begin
  perform pg_advisory_xact_lock(hashtextextended('mail ' || p_person::text, 0));
  select m.created_at into oldest
  from private.mails m
  where m.requested_by = p_person and m.created_at > now() - interval '1 hour'
  order by m.created_at desc
  offset hourly - 1 limit 1;
  if oldest is not null then
    raise exception using errcode = 'PT429',
      message = format('At most %s mails to support may be sent in an hour.', hourly), detail = 'rate_limited',
      hint = format('Try again in %s seconds.', ceil(extract(epoch from oldest + interval '1 hour' - now())));
  end if;
end
$$;
comment on function private.take_mail_turn(uuid) is
  'Refuses the sixth mail within an hour, counted over the sliding hour before now; requests at once are counted one after the other.';

create function public.request_support_email(
  p_user_id uuid, p_subject text, p_message text, p_priority text default 'medium'
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  asking uuid := auth.uid();
  mail uuid;
begin
  if asking is null and coalesce(auth.role(), '') in ('anon', 'authenticated') then
    raise exception using errcode = 'PT401', message = 'Nobody is signed in.', detail = 'not_signed_in', hint = 'Sign in again.';
  end if;
  -- Whoever waits for approval or was turned away is exactly who writes to support: an account is enough for one's own mail.
  if asking is distinct from p_user_id then
    perform private.require_administration();
  elsif private.is_active_person() and not private.may('support.contact') then
    perform private.refuse_access('not_allowed', 'This account may not write to support.', 'Ask an administrator.');
  end if;
  if not exists (
    select 1 from public.users u
    where u.id = p_user_id and (asking = p_user_id or private.bound_body() is null or u.organization_id = private.bound_body())
  ) then
    raise exception using errcode = 'PT404', message = 'There is no such person.', detail = 'not_found', hint = 'Check the id.';
  end if;
  if p_subject is null or btrim(p_subject) = '' or length(p_subject) > 200 or p_subject ~ '[[:cntrl:]]' then
    raise exception using errcode = 'PT400', message = 'A subject is one line of 1 to 200 characters.',
      detail = 'invalid_subject', hint = 'Shorten it, and leave out line breaks.';
  elsif p_message is null or btrim(p_message) = '' or length(p_message) > 20000 then
    raise exception using errcode = 'PT400', message = 'A message has 1 to 20,000 characters.',
      detail = 'invalid_message', hint = 'Shorten it.';
  elsif p_priority is null or p_priority not in ('low', 'medium', 'high') then
    raise exception using errcode = 'PT400', message = 'The priority is low, medium or high.',
      detail = 'invalid_priority', hint = 'Choose one of them.';
  end if;
  if asking is not null then
    perform private.take_mail_turn(asking);
  end if;
  mail := private.enqueue_mail(
    p_user_id, asking, case when asking = p_user_id then 'to_support' else 'to_person' end, btrim(p_subject), p_message, p_priority
  );
  return jsonb_build_object('mail_id', mail, 'state', 'queued');
end
$$;
comment on function public.request_support_email(uuid, text, text, text) is
  'Asks for a mail: about oneself to support, or, for administrators and the service, from support to a person. Five in an hour for each person.';

create function public.list_support_emails(p_limit integer default 50) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  everything boolean := false;
begin
  if auth.uid() is null or (private.person_role() = 'admin' and private.bound_body() is null) then
    perform private.require_registry_administration('job.manage');
    everything := true;
  end if;
  return coalesce((
    select jsonb_agg(to_jsonb(listed) order by listed.created_at desc, listed.id)
    from (
      select m.id, m.user_id, m.direction, m.subject, m.priority, m.state, m.last_error, m.created_at, m.sent_at
      from private.mails m
      where everything or m.requested_by = auth.uid()
      order by m.created_at desc, m.id
      limit least(greatest(p_limit, 1), 1000)
    ) listed
  ), '[]');
end
$$;
comment on function public.list_support_emails(integer) is
  'Mail that one asked for and what became of it; administrators of the registry and the service see all. Without the messages.';

create function public.begin_mail(p_mail uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'id', m.id, 'state', m.state, 'direction', m.direction, 'subject', m.subject, 'message', m.message,
    'priority', m.priority, 'person_name', u.name, 'person_email', u.email, 'person_id', u.id
  )
  from private.mails m
  join public.users u on u.id = m.user_id
  where m.id = p_mail
$$;
comment on function public.begin_mail(uuid) is 'For the job that sends it: a mail with the address of its person. Null when there is none.';

create function public.record_mail(p_mail uuid, p_state text, p_error text default null) returns boolean
language sql security definer set search_path = '' as $$
  with recorded as (
    update private.mails m
    set state = p_state, last_error = left(p_error, 1000), sent_at = case when p_state = 'sent' then now() end
    where m.id = p_mail and m.state <> 'sent'
    returning 1
  )
  select exists (select 1 from recorded)
$$;
comment on function public.record_mail(uuid, text, text) is 'For the job that sends it: what became of a mail. False when it was sent before.';

create function public.purge_mails(p_days integer default 365) returns integer
language plpgsql security definer set search_path = '' set statement_timeout = '5min' as $$
declare
  purged integer;
begin
  delete from private.mails m where m.created_at < now() - make_interval(days => p_days) and m.state in ('sent', 'failed');
  get diagnostics purged = row_count;
  return purged;
end
$$;
comment on function public.purge_mails(integer) is
  'Removes mail that was sent, or failed for good, a year ago. Returns how many.';
insert into private.job_schedules (kind, every) values ('mail.purge', '1 day');

revoke all on private.mails from public, anon, authenticated;
grant all on private.mails to service_role;
revoke all on function
  private.enqueue_mail(uuid, uuid, text, text, text, text), private.take_mail_turn(uuid),
  public.request_support_email(uuid, text, text, text), public.list_support_emails(integer), public.begin_mail(uuid),
  public.record_mail(uuid, text, text), public.purge_mails(integer)
from public, anon, authenticated;
grant execute on function
  public.request_support_email(uuid, text, text, text), public.list_support_emails(integer), public.begin_mail(uuid),
  public.record_mail(uuid, text, text), public.purge_mails(integer)
to service_role;
grant execute on function
  public.request_support_email(uuid, text, text, text), public.list_support_emails(integer)
to authenticated;
