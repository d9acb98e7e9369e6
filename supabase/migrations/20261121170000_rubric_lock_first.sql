-- Publishing a rubric takes the rubric's lock and then the batches'. Whoever changed a batch took them the other way round: first the
-- batch, then, to hash it, the rubric. Both at once locked each other out. Now everybody who writes batches, or what belongs to them,
-- takes the rubric's lock first, shared; publishing alone takes it for itself. One lock for all standards, because a statement does
-- not know beforehand whose batches it will touch.

create or replace function private.lock_rubric(p_standard text, p_exclusive boolean) returns void
language plpgsql set search_path = '' as $$
begin
  if p_exclusive then
    perform pg_advisory_xact_lock(20261120, 0);
  else
    perform pg_advisory_xact_lock_shared(20261120, 0);
  end if;
end
$$;
comment on function private.lock_rubric(text, boolean) is
  'Makes publishing a rubric, of whatever standard, wait for transactions that write batches, and the other way round. Comes before every lock on a batch.';

create or replace function private.lock_batches(p_batches uuid[]) returns void
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
  perform private.lock_rubric(null, false);
  perform 1 from public.batches b where b.id = any (p_batches) order by b.id for no key update;
end
$$;
comment on function private.lock_batches(uuid[]) is
  'Locks batches in the order of their ids, after the rubric''s lock. Whoever changes what belongs to a batch holds this lock, so that the feed sees all of it.';

create function private.lock_rubric_first() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.lock_rubric(null, false);
  return null;
end
$$;
comment on function private.lock_rubric_first() is 'Takes the rubric''s lock before a statement locks its first batch.';
revoke all on function private.lock_rubric_first() from public, anon, authenticated;

do $$
declare
  t text;
begin
  foreach t in array array['batches', 'evidence_files', 'assignments'] loop
    execute format(
      'create trigger %I before insert or update on public.%I for each statement execute function private.lock_rubric_first()',
      'lock_' || t || '_rubric', t
    );
  end loop;
end
$$;
