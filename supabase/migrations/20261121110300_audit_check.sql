-- The check of the chain. `verifyAuditChain` in shared/domain gives the same answer for the same rows.

create function private.audit_value_problems(p_bundle bigint default null) returns table (bundle bigint, ordinal integer)
language sql stable as $$
  select l.bundle, l.ordinal
  from public.audit_values v
  join public.audit_logs l on l.id = v.entry_id
  where (p_bundle is null or l.bundle = p_bundle) and (
    exists (
      select 1 from jsonb_each(v.old_values) x
      where l.old_values -> x.key is distinct from private.audit_commitment(v.salt, x.key, x.value)
    ) or exists (
      select 1 from jsonb_each(v.new_values) x
      where l.new_values -> x.key is distinct from private.audit_commitment(v.salt, x.key, x.value)
    )
  )
$$;
comment on function private.audit_value_problems(bigint) is 'Entries whose kept personal values are not those that their digests were made of.';

create function private.audit_bundle_problem(p_bundle bigint, p_entries integer, out problem text, out ordinal integer)
language plpgsql stable set search_path = '' as $$
declare
  entry record;
  before integer := 0;
  wrong_values integer[] := array(select v.ordinal from private.audit_value_problems(p_bundle) v);
begin
  for entry in
    select e.ordinal, e.entry_hash <> private.text_hash(private.audit_entry_text(e)) as altered
    from public.audit_logs e
    where e.bundle = p_bundle
    -- Two in one place may have one hash: their ids decide, here as in verifyAuditChain.
    order by e.ordinal, e.entry_hash, e.id
  loop
    ordinal := entry.ordinal;
    if entry.ordinal > p_entries or entry.ordinal <= before then
      problem := 'entry_surplus';
    elsif entry.ordinal > before + 1 then
      problem := 'entry_missing';
      ordinal := before + 1;
    elsif entry.altered then
      problem := 'entry_altered';
    elsif entry.ordinal = any (wrong_values) then
      problem := 'value_altered';
    end if;
    if problem is not null then
      return;
    end if;
    before := entry.ordinal;
  end loop;
  if before < p_entries then
    problem := 'entry_missing';
    ordinal := before + 1;
  else
    problem := 'entries_differ';
    ordinal := null;
  end if;
end
$$;
comment on function private.audit_bundle_problem(bigint, integer) is
  'The first thing that is wrong in a bundle that does not fit its seal, which counts so many entries.';

create function private.audit_seal_checks(
  p_after bigint, p_after_hash bytea, p_to bigint, p_retired_until timestamp with time zone
) returns table (seq bigint, bundle bigint, entries integer, found bigint, hash bytea, before_seq bigint, problem text)
language sql stable as $$
  with seals as materialized (
    select s.seq, s.bundle, s.entries, s.entries_at, s.entries_hash, s.hash, s.previous_hash,
      private.text_hash(private.audit_seal_text(s)) as computed,
      lag(s.seq, 1, p_after) over w as before_seq, lag(s.hash, 1, p_after_hash) over w as before_hash
    from public.audit_seals s
    where s.seq > p_after and (p_to is null or s.seq <= p_to)
    window w as (order by s.seq)
  ), bundles as (
    select h.bundle, count(*) as found, sha256(string_agg(h.entry_hash, ''::bytea order by h.ordinal, h.entry_hash)) as entries_hash,
      bool_or(h.entry_hash <> h.computed) as altered
    from (
      select l.bundle, l.ordinal, l.entry_hash, private.text_hash(private.audit_entry_text(l)) as computed
      from public.audit_logs l
      where l.bundle in (select k.bundle from seals k)
    ) h
    group by h.bundle
  ), wrong_values as materialized (
    select distinct v.bundle from private.audit_value_problems() v
  ), anchors as (
    select a.seal_seq, min(encode(a.seal_hash, 'hex')) as least, max(encode(a.seal_hash, 'hex')) as greatest
    from public.audit_anchors a group by a.seal_seq
  )
  select s.seq, s.bundle, s.entries, coalesce(b.found, 0), s.hash, s.before_seq,
    case
      when s.seq <> s.before_seq + 1 then 'seal_missing'
      when s.hash <> s.computed then 'seal_altered'
      when s.previous_hash <> s.before_hash then 'seal_unlinked'
      when a.least <> encode(s.hash, 'hex') or a.greatest <> encode(s.hash, 'hex') then 'anchor_differs'
      when b.bundle is null then case when s.entries_at >= p_retired_until then 'entries' end
      when b.altered or b.found <> s.entries or b.entries_hash <> s.entries_hash or w.bundle is not null then 'entries'
    end
  from seals s
  left join bundles b on b.bundle = s.bundle
  left join wrong_values w on w.bundle = s.bundle
  left join anchors a on a.seal_seq = s.seq
