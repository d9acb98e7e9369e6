-- Anchors: points of the chain that can be kept elsewhere, and what stays of months that retention removed.

create table public.audit_anchors (
  number bigint primary key check (number >= 1),
  kind text not null check (kind in ('head', 'retirement')),
  created_at timestamp with time zone not null,
  seal_seq bigint not null check (seal_seq >= 0),
  seal_hash bytea not null check (octet_length(seal_hash) = 32),
  retired_from timestamp with time zone,
  retired_until timestamp with time zone,
  first_seal bigint,
  last_seal bigint,
  last_hash bytea,
  seals bigint,
  entries bigint,
  digest bytea,
  previous_hash bytea not null check (octet_length(previous_hash) = 32),
  hash bytea not null unique check (octet_length(hash) = 32),
  check ((kind = 'retirement') = (retired_until is not null) and (retired_until is null) = (entries is null))
);
comment on table public.audit_anchors is
  'head: the chain had this seal. retirement: a month was removed, and the chain goes on after this seal. Each has the hash of the one before it; never changed or removed.';
comment on column public.audit_anchors.seal_seq is 'The seal that is anchored; of a retirement, the last one that was removed with its month.';
comment on column public.audit_anchors.digest is
  'SHA-256 over the hashes of the month''s seals, from first_seal to last_seal, in their order: proves an archived copy of the month.';
create index audit_anchors_seal_seq on public.audit_anchors (seal_seq);
alter table public.audit_anchors enable row level security;
create policy "The register's readers check the chain" on public.audit_anchors for select to authenticated
  using ((select private.sees_register()));
create trigger keep_audit_anchors before update or delete or truncate on public.audit_anchors
  for each statement execute function private.forbid_change(
    'Anchors of the audit log are never changed or removed.', 'Add a new one.'
  );

create function private.audit_anchor_text(a public.audit_anchors) returns text
language sql stable parallel safe as $$
  select concat(
    '{"created_at":"', private.utc_text(a.created_at),
    '","digest":', coalesce('"' || encode(a.digest, 'hex') || '"', 'null'),
    ',"entries":', coalesce(a.entries::text, 'null'),
    ',"first_seal":', coalesce(a.first_seal::text, 'null'),
    ',"kind":"', a.kind,
    '","last_hash":', coalesce('"' || encode(a.last_hash, 'hex') || '"', 'null'),
    ',"last_seal":', coalesce(a.last_seal::text, 'null'),
    ',"number":', a.number,
    ',"previous_hash":"', encode(a.previous_hash, 'hex'),
    '","retired_from":', coalesce('"' || private.utc_text(a.retired_from) || '"', 'null'),
    ',"retired_until":', coalesce('"' || private.utc_text(a.retired_until) || '"', 'null'),
    ',"schema":1,"seal_hash":"', encode(a.seal_hash, 'hex'),
    '","seal_seq":', a.seal_seq,
    ',"seals":', coalesce(a.seals::text, 'null'),
    '}'
  )
$$;
comment on function private.audit_anchor_text(public.audit_anchors) is 'Canonical JSON (RFC 8785) of an anchor without its own hash.';

create function private.audit_start(out seal_seq bigint, out seal_hash bytea, out retired_until timestamp with time zone)
language plpgsql stable security definer set search_path = '' as $$
begin
  select a.seal_seq, a.seal_hash, a.retired_until into seal_seq, seal_hash, retired_until
  from public.audit_anchors a where a.kind = 'retirement' order by a.number desc limit 1;
  if seal_seq is null then
    seal_seq := 0;
    seal_hash := decode(repeat('00', 32), 'hex');
    retired_until := '-infinity';
  end if;
end
$$;
comment on function private.audit_start() is 'The seal that the chain begins after, and until when entries were removed.';

create or replace function private.audit_head(out seq bigint, out hash bytea)
language plpgsql security definer set search_path = '' as $$
begin
  select s.seq, s.hash into seq, hash from public.audit_seals s order by s.seq desc limit 1;
  if seq is null then
    select a.seal_seq, a.seal_hash into seq, hash from private.audit_start() a;
  end if;
