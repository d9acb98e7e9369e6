-- Outbox files: the changes of a workstation that never gets a network, signed by its device, submitted by somebody else's hands.
-- The edge function submit-outbox checks the signature (PostgreSQL knows no Ed25519); these functions decide everything else.

insert into public.permissions (permission, description, registry_wide, may_be_held_by) values
  ('outbox.submit_for_others', 'Submit the outbox file of another person', false, '{compliance}');
insert into public.role_permissions (role, permission) values ('compliance', 'outbox.submit_for_others');

create table public.outbox_handovers (
  id uuid primary key default gen_random_uuid(),
  fingerprint text not null check (fingerprint ~ '^[0-9a-f]{64}$'),
  user_id uuid not null references public.users (id),
  device_id uuid not null,
  key_id uuid not null references private.device_keys (id),
  submitted_by uuid not null references public.users (id),
  made_at timestamp with time zone not null,
  clock_offset_ms integer,
  change_count integer not null check (change_count >= 0),
  submissions integer not null default 1,
  first_submitted_at timestamp with time zone not null default now(),
  last_submitted_at timestamp with time zone not null default now(),
  version integer not null default 1,
  unique (fingerprint, submitted_by)
);
comment on table public.outbox_handovers is
  'Outbox files whose signature was right: whose changes they hold, and who submitted them and how often. The fingerprint is the SHA-256 of the signed text.';
comment on column public.outbox_handovers.made_at is 'By the device''s own clock; clock_offset_ms is what the cloud''s was ahead of it when last measured.';
create index outbox_handovers_user_id on public.outbox_handovers (user_id, first_submitted_at);
create index outbox_handovers_submitted_by on public.outbox_handovers (submitted_by);
create index outbox_handovers_key_id on public.outbox_handovers (key_id);
create trigger count_outbox_handovers_version before update on public.outbox_handovers
  for each row when (old.* is distinct from new.*) execute function private.count_version();
create trigger audit_outbox_handovers_trigger after insert or update or delete on public.outbox_handovers
  for each row execute function public.audit_trigger_function('user_id');
alter table public.outbox_handovers enable row level security;
create policy "One's own files, those one submitted, and all that one's permission reaches" on public.outbox_handovers
  for select to authenticated
  using (
    (select private.is_active_person()) and (
      user_id = (select auth.uid()) or submitted_by = (select auth.uid())
      or ((select private.may('outbox.submit_for_others')) and (select private.bound_body()) is null)
    )
  );

insert into public.column_sensitivity (table_name, column_name, class)
select given.table_name, c.column_name, given.class
from (values
  ('outbox_handovers', 'internal', 'id fingerprint key_id made_at clock_offset_ms change_count submissions first_submitted_at last_submitted_at version'),
  ('outbox_handovers', 'personal', 'user_id device_id submitted_by'),
  ('sync_mutations', 'internal', 'handover_id')
) as given (table_name, class, columns)
cross join lateral unnest(string_to_array(given.columns, ' ')) as c (column_name);

alter table public.sync_mutations add column handover_id uuid references public.outbox_handovers (id);
comment on column public.sync_mutations.handover_id is 'The outbox file that brought it, where it did not come from the device itself.';
create index sync_mutations_handover_id on public.sync_mutations (handover_id) where handover_id is not null;

