-- The audit log in monthly partitions, each entry hashed and each transaction's entries sealed in one chain.

create sequence private.audit_bundles;
comment on sequence private.audit_bundles is 'Numbers of bundles: the entries that are sealed together. A rolled-back transaction leaves one out; the seals have no gaps.';

-- What was there before is put aside under other names, and carried over further down.
alter table public.audit_logs rename to audit_logs_before;
alter table public.audit_logs_before rename constraint audit_logs_pkey to audit_logs_before_pkey;
alter table public.audit_logs_before rename constraint audit_logs_user_id_fkey to audit_logs_before_user_id_fkey;
alter index public.audit_logs_user_id rename to audit_logs_before_user_id;
alter index public.audit_logs_record rename to audit_logs_before_record;
alter index public.audit_logs_created_at rename to audit_logs_before_created_at;
drop policy "The register's readers read the audit trail" on public.audit_logs_before;

create table public.audit_logs (
  id uuid default gen_random_uuid() not null,
  user_id uuid references public.users (id),
  action text not null,
  table_name text,
  record_id uuid,
  old_values jsonb,
  new_values jsonb,
  ip_address inet,
  user_agent text,
  created_at timestamp with time zone default now() not null,
  actor_type text not null default 'system' check (actor_type in ('person', 'agent', 'system')),
  actor text not null default 'system',
  severity text not null default 'info' check (severity in ('info', 'warning', 'error', 'critical')),
  bundle bigint not null,
  ordinal integer not null check (ordinal >= 1),
  entry_hash bytea not null check (octet_length(entry_hash) = 32),
  primary key (id, created_at)
) partition by range (created_at);
comment on table public.audit_logs is
  'What changed in the important tables, by whom. Rows are added, never changed or removed; a whole month goes seven years after its end. Personal values are in audit_values, here only their digests.';
comment on column public.audit_logs.actor is 'A person''s id, agent:<name> or system:<job or role>.';
comment on column public.audit_logs.created_at is 'Start of the transaction, in which all its entries have the same; it decides the partition.';
comment on column public.audit_logs.bundle is 'Entries with one number are sealed together by the row of audit_seals with that number.';
comment on column public.audit_logs.ordinal is 'Place in the bundle, from 1 without gaps.';
comment on column public.audit_logs.entry_hash is 'SHA-256 of private.audit_entry_text.';
create index audit_logs_user_id on public.audit_logs (user_id);
create index audit_logs_record on public.audit_logs (table_name, record_id, created_at);
create index audit_logs_created_at on public.audit_logs (created_at);
create index audit_logs_bundle on public.audit_logs (bundle, ordinal);
alter table public.audit_logs enable row level security;
create policy "The register's readers read the audit trail" on public.audit_logs for select to authenticated
  using ((select private.sees_register()));

create table public.audit_seals (
  seq bigint primary key check (seq >= 1),
  bundle bigint not null unique,
  entries integer not null check (entries >= 1),
  entries_at timestamp with time zone not null,
  sealed_at timestamp with time zone not null default clock_timestamp(),
  xid xid8 not null default pg_current_xact_id(),
  entries_hash bytea not null check (octet_length(entries_hash) = 32),
  previous_hash bytea not null check (octet_length(previous_hash) = 32),
  hash bytea not null unique check (octet_length(hash) = 32)
);
comment on table public.audit_seals is
  'The chain over the audit log: one seal per transaction, in the order of their commits, each with the hash of the one before it. The first names 32 zero bytes.';
comment on column public.audit_seals.entries_at is 'created_at of the sealed entries; of the earliest where a whole month was carried over under one seal.';
comment on column public.audit_seals.entries_hash is 'SHA-256 over the entry hashes, in the order of their ordinals.';
comment on column public.audit_seals.hash is 'SHA-256 of private.audit_seal_text.';
create index audit_seals_entries_at on public.audit_seals (entries_at);
alter table public.audit_seals enable row level security;
create policy "The register's readers check the chain" on public.audit_seals for select to authenticated
  using ((select private.sees_register()));

