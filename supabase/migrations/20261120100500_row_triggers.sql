-- Batch hashes, timestamps, versions, the audit trail, and rows that may not be changed or removed.

create function public.generate_batch_hash() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.batch_hash := 'BATCH-' || encode(extensions.gen_random_bytes(16), 'hex');
  return new;
end
$$;
comment on function public.generate_batch_hash() is 'Gives a new batch its random public id.';
create trigger generate_batch_hash_trigger before insert on public.batches
  for each row execute function public.generate_batch_hash();

create function public.update_updated_at_column() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.updated_at := now();
  return new;
end
$$;
comment on function public.update_updated_at_column() is 'Sets updated_at of a row that changes.';

create function private.count_version() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.version := old.version + 1;
  return new;
end
$$;
comment on function private.count_version() is 'Counts a row''s version up by one; a version never goes back.';

-- Triggers on a table fire by name: compute..., count..., update...: an update that changes nothing counts nothing.
do $$
declare
  t text;
begin
  foreach t in array array[
    'users', 'projects', 'batches', 'organizations', 'people', 'trust_anchors', 'rubrics', 'assignments', 'evidence_files',
    'scores', 'findings', 'finding_rounds', 'decisions', 'certificates', 'signatures'
  ] loop
    execute format(
      'create trigger %I before update on public.%I for each row when (old.* *<> new.*)
         execute function private.count_version()',
      'count_' || t || '_version', t
    );
  end loop;
  foreach t in array array['users', 'projects', 'batches', 'verifications', 'organizations', 'scores', 'credit_rules'] loop
    execute format(
      'create trigger %I before update on public.%I for each row when (old.* *<> new.*)
         execute function public.update_updated_at_column()',
      'update_' || t || '_updated_at', t
    );
  end loop;
end
$$;

create function private.in_bulk() returns boolean
language sql stable set search_path = '' as $$
  select coalesce(pg_catalog.current_setting('veridesk.bulk', true), '') = 'on' and auth.uid() is null
$$;
comment on function private.in_bulk() is
  'True in a maintenance transaction (set local veridesk.bulk = ''on''), never for a signed-in person. It leaves out the feed, the audit trail and the content hashes; finish with private.rebuild_feed().';

create function public.audit_trigger_function() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if private.in_bulk() then
    return null;
  elsif tg_op = 'INSERT' then
    insert into public.audit_logs (user_id, action, table_name, record_id, new_values)
    values (auth.uid(), 'INSERT', tg_table_name, new.id, to_jsonb(new));
  elsif tg_op = 'UPDATE' then
    insert into public.audit_logs (user_id, action, table_name, record_id, old_values, new_values)
    values (auth.uid(), 'UPDATE', tg_table_name, new.id, to_jsonb(old), to_jsonb(new));
  elsif tg_op = 'DELETE' then
    insert into public.audit_logs (user_id, action, table_name, record_id, old_values)
    values (auth.uid(), 'DELETE', tg_table_name, old.id, to_jsonb(old));
  end if;
  return null;
end
$$;
comment on function public.audit_trigger_function() is 'Writes a changed row, before and after, to audit_logs.';

do $$
declare
  t text;
begin
  foreach t in array array[
    'batches', 'users', 'projects', 'verifications', 'organizations', 'user_grants', 'trust_anchors', 'rubrics',
    'assignments', 'evidence_files', 'scores', 'findings', 'finding_rounds', 'decisions', 'certificates', 'signatures'
  ] loop
    execute format(
      'create trigger %I after insert or update or delete on public.%I
         for each row execute function public.audit_trigger_function()',
      'audit_' || t || '_trigger', t
    );
  end loop;
end
$$;

-- A device is seen at every handshake, which is no news; that it is new or taken out of use is.
create trigger audit_devices_trigger after insert or delete or update of revoked_at on public.devices
  for each row execute function public.audit_trigger_function();

create function private.forbid_change() returns trigger
language plpgsql set search_path = '' as $$
begin
  raise exception using
    errcode = 'PT409',
    message = tg_argv[0],
    detail = 'immutable',
    hint = tg_argv[1];
end
$$;
comment on function private.forbid_change() is 'Refuses a change; the trigger''s arguments are the sentence and what to do instead.';