end
$$;

create function private.add_audit_anchor(p_anchor public.audit_anchors) returns public.audit_anchors
language plpgsql security definer set search_path = '' as $$
declare
  anchor public.audit_anchors := p_anchor;
begin
  perform pg_advisory_xact_lock(20261121, 2);
  select a.number, a.hash into anchor.number, anchor.previous_hash from public.audit_anchors a order by a.number desc limit 1;
  anchor.number := coalesce(anchor.number, 0) + 1;
  anchor.previous_hash := coalesce(anchor.previous_hash, decode(repeat('00', 32), 'hex'));
  anchor.created_at := clock_timestamp();
  anchor.hash := private.text_hash(private.audit_anchor_text(anchor));
  insert into public.audit_anchors select (anchor).*;
  return anchor;
end
$$;
comment on function private.add_audit_anchor(public.audit_anchors) is 'Appends an anchor with the next number, linked to the one before it.';

create function private.anchor_audit_head() returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  anchor public.audit_anchors;
begin
  select h.seq, h.hash into anchor.seal_seq, anchor.seal_hash from private.audit_head() h;
  if anchor.seal_seq = 0 or exists (select 1 from public.audit_anchors a where a.seal_seq = anchor.seal_seq) then
    return null;
  end if;
  anchor.kind := 'head';
  anchor := private.add_audit_anchor(anchor);
  return anchor.number;
end
$$;
comment on function private.anchor_audit_head() is
  'Anchors the newest seal, unless it is anchored: from then on a chain that was cut off before it is noticed. To be called daily.';

create function private.retire_audit_partition(p_partition regclass, p_from timestamp with time zone, p_until timestamp with time zone)
returns void
language plpgsql security definer set search_path = '' as $$
declare
  anchor public.audit_anchors;
  held bigint;
begin
  execute format('select count(*) from %s', p_partition) into held;
  select min(s.seq), max(s.seq), count(*), coalesce(sum(s.entries), 0), sha256(coalesce(string_agg(s.hash, ''::bytea order by s.seq), ''))
  into anchor.first_seal, anchor.last_seal, anchor.seals, anchor.entries, anchor.digest
  from public.audit_seals s
  where s.entries_at >= p_from and s.entries_at < p_until;
  if held <> anchor.entries then
    raise exception using errcode = 'PT409', message = format('%s entries of %s are sealed, and %s are there.', anchor.entries, p_partition, held),
      detail = 'chain_broken', hint = 'Check the chain before anything is removed.';
  end if;
  select s.hash into anchor.last_hash from public.audit_seals s where s.seq = anchor.last_seal;
  -- A transaction that began before the month's end may have been sealed after younger ones: its seal stays until they go too.
  select coalesce(min(s.seq) - 1, (select h.seq from private.audit_head() h)) into anchor.seal_seq
  from public.audit_seals s where s.entries_at >= p_until;
  select coalesce((select s.hash from public.audit_seals s where s.seq = anchor.seal_seq), b.seal_hash) into anchor.seal_hash
  from private.audit_start() b;
  anchor.kind := 'retirement';
  anchor.retired_from := p_from;
  anchor.retired_until := p_until;
  anchor := private.add_audit_anchor(anchor);
  execute format('drop table %s', p_partition);
  delete from public.audit_values v where v.entry_created_at < p_until;
  delete from public.audit_seals s where s.seq <= anchor.seal_seq;
  perform private.write_audit_entry('RETIRE', 'audit_logs', null, null, jsonb_build_object(
    'anchor', anchor.number, 'hash', encode(anchor.hash, 'hex'), 'retired_from', private.utc_text(p_from),
    'retired_until', private.utc_text(p_until), 'entries', anchor.entries
  ), 'warning');
end
$$;
comment on function private.retire_audit_partition(regclass, timestamp with time zone, timestamp with time zone) is
  'Anchors a month and removes its entries, their personal values and the seals that nothing younger follows from.';

