-- Whether a file of evidence is what its row says: looked at once it is registered, by a job that fetches its bytes.

create table public.evidence_checks (
  id uuid primary key default gen_random_uuid(),
  evidence_file_id uuid not null unique references public.evidence_files (id),
  verdict text not null check (verdict in ('matches', 'missing', 'wrong_size', 'wrong_content', 'wrong_type')),
  found_type text,
  found_size bigint check (found_size >= 0),
  found_sha256 text check (found_sha256 ~ '^[0-9a-f]{64}$'),
  checked_at timestamp with time zone not null default now()
);
comment on table public.evidence_checks is
  'What was found where a row of evidence_files says that its bytes are: the newest verdict. wrong_type: the bytes are of another kind than the row says.';
create trigger audit_evidence_checks_trigger after insert or update or delete on public.evidence_checks
  for each row execute function public.audit_trigger_function();

create function private.ask_for_evidence_check() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if not private.in_bulk() then
    -- The row may come before its file.
    perform private.enqueue_job('evidence.check', jsonb_build_object('evidence_file_id', new.id),
      'evidence.check ' || new.id::text, -10, now() + interval '30 seconds');
  end if;
  return null;
end
$$;
comment on function private.ask_for_evidence_check() is 'Has a new file of evidence looked at.';
create trigger check_new_evidence after insert on public.evidence_files
  for each row execute function private.ask_for_evidence_check();

create function public.record_evidence_check(
  p_evidence_file uuid, p_found_size bigint, p_found_sha256 text, p_found_type text, p_type_matches boolean
) returns text
language plpgsql security definer set search_path = '' as $$
declare
  file public.evidence_files;
  before text;
  found_verdict text;
begin
  select e.* into file from public.evidence_files e where e.id = p_evidence_file;
  if file.id is null then
    raise exception using errcode = 'PT404', message = 'There is no such file of evidence.', detail = 'not_found', hint = 'Check the id.';
  end if;
  found_verdict := case
    when p_found_sha256 is null then 'missing'
    when p_found_size is distinct from file.byte_size then 'wrong_size'
    when p_found_sha256 is distinct from file.sha256 then 'wrong_content'
    when not coalesce(p_type_matches, false) then 'wrong_type'
    else 'matches'
  end;
  select c.verdict into before from public.evidence_checks c where c.evidence_file_id = file.id;
  insert into public.evidence_checks as c (evidence_file_id, verdict, found_type, found_size, found_sha256)
  values (file.id, found_verdict, p_found_type, p_found_size, p_found_sha256)
  on conflict (evidence_file_id) do update
  set verdict = excluded.verdict, found_type = excluded.found_type, found_size = excluded.found_size,
      found_sha256 = excluded.found_sha256, checked_at = excluded.checked_at;
  if found_verdict in ('wrong_size', 'wrong_content', 'wrong_type') and before is distinct from found_verdict then
    perform private.note_security_event('critical', 'evidence_mismatch', file.uploaded_by, null, jsonb_build_object(
      'evidence_file_id', file.id, 'batch_id', file.batch_id, 'verdict', found_verdict, 'found_type', p_found_type
    ));
  end if;
  return found_verdict;
end
$$;
comment on function public.record_evidence_check(uuid, bigint, text, text, boolean) is
  'Keeps what was found of a file of evidence and says the verdict; a file that is not what its row says is a security event. The service role''s.';

alter table public.evidence_checks enable row level security;
create policy "Whoever reads the file's row" on public.evidence_checks for select to authenticated
  using (exists (select 1 from public.evidence_files e where e.id = evidence_file_id));

revoke all on public.evidence_checks from public, anon, authenticated;
grant select on public.evidence_checks to authenticated;
grant all on public.evidence_checks to service_role;
revoke all on function private.ask_for_evidence_check(), public.record_evidence_check(uuid, bigint, text, text, boolean)
  from public, anon, authenticated;
grant execute on function private.ask_for_evidence_check(), public.record_evidence_check(uuid, bigint, text, text, boolean) to service_role;