create trigger keep_audit_logs before update or delete or truncate on public.audit_logs
  for each statement execute function private.forbid_change(
    'Entries of the audit log are never changed or removed.', 'Add a new entry.'
  );
create trigger keep_batch_owner before update on public.batches
  for each row when (
    old.id is distinct from new.id or old.user_id is distinct from new.user_id
    or old.project_id is distinct from new.project_id or old.batch_hash is distinct from new.batch_hash
  )
  execute function private.forbid_change(
    'A batch keeps its submitter, its project and its public id.', 'Submit a new batch.'
  );
create trigger keep_assignment_parties before update on public.assignments
  for each row when (
    old.id is distinct from new.id or old.batch_id is distinct from new.batch_id
    or old.user_id is distinct from new.user_id
  )
  execute function private.forbid_change(
    'An assignment keeps its batch and its person.', 'End it and make another one.'
  );
create trigger keep_evidence_file before update on public.evidence_files
  for each row when (
    old.id is distinct from new.id or old.batch_id is distinct from new.batch_id or old.sha256 is distinct from new.sha256
    or old.bucket is distinct from new.bucket or old.object_path is distinct from new.object_path
    or (old.deleted_at is not null and new.deleted_at is null)
  )
  execute function private.forbid_change(
    'A file of evidence keeps its batch and its content.', 'Add the changed file as a new one.'
  );
create trigger keep_published_rubric before update on public.rubrics
  for each row when (old.published_at is not null)
  execute function private.forbid_change(
    'A published rubric never changes.', 'Publish a new revision.'
  );

do $$
declare
  t text;
begin
  foreach t in array array['finding_rounds', 'decisions'] loop
    execute format(
      'create trigger %I before update on public.%I for each row execute function private.forbid_change(%L, %L)',
      'keep_' || t, t, 'What was decided or said stays as it is.', 'Record a new one.'
    );
  end loop;
  foreach t in array array['scores', 'findings', 'certificates', 'signatures'] loop
    execute format(
      'create trigger %I before update on public.%I
         for each row when (old.id is distinct from new.id or old.batch_id is distinct from new.batch_id)
         execute function private.forbid_change(%L, %L)',
      'keep_' || t || '_batch', t, 'The row belongs to its batch.', 'Make another one.'
    );
  end loop;
end
$$;

create function private.forbid_removal() returns trigger
language plpgsql set search_path = '' as $$
begin
  if private.in_bulk() then
    return null;
  end if;
  raise exception using
    errcode = 'PT409',
    message = format('Rows of %s are mirrored on workstations and are not deleted.', tg_table_name),
    detail = 'immutable',
    hint = 'End, withdraw or mark the row instead.';
end
$$;
comment on function private.forbid_removal() is
  'Refuses DELETE on mirrored tables, so that versions never start again; only a maintenance transaction may (see private.in_bulk).';

do $$
declare
  t text;
begin
  foreach t in array array[
    'users', 'projects', 'batches', 'organizations', 'people', 'trust_anchors', 'rubrics', 'assignments', 'evidence_files',
    'scores', 'findings', 'finding_rounds', 'decisions', 'certificates', 'signatures', 'verifications'
  ] loop
    execute format(
      'create trigger %I before delete on public.%I for each statement execute function private.forbid_removal()',
      'keep_' || t || '_rows', t
    );
  end loop;
end
$$;

create function private.keep_coordinates() returns trigger
language plpgsql set search_path = '' as $$
begin
  if new.coordinates is not null and new.latitude is null and (tg_op = 'INSERT' or old.latitude is null) then
    new.longitude := new.coordinates[0];
    new.latitude := new.coordinates[1];
  elsif tg_op = 'UPDATE' and not coalesce(new.coordinates ~= old.coordinates, new.coordinates is null and old.coordinates is null)
    and new.latitude is not distinct from old.latitude and new.longitude is not distinct from old.longitude then
    new.longitude := new.coordinates[0];
    new.latitude := new.coordinates[1];
  else
    new.coordinates := case
      when new.latitude is not null and new.longitude is not null then pg_catalog.point(new.longitude, new.latitude)
    end;
  end if;
  return new;
end
$$;
comment on function private.keep_coordinates() is 'Keeps coordinates = point(longitude, latitude), whichever of them was written.';
create trigger compute_projects_coordinates before insert or update on public.projects
  for each row execute function private.keep_coordinates();
