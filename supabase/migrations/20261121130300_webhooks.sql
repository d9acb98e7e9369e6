-- Webhooks of people: what one may set up, and a secret that nobody reads back. The secret itself is kept apart; the column
-- `secret` holds its end alone, so that no reader of the row, of the audit trail or of a backup of the API's schema has it.

alter table public.webhooks
  add column failures integer not null default 0,
  add column disabled_at timestamp with time zone,
  add column disabled_reason text,
  add column deleted_at timestamp with time zone,
  add column version integer not null default 1;
comment on column public.webhooks.secret is 'The last four characters of the secret that signs deliveries, for recognition.';
comment on column public.webhooks.failures is 'Attempts that failed since the last one that worked.';
comment on column public.webhooks.disabled_at is 'When the webhook was switched off for failing again and again; cleared when it is made active again.';
create index webhooks_listening on public.webhooks using gin (events) where is_active and deleted_at is null;

create trigger count_webhooks_version before update on public.webhooks
  for each row when (old.* *<> new.*) execute function private.count_version();
create trigger audit_webhooks_trigger after insert or delete on public.webhooks
  for each row execute function public.audit_trigger_function();
-- Failures are counted at every attempt, which is no news; a change, a switching off and a deletion are.
create trigger audit_webhooks_update_trigger after update on public.webhooks
  for each row when (
    (old.name, old.url, old.events, old.is_active) is distinct from (new.name, new.url, new.events, new.is_active)
    or old.secret is distinct from new.secret or old.disabled_at is distinct from new.disabled_at
    or old.deleted_at is distinct from new.deleted_at
  ) execute function public.audit_trigger_function();

create table private.webhook_secrets (
  webhook_id uuid primary key references public.webhooks (id) deferrable initially deferred,
  secret text not null check (length(secret) between 16 and 256),
  changed_at timestamp with time zone not null default now()
);
comment on table private.webhook_secrets is 'What deliveries are signed with. Read by the function that delivers, by nobody else.';
alter table private.webhook_secrets enable row level security;

create function private.webhook_events() returns text[]
language sql immutable set search_path = '' as $$
  select array[
    'batch.created', 'batch.updated', 'batch.approved', 'batch.rejected', 'batch.verified', 'purchase.completed',
    'retirement.created', 'user.registered', 'user.approved', 'user.rejected'
  ]
$$;
comment on function private.webhook_events() is 'Every event that a webhook may listen for.';

create function private.manages_webhooks() returns boolean
language sql stable security definer set search_path = '' as $$
  select private.may('webhook.manage')
$$;
comment on function private.manages_webhooks() is 'True for whoever may set up webhooks of their own.';

create function private.new_webhook_secret() returns text
language sql volatile set search_path = '' as $$
  select 'whsec_' || encode(extensions.gen_random_bytes(32), 'hex')
$$;
comment on function private.new_webhook_secret() is 'A random secret of 256 bits.';

create function private.prepare_webhook() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  own constant integer := 20;
begin
  if coalesce(btrim(new.name), '') = '' or length(new.name) > 100 then
    raise exception using errcode = 'PT400', message = 'A webhook has a name of 1 to 100 characters.',
      detail = 'invalid_name', hint = 'Give it a short name.';
  elsif new.url is null or length(new.url) > 2000 or new.url !~ '^https?://[^/?#@\\[:space:][:cntrl:]]+([/?][^#\\[:space:][:cntrl:]]*)?$' then
    raise exception using errcode = 'PT400', message = 'The address of a webhook is an https address without user name or fragment.',
      detail = 'invalid_url', hint = 'Give an address such as https://example.org/events.';
  elsif new.events is null or cardinality(new.events) = 0 or not new.events <@ private.webhook_events() then
    raise exception using errcode = 'PT400', message = 'A webhook listens for one or more of the known events.',
      detail = 'invalid_events', hint = 'Choose from: ' || array_to_string(private.webhook_events(), ', ') || '.';
  end if;
  new.events := array(select distinct e from unnest(new.events) e order by e);
  new.is_active := coalesce(new.is_active, true);
  if tg_op = 'INSERT' then
    perform pg_advisory_xact_lock(hashtextextended('webhooks ' || new.user_id::text, 0));
    if (select count(*) from public.webhooks w where w.user_id = new.user_id and w.deleted_at is null) >= own then
      raise exception using errcode = 'PT422', message = format('A person has at most %s webhooks.', own),
        detail = 'too_many', hint = 'Delete one that is not needed.';
    end if;
    new.secret := coalesce(nullif(new.secret, ''), private.new_webhook_secret());
  elsif new.is_active and not old.is_active then
    new.failures := 0;
    new.disabled_at := null;
    new.disabled_reason := null;
  end if;
  if tg_op = 'INSERT' or new.secret is distinct from old.secret then
    if new.secret is null or length(new.secret) not between 16 and 256 then
      raise exception using errcode = 'PT400', message = 'The secret of a webhook has 16 to 256 characters.',
        detail = 'invalid_secret', hint = 'Leave it out to have one made.';
    end if;
    insert into private.webhook_secrets (webhook_id, secret) values (new.id, new.secret)
    on conflict (webhook_id) do update set secret = excluded.secret, changed_at = now();
    new.secret := '…' || right(new.secret, 4);
  end if;
  return new;
