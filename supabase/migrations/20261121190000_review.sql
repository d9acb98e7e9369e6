-- What an attacker's eye found: whose file a row of evidence may name, whose secret a webhook's row sets, what a session that was ended
-- may still do, how long a declared conflict stands, whose reports an administrator reads, and what of others is in a person's export.

-- A row of evidence opens the file that it names to whoever reads its batch. A name is given by whoever inserts the row, so that it has to
-- be a file of theirs: of anybody else's, the row would open it. Nor does it lead out of their folder again.
create policy "A file of one's own folder" on public.evidence_files as restrictive for insert to authenticated
  with check (starts_with(object_path, (select auth.uid())::text || '/') and object_path !~ '(^|/)\.{1,2}(/|$)');

-- An insert that skips a row whose id is there (`on conflict do nothing`) has run this trigger by then: what it puts away must be about a
-- new webhook and about nobody else's.
create or replace function private.prepare_webhook() returns trigger
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
    if exists (select 1 from public.webhooks w where w.id = new.id) then
      raise exception using errcode = 'PT409', message = 'There is a webhook with this id.', detail = 'id_taken',
        hint = 'Leave the id out to have one made.';
    end if;
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
    if tg_op = 'UPDATE' then
      update private.webhook_secrets s set secret = new.secret, changed_at = now() where s.webhook_id = new.id;
    end if;
    -- A new webhook's secret is never put over one that is there: two with one id at once end in an error for the second.
    if tg_op = 'INSERT' or not found then
      insert into private.webhook_secrets (webhook_id, secret) values (new.id, new.secret);
    end if;
    new.secret := '…' || right(new.secret, 4);
  end if;
  return new;
end
$$;

-- A conflict that was declared stands until an administrator lifts it or its year is over. Declared again with an earlier date, it ended
-- at once, and with it what kept the person from declaring that there is none.
create or replace function private.declare(p_actor uuid, p_id uuid, p_subject jsonb, p_from timestamp with time zone) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  begun timestamp with time zone := date_trunc('milliseconds', least(p_from, now()));
  ended timestamp with time zone := begun + interval '1 year';
  standing timestamp with time zone;
begin
  select max(g.valid_until) into standing
  from public.access_grants g
  where g.user_id = p_actor and g.kind = 'independence' and g.revoked_at is null and g.valid_until > now()
    and g.subject ->> 'declaration' = 'conflict'
    and g.subject ->> 'about_kind' = p_subject ->> 'about_kind' and g.subject ->> 'about_id' = p_subject ->> 'about_id';
  if p_subject ->> 'declaration' = 'none' and standing is not null then
    perform private.refuse('conflict_declared', 'You declared a conflict of interest here, which stays until an administrator has looked at it.',
      'Ask an administrator to revoke that declaration first.');
  end if;
  update public.access_grants g
  set revoked_at = now(), revoked_by = p_actor, revocation_reason = 'Replaced by a newer declaration'
  where g.user_id = p_actor and g.kind = 'independence' and g.revoked_at is null
    and g.subject ->> 'about_kind' = p_subject ->> 'about_kind' and g.subject ->> 'about_id' = p_subject ->> 'about_id';
  insert into public.access_grants (id, user_id, kind, subject, valid_from, valid_until, issued_by)
  values (p_id, p_actor, 'independence', p_subject, begun, greatest(ended, standing), p_actor);
  return p_id;
end
$$;
comment on function private.declare(uuid, uuid, jsonb, timestamp with time zone) is
  'Records a declaration that was checked, for a year from when it was made, in the place of the person''s earlier one about the same. Only an administrator lifts a conflict; one that is declared again ends no earlier than it would have.';

-- Whoever is bound to a verification body reads the reports of its people, and of nobody else.
do $$
declare
  t text;
