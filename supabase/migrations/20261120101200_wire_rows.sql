-- The rows as workstations receive them: shared/wire/rows.ts, key by key. Decimals are text with two places.
-- Without a SET clause these are inlined into the query that calls them.

create function private.wire(r public.organizations) returns json language sql stable as $$
  select json_build_object('id', r.id, 'name', r.name, 'kind', r.kind, 'country', r.country, 'version', r.version)
$$;
create function private.wire(r public.people) returns json language sql stable as $$
  select json_build_object(
    'id', r.id, 'name', r.name, 'organization_id', r.organization_id, 'organization_name', r.organization_name,
    'role', r.role, 'sub_role', r.sub_role, 'version', r.version)
$$;
create function private.wire(r public.trust_anchors) returns json language sql stable as $$
  select json_build_object('id', r.id, 'name', r.name, 'certificate_pem', r.certificate_pem, 'version', r.version)
$$;
create function private.wire(r public.rubrics) returns json language sql stable as $$
  select json_build_object(
    'id', r.id, 'standard', r.standard, 'revision', r.revision, 'title', r.title, 'body', r.body,
    'published_at', r.published_at, 'version', r.version)
$$;
create function private.wire(r public.projects) returns json language sql stable as $$
  select json_build_object(
    'id', r.id, 'user_id', r.user_id, 'name', r.name, 'description', r.description, 'standard', r.standard,
    'location', r.location, 'latitude', r.latitude, 'longitude', r.longitude, 'time_zone', r.time_zone,
    'status', r.status, 'updated_at', r.updated_at, 'version', r.version)
$$;
create function private.wire(r public.batches) returns json language sql stable as $$
  select json_build_object(
    'id', r.id, 'batch_hash', r.batch_hash, 'user_id', r.user_id, 'project_id', r.project_id, 'standard', r.standard,
    'tons_or_kwh', r.tons_or_kwh::text, 'location', r.location, 'date_submitted', r.date_submitted,
    'period_start', r.period_start, 'period_end', r.period_end, 'description', r.description, 'status', r.status,
    'calculated_plastic_credits', r.calculated_plastic_credits::text,
    'calculated_carbon_credits', r.calculated_carbon_credits::text,
    'verification_score', r.verification_score::text, 'verified_by', r.verified_by, 'verified_at', r.verified_at,
    'risk_score', r.risk_score, 'risk_reasons', r.risk_reasons, 'content_hash', r.content_hash,
    'updated_at', r.updated_at, 'version', r.version)
$$;
create function private.wire(r public.assignments) returns json language sql stable as $$
  select json_build_object(
    'id', r.id, 'batch_id', r.batch_id, 'user_id', r.user_id, 'role', r.role, 'assigned_by', r.assigned_by,
    'assigned_at', r.assigned_at, 'due_at', r.due_at, 'ended_at', r.ended_at, 'version', r.version)
$$;
create function private.wire(r public.evidence_files) returns json language sql stable as $$
  select json_build_object(
    'id', r.id, 'batch_id', r.batch_id, 'bucket', r.bucket, 'object_path', r.object_path, 'sha256', r.sha256,
    'byte_size', r.byte_size, 'media_type', r.media_type, 'kind', r.kind, 'title', r.title,
    'effective_at', r.effective_at, 'uploaded_by', r.uploaded_by, 'uploaded_at', r.uploaded_at,
    'deleted_at', r.deleted_at, 'version', r.version)
$$;
create function private.wire(r public.scores) returns json language sql stable as $$
  select json_build_object(
    'id', r.id, 'batch_id', r.batch_id, 'verifier_id', r.verifier_id, 'rubric_id', r.rubric_id,
    'criterion_code', r.criterion_code, 'points', r.points, 'not_applicable_reason', r.not_applicable_reason,
    'note', r.note, 'evidence_ids', r.evidence_ids, 'updated_at', r.updated_at, 'version', r.version)