end
$$;
comment on function private.prepare_webhook() is
  'Checks a webhook and puts its secret away. Making it active again forgets its failures.';
-- By its name it fires first, so that what is compared and counted after it is what is stored.
create trigger a_prepare_webhook before insert or update on public.webhooks
  for each row execute function private.prepare_webhook();

create policy "One's own webhooks" on public.webhooks for select to authenticated
  using (user_id = (select auth.uid()) and deleted_at is null and (select private.manages_webhooks()));
create policy "People set up webhooks of their own" on public.webhooks for insert to authenticated
  with check (user_id = (select auth.uid()) and (select private.manages_webhooks()));
create policy "People change webhooks of their own" on public.webhooks for update to authenticated
  using (user_id = (select auth.uid()) and deleted_at is null and (select private.manages_webhooks()))
  with check (user_id = (select auth.uid()));
create policy "What one's own webhooks were told" on public.webhook_deliveries for select to authenticated
  using (
    (select private.manages_webhooks()) and exists (
      select 1 from public.webhooks w where w.id = webhook_id and w.user_id = (select auth.uid()) and w.deleted_at is null
    )
  );

create function private.require_webhook(p_webhook uuid) returns public.webhooks
language plpgsql security definer set search_path = '' as $$
declare
  hook public.webhooks;
begin
  perform private.require_access();
  if not private.manages_webhooks() then
    perform private.refuse_access('not_allowed', 'This account may not set up webhooks.', 'Ask an administrator.');
  end if;
  select w.* into hook from public.webhooks w
  where w.id = p_webhook and w.user_id = auth.uid() and w.deleted_at is null
  for no key update;
  if hook.id is null then
    raise exception using errcode = 'PT404', message = 'There is no such webhook of yours.', detail = 'not_found', hint = 'Check the list.';
  end if;
  return hook;
end
$$;
comment on function private.require_webhook(uuid) is 'The signed-in person''s webhook, locked, or an error.';

create function public.create_webhook(p_name text, p_url text, p_events text[], p_secret text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  person public.users := private.require_access();
  given text := coalesce(nullif(p_secret, ''), private.new_webhook_secret());
  hook public.webhooks;
begin
  if not private.manages_webhooks() then
    perform private.refuse_access('not_allowed', 'This account may not set up webhooks.', 'Ask an administrator.');
  end if;
  insert into public.webhooks (user_id, name, url, events, secret)
  values (person.id, p_name, p_url, p_events, given)
  returning * into hook;
  return to_jsonb(hook) || jsonb_build_object('secret', given);
end
$$;
comment on function public.create_webhook(text, text, text[], text) is
  'Sets up a webhook of one''s own. The answer alone holds the secret, which is made when none is given.';

create function public.rotate_webhook_secret(p_webhook uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  hook public.webhooks := private.require_webhook(p_webhook);
  fresh text := private.new_webhook_secret();
begin
  update public.webhooks w set secret = fresh where w.id = hook.id;
  return jsonb_build_object('id', hook.id, 'secret', fresh);
end
$$;
comment on function public.rotate_webhook_secret(uuid) is 'Gives a webhook of one''s own a new secret, in force at once; the answer alone holds it.';

create function public.delete_webhook(p_webhook uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  hook public.webhooks := private.require_webhook(p_webhook);
begin
  update public.webhooks w set deleted_at = now(), is_active = false where w.id = hook.id;
  delete from private.webhook_secrets s where s.webhook_id = hook.id;
  return true;
end
$$;
comment on function public.delete_webhook(uuid) is 'Ends a webhook of one''s own for good and forgets its secret; what it was told stays until it is purged.';

revoke all on private.webhook_secrets from public, anon, authenticated;
grant all on private.webhook_secrets to service_role;
grant select on public.webhooks, public.webhook_deliveries to authenticated;
grant insert (id, user_id, name, url, events, secret, is_active) on public.webhooks to authenticated;
grant update (name, url, events, secret, is_active) on public.webhooks to authenticated;
revoke all on function
  private.webhook_events(), private.manages_webhooks(), private.new_webhook_secret(), private.prepare_webhook(),
  private.require_webhook(uuid), public.create_webhook(text, text, text[], text), public.rotate_webhook_secret(uuid),
  public.delete_webhook(uuid)
from public, anon, authenticated;
grant execute on function
  private.webhook_events(), private.manages_webhooks(), public.create_webhook(text, text, text[], text),
  public.rotate_webhook_secret(uuid), public.delete_webhook(uuid)
to authenticated, service_role;