$$;
comment on function private.audit_seal_checks(bigint, bytea, bigint, timestamp with time zone) is
  'Every seal after one and up to another, with what is wrong with it: null, the problem, or `entries` where that is in its bundle.';

create function private.check_audit_chain(p_from bigint, p_to bigint) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  start record := private.audit_start();
  after bigint := greatest(coalesce(p_from, 0) - 1, start.seal_seq);
  after_hash bytea := case when after = start.seal_seq then start.seal_hash
    else (select s.hash from public.audit_seals s where s.seq = after) end;
  checked record;
  problem text;
  seal bigint;
  bundle bigint;
  ordinal integer;
  anchor bigint;
begin
  with checks as materialized (
    select * from private.audit_seal_checks(after, after_hash, p_to, start.retired_until)
  ), bad as (
    select min(c.seq) as seq from checks c where c.problem is not null
  )
  select count(*) filter (where c.seq < b.seq or b.seq is null) as seals,
    coalesce(sum(c.found) filter (where c.seq < b.seq or b.seq is null), 0) as entries,
    max(c.seq) as last,
    min(b.seq) as bad,
    min(c.problem) filter (where c.seq = b.seq) as problem,
    min(c.before_seq) filter (where c.seq = b.seq) as before_seq,
    min(c.bundle) filter (where c.seq = b.seq) as bundle,
    min(c.entries) filter (where c.seq = b.seq) as counted
  into checked
  from checks c
  cross join bad b;

  select min(x.number) into anchor
  from (
    select a.number, a.hash = private.text_hash(private.audit_anchor_text(a)) and a.number = lag(a.number, 1, 0::bigint) over w + 1
      and a.previous_hash = lag(a.hash, 1, decode(repeat('00', 32), 'hex')) over w as fits
    from public.audit_anchors a
    window w as (order by a.number)
  ) x
  where not x.fits;

  if anchor is not null then
    problem := 'anchor_altered';
    checked.seals := 0;
    checked.entries := 0;
  elsif checked.bad is not null then
    problem := checked.problem;
    seal := checked.bad;
    if problem = 'seal_missing' then
      seal := checked.before_seq + 1;
    elsif problem = 'entries' then
      bundle := checked.bundle;
      select p.problem, p.ordinal into problem, ordinal from private.audit_bundle_problem(bundle, checked.counted) p;
    end if;
  elsif exists (
    select 1 from public.audit_anchors a
    where a.seal_seq > coalesce(checked.last, after) and (p_to is null or a.seal_seq <= p_to)
  ) then
    problem := 'seal_missing';
    seal := coalesce(checked.last, after) + 1;
  elsif p_to is null then
    select 'entry_unsealed', l.bundle, l.ordinal into problem, bundle, ordinal
    from public.audit_logs l
    where not exists (select 1 from public.audit_seals s where s.bundle = l.bundle)
    order by l.bundle, l.ordinal
    limit 1;
  end if;
  return jsonb_build_object(
    'ok', problem is null,
    'seals', checked.seals,
    'entries', checked.entries,
    'head', case when checked.last is not null then jsonb_build_object('seal', checked.last, 'hash', (
      select encode(s.hash, 'hex') from public.audit_seals s where s.seq = checked.last
    )) end,
    'first_break', case when problem is not null then jsonb_build_object(
      'problem', problem, 'seal', seal, 'bundle', bundle, 'ordinal', ordinal, 'anchor', anchor
    ) end
  );
end
$$;
comment on function private.check_audit_chain(bigint, bigint) is
  'Holds seals (from one to another, or all) against each other, their entries, their personal values and the anchors; counts what holds and names the first break.';

create function public.verify_audit_chain(p_from bigint default null, p_to bigint default null) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  perform private.require_audit_reader();
  return private.check_audit_chain(p_from, p_to);
end
$$;
comment on function public.verify_audit_chain(bigint, bigint) is
  'Checks the audit chain for compliance and administrators: {ok, seals, entries, head, first_break}. From and to are numbers of seals; without them all of it, unsealed entries too.';

revoke all on function
  private.audit_value_problems(bigint), private.audit_bundle_problem(bigint, integer),
  private.audit_seal_checks(bigint, bytea, bigint, timestamp with time zone), private.check_audit_chain(bigint, bigint),
  public.verify_audit_chain(bigint, bigint)
from public, anon, authenticated;
grant execute on function public.verify_audit_chain(bigint, bigint) to authenticated, service_role;