begin
  foreach t in array array['report_subscriptions', 'report_runs'] loop
    execute format('alter policy "One''s own, and all of them for administrators" on public.%I
      using (
        (user_id = (select auth.uid()) and (select private.is_active_person()))
        or ((select private.person_role()) = ''admin'' and ((select private.bound_body()) is null or private.is_colleague(user_id)))
      )', t);
  end loop;
end
$$;

-- A session that was ended, as those of a lost device are, does nothing more in its person's name: not only in synchronization.
create or replace function private.require_access() returns public.users
language plpgsql stable security definer set search_path = '' as $$
declare
  person public.users;
begin
  if auth.uid() is null then
    raise exception using
      errcode = 'PT401', message = 'Nobody is signed in.', detail = 'not_signed_in', hint = 'Sign in again.';
  end if;
  select u.* into person from public.users u where u.id = auth.uid();
  if person.id is null or coalesce(person.approval_status, 'pending') = 'pending' then
    perform private.refuse_access('account_pending',
      'This account has not been approved yet.', 'Wait for an administrator to approve it, or ask one.');
  elsif person.approval_status = 'rejected' then
    perform private.refuse_access('account_rejected',
      'This account was not approved'
        || case when coalesce(person.rejection_reason, '') = '' then '.' else ': ' || person.rejection_reason end,
      'Ask an administrator what is missing'
        || case when coalesce(person.rejection_reason, '') = '' then '.' else '. Reason given: ' || person.rejection_reason end);
  elsif not person.active then
    perform private.refuse_access('account_suspended',
      'This account is suspended.', 'Ask an administrator to reactivate it.');
  elsif not private.session_lives(private.session_id()) then
    raise exception using errcode = 'PT401', message = 'This session has been ended.', detail = 'session_ended',
      hint = 'Sign in again. What was recorded on this computer is kept.';
  end if;
  return person;
end
$$;
comment on function private.require_access() is
  'The signed-in person, or an error: 401 not_signed_in or session_ended, 403 account_pending, account_rejected or account_suspended.';

-- One finding whose title does not fit into a mail kept everybody from being told of any.
create or replace function public.escalate_overdue_findings() returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  told jsonb;
begin
  with wanted as materialized (
    select * from private.overdue_findings()
  ), made as (
    insert into public.escalations (finding_id, batch_id, level, recipient_id, due_at)
    select w.finding_id, w.batch_id, w.level, w.recipient_id, w.due_at
    from wanted w
    order by w.finding_id, w.level, w.recipient_id
    on conflict (finding_id, level, due_at, recipient_id) do nothing
    returning id, finding_id, level, recipient_id
  ), mailed as (
    select m.level, private.enqueue_mail(
      m.recipient_id, null, 'to_person',
      left('Overdue: ' || regexp_replace(w.title, '[[:cntrl:]]+', ' ', 'g'), 200),
      format(
        E'The finding "%s" on batch %s was due on %s (UTC) and is still open.\n\n%s',
        left(w.title, 500), w.batch_hash, to_char(w.due_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI'),
        case when m.level = 1 then 'Please answer it, or agree on a new date with the verifier.'
          else 'The recycler was reminded. Please decide how the review goes on.' end
      ),
      case when m.level = 1 then 'medium' else 'high' end
    ) as mail
    from made m
    join wanted w on w.finding_id = m.finding_id and w.level = m.level and w.recipient_id = m.recipient_id
  )
  select jsonb_build_object(
    'reminded', count(*) filter (where level = 1), 'escalated', count(*) filter (where level > 1)
  )
  into told
  from mailed;
  return told;
end
$$;

-- Decimal columns accept NaN, which counts as more than any number: a batch of as many tonnes would never be sold out, and one such batch
-- makes the totals of its project and the statistics of everybody NaN.
alter table public.batches
  add constraint batches_quantity_is_number check (tons_or_kwh < 100000000),
  add constraint batches_credits_are_numbers check (calculated_plastic_credits < 100000000 and calculated_carbon_credits < 100000000);
alter table public.projects add constraint projects_credit_price_is_number check (credit_price < 100000000);

-- Credits are calculated when somebody asks for it. A recycler who corrected the quantity afterwards kept the credits of the one before.
create function private.follow_quantity() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  -- A maintenance script knows what it writes.
  if auth.uid() is not null then
    select private.half_even(new.tons_or_kwh * r.plastic_per_unit), private.half_even(new.tons_or_kwh * r.carbon_per_unit)
    into new.calculated_plastic_credits, new.calculated_carbon_credits
    from public.credit_rules r where r.standard = new.standard;
  end if;
  return new;
end
$$;
comment on function private.follow_quantity() is 'Calculates credits again, by the rule of the standard, when a person changes the quantity that they were calculated from.';
revoke all on function private.follow_quantity() from public, anon, authenticated;
-- By its name it fires first, so that what is checked, hashed and counted after it is what is stored.
create trigger a_follow_batches_quantity before update on public.batches
  for each row when (
    old.tons_or_kwh is distinct from new.tons_or_kwh
    and (old.calculated_plastic_credits <> 0 or old.calculated_carbon_credits <> 0)
    and old.calculated_plastic_credits is not distinct from new.calculated_plastic_credits
    and old.calculated_carbon_credits is not distinct from new.calculated_carbon_credits
  )
  execute function private.follow_quantity();

-- Whoever registers may name an organization: until somebody lets them in, what they upload is not the organization's.
create or replace function private.storage_used(p_organization uuid) returns bigint
language sql stable security definer set search_path = '' as $$
  select coalesce(sum((o.metadata ->> 'size')::bigint), 0)::bigint
  -- People upload into a folder of their own; this form of comparison is the one that the index of storage on names serves.
  from public.users u
  join storage.objects o on o.name ~>=~ (u.id::text || '/') and o.name ~<~ (u.id::text || '0')
  where u.organization_id = p_organization and u.approval_status = 'approved'
$$;
comment on function private.storage_used(uuid) is 'Bytes in the folders of an organization''s people, those who were let in.';
