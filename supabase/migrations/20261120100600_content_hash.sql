-- The content hash: what every decision is bound to. The text is that of `contentHashText` in shared/domain/content-hash.ts.

create function private.rubric_problem(p_body jsonb) returns text
language sql immutable set search_path = '' as $$
  select case
    when p_body is null or jsonb_typeof(p_body -> 'criteria') is distinct from 'array' then 'criteria must be a list'
    when jsonb_array_length(p_body -> 'criteria') = 0 then 'criteria is empty'
    when (select count(*) <> count(distinct c ->> 'code') from jsonb_array_elements(p_body -> 'criteria') as c)
      then 'two criteria have the same code'
    else (
      select min(case
        when coalesce(c ->> 'code', '') = '' then 'a criterion has no code'
        when coalesce(c ->> 'group', '') not in (
          'eligibility', 'quantification', 'chain_of_custody', 'measurement', 'additionality', 'double_counting',
          'safeguards', 'data_quality'
        ) then format('%s: unknown group', c ->> 'code')
        when coalesce(c ->> 'question', '') = '' then format('%s: question is missing', c ->> 'code')
        when jsonb_typeof(c -> 'guidance') is distinct from 'string' then format('%s: guidance is missing', c ->> 'code')
        when coalesce(c ->> 'weight', '') !~ '^[1-9][0-9]{0,3}$' then format('%s: weight must be a positive integer', c ->> 'code')
        when jsonb_typeof(c -> 'anchors') is distinct from 'array' then format('%s: six anchors are needed', c ->> 'code')
        when jsonb_array_length(c -> 'anchors') <> 6 then format('%s: six anchors are needed', c ->> 'code')
        when jsonb_typeof(c -> 'required_evidence') is distinct from 'array' then format('%s: required_evidence must be a list', c ->> 'code')
        when jsonb_typeof(c -> 'knock_out') is distinct from 'boolean' then format('%s: knock_out must be true or false', c ->> 'code')
        when coalesce(c ->> 'not_applicable', '') not in ('never', 'with_reason') then format('%s: not_applicable is missing', c ->> 'code')
      end)
      from jsonb_array_elements(p_body -> 'criteria') as c
    )
  end
$$;
comment on function private.rubric_problem(jsonb) is 'What is wrong with a rubric''s body, or null.';
alter table public.rubrics
  add constraint rubrics_body_valid check (private.rubric_problem(body) is null);

create function private.rubric_in_force(p_standard text) returns public.rubrics
language sql stable as $$
  select r from public.rubrics r
  where r.standard = p_standard and r.published_at is not null
  order by r.revision desc
  limit 1
$$;
comment on function private.rubric_in_force(text) is 'The highest published revision of a standard''s rubric; a row of nulls where there is none.';

create function private.content_text(p_batch public.batches) returns text
language plpgsql stable as $$
declare
  rubric public.rubrics;
  evidence text;
begin
  rubric := private.rubric_in_force(p_batch.standard);
  -- uuid sorts as its text does in the "C" collation.
  select string_agg(
    '{"id":' || to_json(e.id)::text || ',"kind":' || to_json(e.kind)::text || ',"sha256":' || to_json(e.sha256)::text || '}',
    ',' order by e.id
  )
  into evidence
  from public.evidence_files e
  where e.batch_id = p_batch.id and e.deleted_at is null;
  return '{"batch":{"batch_hash":' || to_json(p_batch.batch_hash)::text
    || ',"date_submitted":"' || to_char(p_batch.date_submitted, 'YYYY-MM-DD')
    || '","description":' || coalesce(to_json(p_batch.description)::text, 'null')
    || ',"id":' || to_json(p_batch.id)::text
    || ',"location":' || to_json(p_batch.location)::text
    || ',"project_id":' || to_json(p_batch.project_id)::text
    || ',"standard":' || to_json(p_batch.standard)::text
    || ',"tons_or_kwh":"' || p_batch.tons_or_kwh::text
    || '","user_id":' || to_json(p_batch.user_id)::text
    || '},"calculation":{"carbon_credits":"' || p_batch.calculated_carbon_credits::text
    || '","plastic_credits":"' || p_batch.calculated_plastic_credits::text
    || '"},"evidence":[' || coalesce(evidence, '')
    || '],"rubric":'
    || case when rubric.id is null then 'null'
       else '{"id":' || to_json(rubric.id)::text || ',"revision":' || rubric.revision::text || '}' end
    || ',"schema":1}';
end
$$;
comment on function private.content_text(public.batches) is
  'Canonical JSON (RFC 8785) of a batch, its calculation, its evidence that is not deleted and the rubric in force.';

create function private.hash_of(p_text text) returns text
language sql immutable as $$
  select encode(sha256(convert_to(p_text, 'UTF8')), 'hex')
$$;
comment on function private.hash_of(text) is 'SHA-256 over UTF-8, in lower-case hexadecimal digits.';

create function public.batch_content_hash(batch_id uuid) returns text
language sql stable set search_path = '' as $$
  select private.hash_of(private.content_text(b)) from public.batches b where b.id = $1