$$;
create function private.wire(r public.findings) returns json language sql stable as $$
  select json_build_object(
    'id', r.id, 'batch_id', r.batch_id, 'kind', r.kind, 'title', r.title, 'description', r.description,
    'criterion_code', r.criterion_code, 'evidence_file_id', r.evidence_file_id, 'status', r.status, 'due_at', r.due_at,
    'misstatement', r.misstatement::text, 'raised_by', r.raised_by, 'raised_at', r.raised_at,
    'closed_by', r.closed_by, 'closed_at', r.closed_at, 'round', r.round, 'version', r.version)
$$;
create function private.wire(r public.finding_rounds) returns json language sql stable as $$
  select json_build_object(
    'id', r.id, 'finding_id', r.finding_id, 'batch_id', r.batch_id, 'round', r.round, 'kind', r.kind,
    'author_id', r.author_id, 'on_behalf_of', r.on_behalf_of, 'body', r.body, 'created_at', r.created_at,
    'version', r.version)
$$;
create function private.wire(r public.decisions) returns json language sql stable as $$
  select json_build_object(
    'id', r.id, 'batch_id', r.batch_id, 'actor_id', r.actor_id, 'action', r.action, 'from_status', r.from_status,
    'to_status', r.to_status, 'reason_code', r.reason_code, 'reason', r.reason, 'score', r.score::text,
    'rubric_id', r.rubric_id, 'content_hash', r.content_hash, 'opinion', r.opinion,
    'assurance_level', r.assurance_level, 'unviewed_evidence_count', cardinality(r.unviewed_evidence_ids),
    'device_id', r.device_id, 'decided_at', r.decided_at, 'received_at', r.received_at, 'version', r.version)
$$;
create function private.wire(r public.certificates) returns json language sql stable as $$
  select json_build_object(
    'id', r.id, 'batch_id', r.batch_id, 'decision_id', r.decision_id, 'certificate_number', r.certificate_number,
    'opinion', r.opinion, 'assurance_level', r.assurance_level, 'content_hash', r.content_hash, 'bucket', r.bucket,
    'object_path', r.object_path, 'sha256', r.sha256, 'byte_range_digest', r.byte_range_digest,
    'byte_size', r.byte_size, 'issued_by', r.issued_by, 'claimed_at', r.claimed_at, 'received_at', r.received_at,
    'version', r.version)
$$;
create function private.wire(r public.signatures) returns json language sql stable as $$
  select json_build_object(
    'id', r.id, 'certificate_id', r.certificate_id, 'batch_id', r.batch_id, 'signer_id', r.signer_id, 'kind', r.kind,
    'level', r.level, 'signer_subject', r.signer_subject, 'signer_serial', r.signer_serial,
    'signer_fingerprint', r.signer_fingerprint, 'claimed_at', r.claimed_at, 'version', r.version)
$$;

do $$
declare
  f regprocedure;
begin
  for f in
    select p.oid::regprocedure from pg_catalog.pg_proc p
    where p.pronamespace = 'private'::regnamespace and p.proname = 'wire'
  loop
    execute format('comment on function %s is %L', f, 'A row as workstations receive it.');
  end loop;
end
$$;

create view private.wire_rows with (security_invoker = true) as
  select 'organizations'::text as tbl, t.id, private.wire(t) as body from public.organizations t
  union all select 'people', t.id, private.wire(t) from public.people t
  union all select 'trust_anchors', t.id, private.wire(t) from public.trust_anchors t
  union all select 'rubrics', t.id, private.wire(t) from public.rubrics t where t.published_at is not null
  union all select 'projects', t.id, private.wire(t) from public.projects t
  union all select 'batches', t.id, private.wire(t) from public.batches t
  union all select 'assignments', t.id, private.wire(t) from public.assignments t
  union all select 'evidence_files', t.id, private.wire(t) from public.evidence_files t
  union all select 'scores', t.id, private.wire(t) from public.scores t
  union all select 'findings', t.id, private.wire(t) from public.findings t
  union all select 'finding_rounds', t.id, private.wire(t) from public.finding_rounds t
  union all select 'decisions', t.id, private.wire(t) from public.decisions t
  union all select 'certificates', t.id, private.wire(t) from public.certificates t
  union all select 'signatures', t.id, private.wire(t) from public.signatures t;
comment on view private.wire_rows is 'Every mirrored row as workstations receive it, under the policies of whoever asks.';