create function private.retire_audit_partitions(p_now timestamp with time zone default now()) returns integer
language plpgsql security definer set search_path = '' set lock_timeout = '10s' as $$
declare
  part record;
  checked jsonb;
  retired integer := 0;
begin
  if p_now is null or p_now > now() then
    raise exception using errcode = 'PT400', message = 'Entries are removed seven years after the end of their month, never earlier.',
      detail = 'too_early', hint = 'Leave p_now out.';
  end if;
  for part in
    select p.child, p.month, p.month + interval '1 month' as until
    from private.audit_partitions() p
    where p.month + interval '1 month' <= (p_now at time zone 'UTC') - interval '7 years'
    order by p.month
  loop
    if retired = 0 then
      checked := private.check_audit_chain(null, (
        select max(s.seq) from public.audit_seals s where s.entries_at < (p_now - interval '7 years')
      ));
      if not (checked ->> 'ok')::boolean then
        raise exception using errcode = 'PT409', message = 'The audit chain is broken, so nothing of it is removed.', detail = 'chain_broken',
          hint = 'Call verify_audit_chain() and look at the first break.';
      end if;
      -- The table first, then the chain's lock: the order in which every writer takes them.
      lock table public.audit_logs in access exclusive mode;
    end if;
    perform private.retire_audit_partition(part.child, part.month at time zone 'UTC', part.until at time zone 'UTC');
    retired := retired + 1;
  end loop;
  delete from private.deleted_rows d where d.deleted_at < p_now - interval '7 years';
  return retired;
end
$$;
comment on function private.retire_audit_partitions(timestamp with time zone) is
  'Removes months whose end is seven years past, each behind an anchor, and deleted rows kept as long. Returns how many months. Nothing younger, and nothing of a broken chain, is removed.';

create function private.audit_partitions(out child regclass, out month timestamp) returns setof record
language sql stable set search_path = '' as $$
  select i.inhrelid::regclass, to_timestamp(substring(c.relname from '^audit_logs_(\d{4}_\d{2})$'), 'YYYY_MM') at time zone 'UTC'
  from pg_catalog.pg_inherits i
  join pg_catalog.pg_class c on c.oid = i.inhrelid
  where i.inhparent = 'public.audit_logs'::regclass and c.relname ~ '^audit_logs_\d{4}_\d{2}$'
$$;
comment on function private.audit_partitions() is 'The monthly partitions of the audit log and the beginnings of their months (UTC).';

create function private.prepare_audit_partitions(p_months integer default 12) returns integer
language plpgsql security definer set search_path = '' set lock_timeout = '10s' as $$
declare
  made integer := 0;
  part record;
begin
  if exists (select 1 from private.audit_logs_default) then
    lock table public.audit_logs in access exclusive mode;
    alter table public.audit_logs detach partition private.audit_logs_default;
    alter table private.audit_logs_default rename to audit_logs_caught;
    for part in
      select distinct date_trunc('month', d.created_at at time zone 'UTC') as month from private.audit_logs_caught d order by 1
    loop
      perform private.move_caught_entries(private.add_audit_partition(part.month at time zone 'UTC'), part.month);
      made := made + 1;
    end loop;
    drop table private.audit_logs_caught;
    perform private.add_audit_partition(null);
  end if;
  for ahead in 0..p_months loop
    if private.add_audit_partition(now() + make_interval(months => ahead)) is not null then
      made := made + 1;
    end if;
  end loop;
  return made;
end
$$;
comment on function private.prepare_audit_partitions(integer) is
  'Makes the partitions of this month and those ahead, and gives months that the default partition caught one of their own. To be called monthly.';

create function private.move_caught_entries(p_partition regclass, p_month timestamp) returns void
language plpgsql security definer set search_path = '' as $$
begin
  -- They have their places, hashes and seals.
  execute format('alter table %s disable trigger user', p_partition);
  execute format(
    'insert into %s select c.* from private.audit_logs_caught c where date_trunc(''month'', c.created_at at time zone ''UTC'') = %L',
    p_partition, p_month
  );
  execute format('alter table %s enable trigger user', p_partition);