create function private.apply_changes(p_actor public.users, p_mutations jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  results jsonb := '[]';
  m jsonb;
begin
  -- One order of locks for everybody: batches by id, then by id the projects of those that leave the pool or begin to give credits,
  -- which their project sums up.
  perform private.lock_batches(array(
    select distinct private.uuid_or_null(e ->> 'batch_id') from jsonb_array_elements(p_mutations) e
  ));
  perform private.lock_projects(array(
    select distinct b.project_id
    from jsonb_array_elements(p_mutations) e
    join public.batches b on b.id = private.uuid_or_null(e ->> 'batch_id')
    where e ->> 'kind' = 'batch.claim' or (e ->> 'kind' = 'decision.record' and e -> 'payload' ->> 'action' = 'verify')
  ));
  for m in select e from jsonb_array_elements(p_mutations) with ordinality as t (e, o) order by o loop
    results := results || private.push_one(p_actor, m);
  end loop;
  return results;
end
$$;
comment on function private.apply_changes(public.users, jsonb) is
  'Applies local changes of a person in order, each once, whoever brings them: their device, or a file that it signed.';

create function private.require_changes(p_mutations jsonb) returns void
language plpgsql immutable set search_path = '' as $$
begin
  if jsonb_typeof(p_mutations) is distinct from 'array' or exists (
    select 1 from jsonb_array_elements(p_mutations) e
    where jsonb_typeof(e) <> 'object' or private.uuid_or_null(e ->> 'mutation_id') is null
  ) then
    raise exception using errcode = 'PT400', message = 'The changes cannot be read.', detail = 'invalid_request',
      hint = 'Send a list of changes, each with its id.';
  end if;
  if jsonb_array_length(p_mutations) > 100 then
    raise exception using errcode = 'PT413', message = 'Too many changes in one call.', detail = 'too_many',
      hint = 'Send at most 100 at a time.';
  end if;
end
$$;
comment on function private.require_changes(jsonb) is 'Refuses what is no list of at most 100 changes: 400 invalid_request, 413 too_many.';

create or replace function private.push_changes(p_mutations jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  actor public.users := private.require_access();
  device uuid;
begin
  perform private.require_changes(p_mutations);
  for device in
    select distinct private.uuid_or_null(e ->> 'device_id') from jsonb_array_elements(p_mutations) e order by 1
  loop
    if device is null then
      continue;
    end if;
    insert into public.devices (id, user_id) values (device, actor.id) on conflict (id, user_id) do nothing;
    if exists (select 1 from public.devices d where d.id = device and d.user_id = actor.id and d.revoked_at is not null) then
      perform private.refuse_access('device_revoked',
        'This device was taken out of use for this account.', 'Ask an administrator to let it in again.');
    end if;
  end loop;
  return private.apply_changes(actor, p_mutations);
end
$$;

create function private.require_submitter(p_author uuid) returns public.users
language plpgsql stable security definer set search_path = '' as $$
declare
  person public.users := private.require_access();
begin
  if person.id is distinct from p_author
    and not (private.may('outbox.submit_for_others') and private.reaches(p_author)) then
    perform private.refuse_access('not_allowed',
      'This file holds the changes of another person.', 'Give it to that person, or to the compliance desk.');
  end if;
  return person;
end
$$;
comment on function private.require_submitter(uuid) is
  'The signed-in person, who may submit this author''s outbox file: the author, or compliance whom the author is in reach of. Else 403 not_allowed.';

create function private.become(p_person uuid) returns void
language plpgsql volatile security definer set search_path = '' as $$
begin
  perform set_config('request.jwt.claims',
      case when p_person is null then '' else jsonb_build_object('sub', p_person, 'role', 'authenticated')::text end, true),
    set_config('request.jwt.claim.sub', coalesce(p_person::text, ''), true),
    set_config('request.jwt.claim.role', case when p_person is null then '' else 'authenticated' end, true);
end
$$;
comment on function private.become(uuid) is
  'Goes on in a person''s name until the transaction ends or somebody else is named; null for nobody. Only for functions that the service alone may call.';

create function private.require_file_in_force(p_file public.outbox_handovers) returns public.users
language plpgsql stable security definer set search_path = '' as $$
declare
  author public.users;
  device public.devices;
  made timestamp with time zone := p_file.made_at + make_interval(secs => coalesce(p_file.clock_offset_ms, 0) / 1000.0);
begin
  select u.* into author from public.users u where u.id = p_file.user_id;
  if author.approval_status is distinct from 'approved' or not author.active then
    perform private.refuse_access('author_not_admitted',
      'The account of the person who made these changes is suspended or not approved.',
      'Keep the file. It can be submitted once an administrator has let the person in again.');
  end if;
  select d.* into device from public.devices d where d.id = p_file.device_id and d.user_id = p_file.user_id;
  if device.revoked_at is not null and made >= device.revoked_at then
    perform private.refuse_access('key_revoked',
      'This file was made after its device was taken out of use.', 'Ask the person which changes are theirs, and make them anew.');
  elsif device.revoked_at is not null and p_file.submitted_by = p_file.user_id then
    -- The date is the device's own word, and whoever found the device can set its clock back.
    perform private.refuse_access('key_revoked',
      'The device that made this file has been taken out of use since.', 'Give the file to the compliance desk, which may submit it.');
  elsif device.trusted_at is null and private.needs_trust(p_file.user_id) then
    perform private.refuse_access('author_device_not_trusted',
      'The organization of the person who made this file trusts only confirmed devices, and this one is not.',
      'Ask an administrator to trust the device, then submit the file again.');
  end if;
  return author;
end
$$;
comment on function private.require_file_in_force(public.outbox_handovers) is
  'The author of a file, or 403: author_not_admitted, author_device_not_trusted, key_revoked. A revoked device''s file counts only if it is dated before the revocation and compliance submits it.';

create function public.outbox_terms(p_person uuid, p_device uuid, p_public_key text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  submitter public.users;
  key private.device_keys;
begin
  perform private.admit('outbox_terms');
  submitter := private.require_submitter(p_person);
  select k.* into key from private.device_keys k
  where k.user_id = p_person and k.device_id = p_device and k.public_key = p_public_key;
  if key.id is null then
    raise exception using errcode = 'PT422', message = 'This cloud does not know the device that signed this file.',
      detail = 'unknown_key', hint = 'Check that the file is for this cloud; ask the person who made it which cloud the device was signed in to.';
  end if;
  return jsonb_build_object('submitter', submitter.id, 'key', key.id, 'public_key', key.public_key);
end
$$;
comment on function public.outbox_terms(uuid, uuid, text) is
  'Asked in the submitter''s name before an outbox file is read further: who submits, and the registered key to check its signature with.';

create function public.open_outbox_handover(
  p_submitter uuid, p_key uuid, p_server_epoch uuid, p_fingerprint text, p_made_at timestamp with time zone,
  p_clock_offset_ms integer, p_change_count integer, p_from integer
) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  key private.device_keys;
  opened public.outbox_handovers;
begin
  select k.* into key from private.device_keys k where k.id = p_key;
  if key.id is null then
    raise exception using errcode = 'PT404', message = 'There is no such key.', detail = 'not_found', hint = 'Ask for outbox_terms first.';
  end if;
  if p_server_epoch is null or (
    not exists (select 1 from public.server_state s where s.server_epoch = p_server_epoch)
    and not exists (select 1 from private.earlier_epochs e where e.server_epoch = p_server_epoch)
  ) then
    raise exception using errcode = 'PT422', message = 'This file is for another cloud.', detail = 'other_cloud',
      hint = 'Sign in to the cloud that it names and submit it there.';
  end if;
  perform private.become(p_submitter);
  perform private.require_submitter(key.user_id);
  insert into public.outbox_handovers as known
    (fingerprint, user_id, device_id, key_id, submitted_by, made_at, clock_offset_ms, change_count)
  values (p_fingerprint, key.user_id, key.device_id, key.id, p_submitter, p_made_at, p_clock_offset_ms, p_change_count)
  on conflict (fingerprint, submitted_by) do update
  set submissions = known.submissions + 1, last_submitted_at = now()
  -- Where a long file goes on is not another submission.
  where p_from = 0
  returning known.* into opened;
  if not found then
    select h.* into opened from public.outbox_handovers h where h.fingerprint = p_fingerprint and h.submitted_by = p_submitter;
  end if;
  perform private.require_file_in_force(opened);
  perform private.become(null);
  return opened.id;
end
$$;
comment on function public.open_outbox_handover(uuid, uuid, uuid, text, timestamp with time zone, integer, integer, integer) is
  'Records that a file whose signature is right was submitted, if it is for this cloud and its author, device and submitter are in order. For the edge function alone, after it has checked the signature.';

create function public.apply_outbox_handover(p_handover uuid, p_changes jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  file public.outbox_handovers;
  author public.users;
  results jsonb;
begin
  perform private.require_changes(p_changes);
  -- The same file submitted twice at once goes through one after the other.
  select h.* into file from public.outbox_handovers h where h.id = p_handover for no key update;
  if file.id is null then
    raise exception using errcode = 'PT404', message = 'There is no such handover.', detail = 'not_found', hint = 'Open it first.';
  end if;
  perform private.become(file.submitted_by);
  perform private.require_submitter(file.user_id);
  author := private.require_file_in_force(file);
  if exists (
    select 1
    from jsonb_array_elements(p_changes) e
    join public.devices d on d.id = private.uuid_or_null(e ->> 'device_id') and d.user_id = file.user_id
    where d.revoked_at is not null and d.id <> file.device_id
  ) then
    perform private.refuse_access('key_revoked',
      'The file holds changes of a device that was taken out of use.', 'Ask an administrator to let that device in again.');
  end if;
  -- As the person who made them, named by the key that signed: by the same rules and the same ledger as from their own device.
  perform private.become(file.user_id);
  results := private.apply_changes(author, p_changes);
  update public.sync_mutations k set handover_id = file.id
  from jsonb_array_elements(results) r
  where k.mutation_id = (r ->> 'mutation_id')::uuid and k.user_id = file.user_id and k.handover_id is null
    and k.received_at >= now() and r ->> 'status' <> 'duplicate';
  perform private.become(null);
  return results;
end
$$;
comment on function public.apply_outbox_handover(uuid, jsonb) is
  'Applies up to 100 changes of an opened file as the person whose device signed it, each once: the same fates as sync_push. For the edge function alone.';

create function public.note_refused_outbox(p_submitter uuid, p_person uuid, p_device uuid, p_reason text) returns void
language sql security definer set search_path = '' as $$
  select private.note_security_event('critical', 'outbox_file_refused', p_submitter, p_device,
    jsonb_build_object('claims_person', p_person, 'reason', left(p_reason, 100)))
$$;
comment on function public.note_refused_outbox(uuid, uuid, uuid, text) is
  'Keeps that somebody submitted an outbox file whose signature is wrong. For the edge function alone.';

revoke all on public.outbox_handovers from public, anon, authenticated;
grant all on public.outbox_handovers to service_role;
grant select on public.outbox_handovers to authenticated;
revoke all on function
  private.apply_changes(public.users, jsonb), private.require_changes(jsonb), private.require_submitter(uuid), private.become(uuid),
  private.require_file_in_force(public.outbox_handovers), public.outbox_terms(uuid, uuid, text),
  public.open_outbox_handover(uuid, uuid, uuid, text, timestamp with time zone, integer, integer, integer),
  public.apply_outbox_handover(uuid, jsonb), public.note_refused_outbox(uuid, uuid, uuid, text)
from public, anon, authenticated;
grant execute on function
  private.apply_changes(public.users, jsonb), private.require_changes(jsonb), private.require_submitter(uuid), private.become(uuid),
  private.require_file_in_force(public.outbox_handovers), public.outbox_terms(uuid, uuid, text),
  public.open_outbox_handover(uuid, uuid, uuid, text, timestamp with time zone, integer, integer, integer),
  public.apply_outbox_handover(uuid, jsonb), public.note_refused_outbox(uuid, uuid, uuid, text)
to service_role;
grant execute on function public.outbox_terms(uuid, uuid, text) to authenticated;