create table public.audit_values (
  entry_id uuid primary key,
  entry_created_at timestamp with time zone not null,
  person_id uuid,
  salt bytea not null check (octet_length(salt) = 32),
  old_values jsonb not null default '{}',
  new_values jsonb not null default '{}'
);
comment on table public.audit_values is
  'Personal values of audit entries, which hold only their salted digests: removed when a person is erased, and the chain holds.';
create index audit_values_person_id on public.audit_values (person_id);
create index audit_values_entry_created_at on public.audit_values (entry_created_at);
alter table public.audit_values enable row level security;
create policy "The register's readers read the audit trail" on public.audit_values for select to authenticated
  using ((select private.sees_register()));

create function private.utc_text(p_instant timestamp with time zone) returns text
language sql stable parallel safe as $$
  select to_char(p_instant at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;
comment on function private.utc_text(timestamp with time zone) is 'An instant as UTC with microseconds, whatever the session''s zone.';

-- Stable, as convert_to is: a function that promised more could not be inlined.
create function private.text_hash(p_text text) returns bytea
language sql stable parallel safe as $$
  select sha256(convert_to(p_text, 'UTF8'))
$$;
comment on function private.text_hash(text) is 'SHA-256 over UTF-8.';

-- Called once per entry of a chain that is checked: one expression without settings of its own, so that the planner inlines it.
create function private.audit_entry_text(e public.audit_logs) returns text
language sql stable parallel safe as $$
  select concat(
    '{"action":', to_json(e.action),
    ',"actor":', to_json(e.actor),
    ',"actor_type":', to_json(e.actor_type),
    ',"bundle":', e.bundle,
    ',"created_at":"', private.utc_text(e.created_at),
    '","id":"', e.id,
    '","ip_address":', coalesce(to_json(e.ip_address::text), 'null'),
    ',"new_values":', coalesce('"' || encode(private.text_hash(e.new_values::text), 'hex') || '"', 'null'),
    ',"old_values":', coalesce('"' || encode(private.text_hash(e.old_values::text), 'hex') || '"', 'null'),
    ',"ordinal":', e.ordinal,
    ',"record_id":', coalesce('"' || e.record_id::text || '"', 'null'),
    ',"schema":1,"severity":', to_json(e.severity),
    ',"table_name":', coalesce(to_json(e.table_name), 'null'),
    ',"user_agent":', coalesce(to_json(e.user_agent), 'null'),
    ',"user_id":', coalesce('"' || e.user_id::text || '"', 'null'),
    '}'
  )
$$;
comment on function private.audit_entry_text(public.audit_logs) is
  'Canonical JSON (RFC 8785) of an entry. old_values and new_values enter as the SHA-256 of the text that jsonb is written in, so that decimals keep their digits.';

create function private.audit_seal_text(s public.audit_seals) returns text
language sql stable parallel safe as $$
  select concat(
    '{"bundle":', s.bundle,
    ',"entries":', s.entries,
    ',"entries_at":"', private.utc_text(s.entries_at),
    '","entries_hash":"', encode(s.entries_hash, 'hex'),
    '","previous_hash":"', encode(s.previous_hash, 'hex'),
    '","schema":1,"sealed_at":"', private.utc_text(s.sealed_at),
    '","seq":', s.seq,
    ',"xid":"', s.xid,
    '"}'
  )
$$;
comment on function private.audit_seal_text(public.audit_seals) is 'Canonical JSON (RFC 8785) of a seal without its own hash.';

create function private.audit_commitment(p_salt bytea, p_field text, p_value jsonb) returns jsonb
language sql stable parallel safe as $$
  select jsonb_build_object('sha256', encode(sha256(p_salt || convert_to(p_field || '=' || p_value::text, 'UTF8')), 'hex'))
$$;
comment on function private.audit_commitment(bytea, text, jsonb) is
  'What stands for a personal value in an entry: SHA-256 over the salt and `field=value`. Without the salt it tells nothing; the same on both sides of an update that leaves the value.';

create function private.audit_committed(p_values jsonb, p_salt bytea, p_fields text[]) returns jsonb
language sql stable parallel safe as $$
  select p_values || coalesce(
    (
      select jsonb_object_agg(v.key, private.audit_commitment(p_salt, v.key, v.value))
      from jsonb_each(p_values) v
      where v.key = any (p_fields) and v.value <> 'null'
    ), '{}'
  )
$$;
comment on function private.audit_committed(jsonb, bytea, text[]) is 'A row''s values with digests in the place of its personal ones.';

create function private.audit_personal(p_values jsonb, p_fields text[]) returns jsonb
language sql stable parallel safe as $$
  select coalesce(jsonb_object_agg(v.key, v.value), '{}')
  from jsonb_each(p_values) v
  where v.key = any (p_fields) and v.value <> 'null'
$$;
comment on function private.audit_personal(jsonb, text[]) is 'The personal values of a row, without those that are null.';

-- Planning over all partitions at every commit costs more than the sealing: the plan is kept, and prunes when it runs.
create function private.seal_audit_bundle(p_bundle bigint, p_from timestamp with time zone, p_to timestamp with time zone)
returns void
language plpgsql security definer set search_path = '' set plan_cache_mode = 'force_generic_plan' as $$
declare
  head_seq bigint := 0;
  head_hash bytea := decode(repeat('00', 32), 'hex');
  counted bigint;
  last_ordinal integer;
  bundled bytea;
  seal public.audit_seals;
begin
  select count(*), max(e.ordinal), sha256(string_agg(e.entry_hash, ''::bytea order by e.ordinal)), min(e.created_at)
  into counted, last_ordinal, bundled, seal.entries_at
  from public.audit_logs e
  where e.bundle = p_bundle and e.created_at between p_from and p_to;
  if counted = 0 then
    return;
  elsif counted <> last_ordinal then
    raise exception 'Bundle % of the audit log has % entries and ordinals up to %.', p_bundle, counted, last_ordinal;
  end if;
  -- Taken last, when every row lock is held: whoever has it waits for nothing but the commit, and seals follow the order of commits.
  perform pg_advisory_xact_lock(20261121, 1);
  select s.seq, s.hash into head_seq, head_hash from private.audit_head() s;
  seal.seq := head_seq + 1;
  seal.bundle := p_bundle;
  seal.entries := counted;
  seal.sealed_at := clock_timestamp();
  seal.xid := pg_current_xact_id();
  seal.entries_hash := bundled;
  seal.previous_hash := head_hash;
  seal.hash := private.text_hash(private.audit_seal_text(seal));
  insert into public.audit_seals select (seal).*;
end
$$;
comment on function private.seal_audit_bundle(bigint, timestamp with time zone, timestamp with time zone) is
  'Appends the seal of a bundle to the chain; its entries lie between the two instants.';

create function private.audit_head(out seq bigint, out hash bytea)
language plpgsql security definer set search_path = '' as $$
begin
  select s.seq, s.hash into seq, hash from public.audit_seals s order by s.seq desc limit 1;
  if seq is null then
    seq := 0;
    hash := decode(repeat('00', 32), 'hex');
  end if;
end
$$;
comment on function private.audit_head() is 'Number and hash that the next seal follows.';

create function private.chain_audit_entry() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  place text[] := string_to_array(current_setting('veridesk.audit_place', true), ':');
  xid text := pg_current_xact_id()::text;
begin
  if new.created_at <> now() then
    raise exception using errcode = 'PT400', message = 'Entries of the audit log are dated by the database.',
      detail = 'invalid_request', hint = 'Leave created_at out.';
  end if;
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception using errcode = 'PT409', message = 'Audited rows are written under READ COMMITTED only.',
      detail = 'isolation_level', hint = 'Start the transaction with the default isolation level.';
  end if;
  -- The place is a setting of the transaction: a savepoint that is rolled back takes it back with its entries.
  if place[1] = xid then
    new.bundle := place[2]::bigint;
    new.ordinal := place[3]::integer + 1;
  else
    new.bundle := nextval('private.audit_bundles');
    new.ordinal := 1;
  end if;
  perform set_config('veridesk.audit_place', concat_ws(':', xid, new.bundle, new.ordinal), true);
  new.entry_hash := private.text_hash(private.audit_entry_text(new));
  return new;
end
$$;
comment on function private.chain_audit_entry() is 'Gives a new entry its place in the transaction''s bundle, and its hash.';

create function private.seal_audit_entries() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.seal_audit_bundle(new.bundle, new.created_at, new.created_at);
  -- What this transaction may still write begins another bundle.
  perform set_config('veridesk.audit_place', '', true);
  return null;
end
$$;
comment on function private.seal_audit_entries() is 'Seals a transaction''s entries just before it commits.';

create function private.add_audit_partition(p_month timestamp with time zone) returns regclass
language plpgsql security definer set search_path = '' as $$
declare
  month timestamp := date_trunc('month', p_month at time zone 'UTC');
  name text := case when p_month is null then 'audit_logs_default' else 'audit_logs_' || to_char(month, 'YYYY_MM') end;
  bounds text := case when p_month is null then 'default' else format('for values from (%L) to (%L)',
    to_char(month, 'YYYY-MM-DD"T00:00:00Z"'), to_char(month + interval '1 month', 'YYYY-MM-DD"T00:00:00Z"')) end;
begin
  if to_regclass('private.' || name) is not null then
    return null;
  end if;
  execute format('create table private.%I partition of public.audit_logs %s', name, bounds);
  execute format('comment on table private.%I is %L', name, 'Part of public.audit_logs.');
  execute format('alter table private.%I enable row level security', name);
  execute format('revoke all on private.%I from public, anon, authenticated, service_role', name);
  -- Row triggers come from the parent; those of statements do not.
  execute format(
    'create trigger keep_audit_logs before update or delete or truncate on private.%I
       for each statement execute function private.forbid_change(%L, %L)',
    name, 'Entries of the audit log are never changed or removed.', 'Add a new entry.'
  );
  return ('private.' || name)::regclass;
end
$$;
comment on function private.add_audit_partition(timestamp with time zone) is
  'Makes the partition of a month (UTC), or for null the one that catches what no month has; null where it is there.';

-- Personal columns of the tables that were audited so far; tables audited later name theirs in private.audit_table.
create function private.carry_audit_entries() returns void
language plpgsql set search_path = '' as $$
declare
  part record;
begin
  for part in
    select distinct date_trunc('month', coalesce(b.created_at, now()) at time zone 'UTC') at time zone 'UTC' as month
    from public.audit_logs_before b order by 1
  loop
    perform private.add_audit_partition(part.month);
  end loop;
  with personal (table_name, person_key, fields) as (
    values ('users', 'id', array['name', 'email', 'mobile', 'organization_name', 'license_number', 'kyb_document_urls', 'rejection_reason']),
      ('devices', 'user_id', array['name'])
  )
  insert into public.audit_values (entry_id, entry_created_at, person_id, salt, old_values, new_values)
  select b.id, coalesce(b.created_at, now()), (coalesce(b.new_values, b.old_values) ->> p.person_key)::uuid,
    extensions.gen_random_bytes(32), coalesce(private.audit_personal(b.old_values, p.fields), '{}'),
    coalesce(private.audit_personal(b.new_values, p.fields), '{}')
  from public.audit_logs_before b
  join personal p on p.table_name = b.table_name;

  with months as (
    select b.*, coalesce(b.created_at, now()) as at, dense_rank() over w as bundle,
      row_number() over (partition by date_trunc('month', coalesce(b.created_at, now()) at time zone 'UTC')
        order by coalesce(b.created_at, now()), b.id)::integer as ordinal
    from public.audit_logs_before b
    window w as (order by date_trunc('month', coalesce(b.created_at, now()) at time zone 'UTC'))
  ), entries as (
    select row(
      m.id, m.user_id, m.action, m.table_name, m.record_id,
      case when v.entry_id is null then m.old_values
        else private.audit_committed(m.old_values, v.salt, array(select jsonb_object_keys(v.old_values))) end,
      case when v.entry_id is null then m.new_values
        else private.audit_committed(m.new_values, v.salt, array(select jsonb_object_keys(v.new_values))) end,
      m.ip_address, m.user_agent, m.at, case when m.user_id is null then 'system' else 'person' end,
      coalesce(m.user_id::text, 'system'), 'info', m.bundle, m.ordinal, null
    )::public.audit_logs as entry
    from months m
    left join public.audit_values v on v.entry_id = m.id
  )
  insert into public.audit_logs
  select (entry).id, (entry).user_id, (entry).action, (entry).table_name, (entry).record_id, (entry).old_values,
    (entry).new_values, (entry).ip_address, (entry).user_agent, (entry).created_at, (entry).actor_type, (entry).actor,
    (entry).severity, (entry).bundle, (entry).ordinal, private.text_hash(private.audit_entry_text(entry))
  from entries;

  for part in
    select l.bundle, min(l.created_at) as first_at, max(l.created_at) as last_at from public.audit_logs l group by l.bundle order by l.bundle
  loop
    perform private.seal_audit_bundle(part.bundle, part.first_at, part.last_at);
    perform setval('private.audit_bundles', part.bundle);
  end loop;
end
$$;
comment on function private.carry_audit_entries() is 'Moves entries of the unpartitioned log into months, one seal each. Used once.';

do $$
begin
  perform private.add_audit_partition(null);
  perform private.carry_audit_entries();
  for ahead in 0..12 loop
    perform private.add_audit_partition(now() + make_interval(months => ahead));
  end loop;
end
$$;
drop function private.carry_audit_entries();
drop table public.audit_logs_before;

create trigger chain_audit_entry before insert on public.audit_logs
  for each row execute function private.chain_audit_entry();
create constraint trigger seal_audit_entries after insert on public.audit_logs deferrable initially deferred
  for each row when (new.ordinal = 1) execute function private.seal_audit_entries();
create trigger keep_audit_entry before update or delete on public.audit_logs
  for each row execute function private.forbid_change(
    'Entries of the audit log are never changed or removed.', 'Add a new entry.'
  );
create trigger keep_audit_logs before update or delete or truncate on public.audit_logs
  for each statement execute function private.forbid_change(
    'Entries of the audit log are never changed or removed.', 'Add a new entry.'
  );
create trigger keep_audit_seals before update or delete or truncate on public.audit_seals
  for each statement execute function private.forbid_change(
    'Seals of the audit log are never changed or removed.', 'Add a new entry.'
  );
create trigger keep_audit_values before update or truncate on public.audit_values
  for each statement execute function private.forbid_change(
    'Values of audit entries are never changed.', 'Add a new entry.'
  );

revoke all on public.audit_logs, public.audit_seals, public.audit_values from public, anon, authenticated, service_role;
revoke all on sequence private.audit_bundles from public, anon, authenticated, service_role;
grant select on public.audit_logs, public.audit_seals, public.audit_values to authenticated, service_role;
grant insert on public.audit_logs to service_role;
revoke all on function
  private.utc_text(timestamp with time zone), private.text_hash(text), private.audit_entry_text(public.audit_logs),
  private.audit_seal_text(public.audit_seals), private.audit_commitment(bytea, text, jsonb),
  private.audit_committed(jsonb, bytea, text[]), private.audit_personal(jsonb, text[]),
  private.seal_audit_bundle(bigint, timestamp with time zone, timestamp with time zone), private.audit_head(),
  private.chain_audit_entry(), private.seal_audit_entries(), private.add_audit_partition(timestamp with time zone)
from public, anon, authenticated;