end
$$;
comment on function private.move_caught_entries(regclass, timestamp) is 'Copies a month''s entries as they are out of what was the default partition.';

create function private.keep_audit_seals() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if exists (select 1 from gone g where g.seq > (select b.seal_seq from private.audit_start() b)) then
    raise exception using errcode = 'PT409', message = 'Seals of the audit log are never changed or removed.', detail = 'immutable',
      hint = 'Only those before a retired month''s anchor may go.';
  end if;
  return null;
end
$$;
comment on function private.keep_audit_seals() is 'Refuses to remove a seal that no retirement anchor stands for.';
create or replace trigger keep_audit_seals before update or truncate on public.audit_seals
  for each statement execute function private.forbid_change(
    'Seals of the audit log are never changed or removed.', 'Add a new entry.'
  );
create trigger keep_audit_seals_removed after delete on public.audit_seals
  referencing old table as gone for each statement execute function private.keep_audit_seals();

create function public.audit_anchor_list() returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  perform private.require_audit_reader();
  return coalesce(
    (select jsonb_agg(private.audit_anchor_text(a)::jsonb || jsonb_build_object('hash', encode(a.hash, 'hex')) order by a.number)
     from public.audit_anchors a), '[]'
  );
end
$$;
comment on function public.audit_anchor_list() is
  'All anchors, to be kept outside the database: one of them is enough to notice that the chain before it was made anew.';

create function private.require_audit_reader() returns void
language plpgsql stable security definer set search_path = '' as $$
begin
  if auth.uid() is null and coalesce(auth.role(), '') not in ('anon', 'authenticated') then
    return;
  end if;
  perform private.require_access();
  if not private.sees_register() then
    perform private.refuse_access('not_allowed', 'The audit trail is read by compliance and administrators.', 'Ask an administrator.');
  end if;
end
$$;
comment on function private.require_audit_reader() is 'Raises 403 unless the signed-in person reads the audit trail; lets maintenance and the service role pass.';

create function public.prove_audit_anchor(p_anchor jsonb) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  perform private.require_audit_reader();
  return exists (
    select 1 from public.audit_anchors a
    where private.audit_anchor_text(a)::jsonb = p_anchor - 'hash' and encode(a.hash, 'hex') = p_anchor ->> 'hash'
      and a.hash = private.text_hash(private.audit_anchor_text(a))
      and (
        a.seal_seq <= (select b.seal_seq from private.audit_start() b)
        or exists (select 1 from public.audit_seals s where s.seq = a.seal_seq and s.hash = a.seal_hash)
      )
  );
end
$$;
comment on function public.prove_audit_anchor(jsonb) is
  'True for an anchor, as audit_anchor_list gave it some time ago, that this database still stands by.';

revoke all on public.audit_anchors from public, anon, authenticated, service_role;
grant select on public.audit_anchors to authenticated, service_role;
revoke all on function
  private.audit_anchor_text(public.audit_anchors), private.audit_start(), private.add_audit_anchor(public.audit_anchors),
  private.anchor_audit_head(), private.retire_audit_partition(regclass, timestamp with time zone, timestamp with time zone),
  private.retire_audit_partitions(timestamp with time zone), private.audit_partitions(), private.prepare_audit_partitions(integer),
  private.move_caught_entries(regclass, timestamp), private.keep_audit_seals(), private.require_audit_reader(),
  public.audit_anchor_list(), public.prove_audit_anchor(jsonb)
from public, anon, authenticated;
grant execute on function public.audit_anchor_list(), public.prove_audit_anchor(jsonb) to authenticated, service_role;
grant execute on function
  private.anchor_audit_head(), private.retire_audit_partitions(timestamp with time zone), private.prepare_audit_partitions(integer)
to service_role;