$$;
comment on function public.batch_content_hash(uuid) is 'The content hash of a batch as it is now; null for a batch that one may not read.';

create function private.lock_rubric(p_standard text, p_exclusive boolean) returns void
language plpgsql set search_path = '' as $$
begin
  if p_exclusive then
    perform pg_advisory_xact_lock(20261120, hashtext(p_standard));
  else
    perform pg_advisory_xact_lock_shared(20261120, hashtext(p_standard));
  end if;
end
$$;
comment on function private.lock_rubric(text, boolean) is
  'Makes publishing a rubric wait for batches that are being hashed with the one before, and the other way round.';

create function private.compute_content_hash() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.lock_rubric(new.standard, false);
  new.content_hash := private.hash_of(private.content_text(new));
  return new;
end
$$;
comment on function private.compute_content_hash() is 'Hashes a batch that is new or whose content changes.';
-- Named to fire after generate_batch_hash_trigger on insert, and before the version is counted on update.
create trigger hash_batches_content before insert on public.batches
  for each row execute function private.compute_content_hash();
create trigger compute_batches_content before update on public.batches
  for each row when (
    (old.standard, old.tons_or_kwh, old.location, old.date_submitted, old.calculated_plastic_credits, old.calculated_carbon_credits)
      is distinct from
    (new.standard, new.tons_or_kwh, new.location, new.date_submitted, new.calculated_plastic_credits, new.calculated_carbon_credits)
    or old.description is distinct from new.description or old.content_hash is distinct from new.content_hash
  )
  execute function private.compute_content_hash();

create function private.lock_batches(p_batches uuid[]) returns void
language plpgsql security definer set search_path = '' as $$
begin
  -- Under any other isolation a waiting statement would go on with an old snapshot and write an incomplete feed.
  if pg_catalog.current_setting('transaction_isolation') <> 'read committed' then
    raise exception using
      errcode = 'PT409',
      message = 'Mirrored rows are written under READ COMMITTED only.',
      detail = 'isolation_level',
      hint = 'Start the transaction with the default isolation level.';
  end if;
  perform 1 from public.batches b where b.id = any (p_batches) order by b.id for no key update;
end
$$;
comment on function private.lock_batches(uuid[]) is
  'Locks batches in the order of their ids. Whoever changes what belongs to a batch holds this lock, so that the feed sees all of it.';

create function private.refresh_content_hashes(p_batches uuid[]) returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform private.lock_batches(p_batches);
  -- Whatever is written here, compute_batches_content puts the true hash in its place; without a change nothing is counted.
  update public.batches b set content_hash = repeat('0', 64) where b.id = any (p_batches);
end
$$;
comment on function private.refresh_content_hashes(uuid[]) is 'Hashes batches again after something outside their row changed.';

create function private.evidence_changed() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if not private.in_bulk() then
    perform private.refresh_content_hashes(array(select distinct c.batch_id from changed c));
  end if;
  return null;
end
$$;
comment on function private.evidence_changed() is 'Evidence is content: hashes the batches that it belongs to.';
create trigger evidence_files_content_insert after insert on public.evidence_files
  referencing new table as changed for each statement execute function private.evidence_changed();
create trigger evidence_files_content_update after update on public.evidence_files
  referencing new table as changed for each statement execute function private.evidence_changed();

create function private.rubric_published() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if new.published_at is not null then
    perform private.lock_rubric(new.standard, true);
    -- Settled batches keep the hash that their decision and certificate are bound to.
    perform private.refresh_content_hashes(array(
      select b.id from public.batches b
      where b.standard = new.standard and b.status in ('pending', 'under_review', 'changes_requested', 'approved')
    ));
  end if;
  return null;
end
$$;
comment on function private.rubric_published() is 'The rubric in force is content: hashes the standard''s batches that are not settled.';
create trigger rubrics_content after insert or update on public.rubrics
  for each row execute function private.rubric_published();

create function public.calculate_batch_credits(batch_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
  if auth.uid() is not null and not exists (
    select 1 from public.users u
    where u.id = auth.uid() and u.active and u.approval_status = 'approved' and (
      u.role = 'admin'
      or exists (
        select 1 from public.batches b
        where b.id = $1 and b.user_id = u.id and b.status in ('pending', 'changes_requested')
      )
    )
  ) then
    raise exception using
      errcode = 'PT403',
      message = 'Only its recycler, while it may be changed, or an administrator calculates the credits of a batch.',
      detail = 'not_allowed',
      hint = 'Ask an administrator.';
  end if;
  update public.batches b
  set calculated_plastic_credits = b.tons_or_kwh * r.plastic_per_unit,
      calculated_carbon_credits = b.tons_or_kwh * r.carbon_per_unit
  from public.credit_rules r
  where b.id = $1 and r.standard = b.standard;
end
$$;
comment on function public.calculate_batch_credits(uuid) is 'Sets the credits of a batch by the rule of its standard.';
