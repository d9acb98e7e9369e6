-- How events reach webhooks: what the function that delivers asks before an attempt and records after it, tests, and the purge.

alter table public.webhook_deliveries
  add column event_id uuid,
  add column error text;
comment on column public.webhook_deliveries.event_id is 'The event''s id, the same in every attempt, by which a receiver recognizes one that comes twice.';
comment on column public.webhook_deliveries.error is 'Why there was no answer, where there was none.';
comment on column public.webhook_deliveries.response_body is 'At most the first 4 KiB of the answer.';
alter table public.webhook_deliveries
  add constraint webhook_deliveries_body_capped check (octet_length(response_body) <= 4096);
create index webhook_deliveries_created_at on public.webhook_deliveries (created_at);

create function private.iso_time(p_time timestamp with time zone) returns text
language sql immutable set search_path = '' as $$
  select to_char(p_time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;
comment on function private.iso_time(timestamp with time zone) is 'A time as ISO 8601 in UTC with milliseconds.';

create function public.begin_webhook_delivery(p_webhook uuid, p_event_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  hook public.webhooks;
  told private.events;
begin
  select w.* into hook from public.webhooks w where w.id = p_webhook;
  select e.* into told from private.events e where e.id = p_event_id;
  if hook.id is null or hook.deleted_at is not null or not hook.is_active then
    return jsonb_build_object('skip', 'The webhook is not active.');
  elsif told.id is null then
    return jsonb_build_object('skip', 'The event is no longer kept.');
  elsif told.event <> 'webhook.test' and not told.event = any (hook.events) then
    return jsonb_build_object('skip', 'The webhook no longer listens for this event.');
  elsif not private.hears_as(hook.user_id, told.event, told.subject_id, told.data) then
    return jsonb_build_object('skip', 'The owner of the webhook may no longer read what the event is about.');
  end if;
  return jsonb_build_object(
    'url', hook.url,
    'secret', (select s.secret from private.webhook_secrets s where s.webhook_id = hook.id),
    'body', jsonb_build_object(
      'id', told.id, 'event', told.event, 'timestamp', private.iso_time(told.occurred_at), 'data', told.data
    )
  );
end
$$;
comment on function public.begin_webhook_delivery(uuid, uuid) is
  'For the function that delivers: address, secret and body of a delivery, or why there is none to make. Asks again what the owner may read.';

create function public.record_webhook_delivery(
  p_webhook uuid, p_event_id uuid, p_payload jsonb, p_status integer, p_body text, p_milliseconds integer, p_success boolean,
  p_error text default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  most constant integer := 20;
  hook public.webhooks;
  why text;
begin
  -- The time that made it fail is no reason to end the whole: a webhook that is gone is not recorded.
  select w.* into hook from public.webhooks w where w.id = p_webhook for no key update;
  if hook.id is null then
    return jsonb_build_object('disabled', true);
  end if;
  insert into public.webhook_deliveries (webhook_id, event, payload, response_status, response_body, delivery_time_ms, success, event_id, error)
  values (p_webhook, coalesce(p_payload ->> 'event', ''), p_payload, p_status, p_body, p_milliseconds, p_success, p_event_id, left(p_error, 500));
  if p_success then
    update public.webhooks w set failures = 0 where w.id = p_webhook and w.failures > 0;
    return jsonb_build_object('disabled', false);
  end if;
  if not hook.is_active then
    return jsonb_build_object('disabled', true);
  end if;
  if hook.failures + 1 < most then
    update public.webhooks w set failures = w.failures + 1 where w.id = p_webhook;
    return jsonb_build_object('disabled', false);
  end if;
  why := format('%s attempts in a row failed; the last one: %s', most, coalesce(left(p_error, 200), 'status ' || p_status::text, 'no answer'));
  update public.webhooks w
  set failures = w.failures + 1, is_active = false, disabled_at = now(), disabled_reason = why
  where w.id = p_webhook;
  perform private.enqueue_mail(
    hook.user_id, null, 'to_person', 'A webhook was switched off',
    format(
      E'The webhook "%s" was switched off: %s.\n\nEvents are no longer sent to it. When it answers again, make it active in its settings.',
      regexp_replace(hook.name, '[[:cntrl:]]', ' ', 'g'), why
    ),
    'medium'
  );
  return jsonb_build_object('disabled', true);
end
$$;
comment on function public.record_webhook_delivery(uuid, uuid, jsonb, integer, text, integer, boolean, text) is
  'For the function that delivers: what came of an attempt. The twentieth failure in a row switches the webhook off and writes to its owner.';

create function private.enqueue_notification(p_webhook uuid, p_event text, p_data jsonb) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  told uuid;
begin
  insert into private.events (event, subject_id, data) values (p_event, p_webhook, p_data) returning id into told;
  perform private.enqueue_job(
    'webhook.deliver', jsonb_build_object('webhook_id', p_webhook, 'event', p_event, 'event_id', told),
    'webhook ' || p_webhook::text || ' ' || told::text, 5
  );
  return told;
end
$$;
comment on function private.enqueue_notification(uuid, text, jsonb) is 'Enqueues a delivery to one webhook. Returns the event''s id.';

create function public.test_webhook(p_webhook uuid, p_payload jsonb default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  hook public.webhooks := private.require_webhook(p_webhook);
  told uuid;
begin
  if not hook.is_active then
    raise exception using errcode = 'PT409', message = 'This webhook is not active.', detail = 'not_active', hint = 'Make it active, then test it.';
  elsif octet_length(p_payload::text) > 16384 then
    raise exception using errcode = 'PT413', message = 'The data of a test has at most 16 KiB.', detail = 'too_large', hint = 'Send less.';
  elsif (
    select count(*) from private.events e
    where e.subject_id = hook.id and e.event = 'webhook.test' and e.occurred_at > now() - interval '1 minute'
  ) >= 5 then
    raise exception using errcode = 'PT429', message = 'A webhook is tested at most five times in a minute.', detail = 'rate_limited',
      hint = 'Try again in a minute.';
  end if;
  told := private.enqueue_notification(
    hook.id, 'webhook.test', coalesce(p_payload, '{}') || jsonb_build_object('webhook_id', hook.id)
  );
  return jsonb_build_object('event_id', told);
end
$$;
comment on function public.test_webhook(uuid, jsonb) is
  'Sends the event webhook.test to a webhook of one''s own, on the same way as every other. Its deliveries show what came of it.';

create function public.queue_webhook_notification(p_webhook uuid, p_event text, p_payload jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  hook public.webhooks;
  subject text := coalesce(p_payload ->> 'id', '');
  told uuid;
begin
  select w.* into hook from public.webhooks w where w.id = p_webhook and w.deleted_at is null;
  if hook.id is null then
    raise exception using errcode = 'PT404', message = 'There is no such webhook.', detail = 'not_found', hint = 'Check the id.';
  elsif p_event is null or not p_event = any (private.webhook_events()) or not p_event = any (hook.events) then
    raise exception using errcode = 'PT422', message = 'The webhook does not listen for this event.', detail = 'not_listening',
      hint = 'Check the webhook''s events.';
  elsif jsonb_typeof(p_payload) is distinct from 'object' or subject !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
    raise exception using errcode = 'PT400', message = 'The payload is the row that the event is about, with its id.',
      detail = 'invalid_payload', hint = 'Send an object with an id.';
  end if;
  insert into private.events (event, subject_id, data) values (p_event, subject::uuid, p_payload) returning id into told;
  perform private.enqueue_job(
    'webhook.deliver', jsonb_build_object('webhook_id', hook.id, 'event', p_event, 'event_id', told),
    'webhook ' || hook.id::text || ' ' || told::text
  );
  return jsonb_build_object('event_id', told);
end
$$;
comment on function public.queue_webhook_notification(uuid, text, jsonb) is
  'For server-side programs: tells one webhook of an event beside those that the database tells of itself.';

create function public.purge_webhook_deliveries(p_days integer default 90) returns integer
language plpgsql security definer set search_path = '' set statement_timeout = '5min' as $$
declare
  purged integer;
begin
  delete from public.webhook_deliveries d where d.created_at < now() - make_interval(days => p_days);
  get diagnostics purged = row_count;
  delete from private.events e where e.occurred_at < now() - make_interval(days => p_days);
  return purged;
end
$$;
comment on function public.purge_webhook_deliveries(integer) is
  'Removes what webhooks were told, and the events themselves, after 90 days. Returns how many deliveries were removed.';

revoke all on function
  private.iso_time(timestamp with time zone), public.begin_webhook_delivery(uuid, uuid),
  public.record_webhook_delivery(uuid, uuid, jsonb, integer, text, integer, boolean, text),
  private.enqueue_notification(uuid, text, jsonb), public.test_webhook(uuid, jsonb),
  public.queue_webhook_notification(uuid, text, jsonb), public.purge_webhook_deliveries(integer)
from public, anon, authenticated;
grant execute on function
  public.begin_webhook_delivery(uuid, uuid),
  public.record_webhook_delivery(uuid, uuid, jsonb, integer, text, integer, boolean, text), public.test_webhook(uuid, jsonb),
  public.queue_webhook_notification(uuid, text, jsonb), public.purge_webhook_deliveries(integer)
to service_role;
grant execute on function public.test_webhook(uuid, jsonb) to authenticated;
