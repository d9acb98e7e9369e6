-- What verifiers leave behind: scores, findings with their rounds, decisions, certificates and signatures. Written by functions only.

create table public.scores (
  id uuid primary key,
  batch_id uuid not null references public.batches (id),
  verifier_id uuid not null references public.users (id),
  rubric_id uuid not null references public.rubrics (id),
  criterion_code text not null,
  points integer check (points between 0 and 5),
  not_applicable_reason text,
  note text not null default '',
  evidence_ids uuid[] not null default '{}',
  updated_at timestamp with time zone not null default now(),
  version integer not null default 1,
  unique (batch_id, verifier_id, criterion_code),
  constraint scores_points_or_reason check (points is null or not_applicable_reason is null)
);
comment on table public.scores is 'Points that a verifier gave a batch for one criterion, or why the criterion does not apply.';
create index scores_verifier_id on public.scores (verifier_id);
create index scores_rubric_id on public.scores (rubric_id);

create table public.findings (
  id uuid primary key,
  batch_id uuid not null references public.batches (id),
  kind text not null check (kind in ('car', 'cl', 'far', 'observation')),
  title text not null check (title <> ''),
  description text not null,
  criterion_code text,
  evidence_file_id uuid references public.evidence_files (id),
  status text not null default 'open' check (status in ('open', 'answered', 'closed', 'withdrawn')),
  due_at timestamp with time zone,
  misstatement numeric(12, 2),
  raised_by uuid not null references public.users (id),
  raised_at timestamp with time zone not null default now(),
  closed_by uuid references public.users (id),
  closed_at timestamp with time zone,
  round integer not null default 1 check (round >= 1),
  version integer not null default 1
);
comment on table public.findings is
  'Corrective action requests (car), clarifications (cl), forward action requests (far) and observations. An open car or cl blocks a positive decision.';
comment on column public.findings.misstatement is 'Signed over- (positive) or understatement (negative) in the batch''s unit.';
create index findings_batch_id on public.findings (batch_id);
create index findings_evidence_file_id on public.findings (evidence_file_id);
create index findings_raised_by on public.findings (raised_by);
create index findings_closed_by on public.findings (closed_by);

create table public.finding_rounds (
  id uuid primary key,
  finding_id uuid not null references public.findings (id),
  batch_id uuid not null references public.batches (id),
  round integer not null check (round >= 1),
  kind text not null check (kind in ('raised', 'response', 'review')),
  author_id uuid not null references public.users (id),
  on_behalf_of text,
  body text not null,
  created_at timestamp with time zone not null default now(),
  version integer not null default 1
);
comment on table public.finding_rounds is 'Each exchange about a finding. on_behalf_of names who answered when the author only recorded it.';
create index finding_rounds_finding_id on public.finding_rounds (finding_id);
create index finding_rounds_batch_id on public.finding_rounds (batch_id);
create index finding_rounds_author_id on public.finding_rounds (author_id);

create table public.decisions (
  id uuid primary key,
  batch_id uuid not null references public.batches (id),
  actor_id uuid not null references public.users (id),
  action text not null check (action in ('claim', 'approve', 'reject', 'request_changes', 'verify', 'resubmit', 'retire')),
  from_status text not null,
  to_status text not null,
  reason_code text not null check (reason_code <> ''),
  reason text not null,
  score numeric(3, 2) check (score between 0 and 5),
  rubric_id uuid references public.rubrics (id),
  content_hash text not null check (content_hash ~ '^[0-9a-f]{64}$'),
  opinion text check (opinion in ('unmodified', 'qualified', 'adverse', 'disclaimed')),
  assurance_level text check (assurance_level in ('reasonable', 'limited')),
  unviewed_evidence_ids uuid[] not null default '{}',
  device_id uuid,
  decided_at timestamp with time zone not null,
  clock_offset_ms integer,
  received_at timestamp with time zone not null default clock_timestamp(),
  version integer not null default 1,
  foreign key (device_id, actor_id) references public.devices (id, user_id)
);
comment on table public.decisions is 'Every decision, bound by content_hash to all that it was made on. decided_at is the device''s claim, received_at the cloud''s clock.';
create index decisions_batch_id on public.decisions (batch_id, received_at);
create index decisions_actor_id on public.decisions (actor_id);
create index decisions_rubric_id on public.decisions (rubric_id);
create index decisions_device on public.decisions (device_id, actor_id);

create table public.certificates (
  id uuid primary key,
  batch_id uuid not null references public.batches (id),
  decision_id uuid not null unique references public.decisions (id),
  certificate_number text not null unique check (certificate_number <> ''),
  opinion text not null check (opinion in ('unmodified', 'qualified', 'adverse', 'disclaimed')),
  assurance_level text not null check (assurance_level in ('reasonable', 'limited')),
  content_hash text not null check (content_hash ~ '^[0-9a-f]{64}$'),
  bucket text not null default 'certificates' check (bucket = 'certificates'),
  object_path text not null check (object_path <> ''),
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  byte_range_digest text not null check (byte_range_digest ~ '^[0-9a-f]{64}$'),
  byte_size bigint not null check (byte_size between 1 and 9007199254740991),
  issued_by uuid not null references public.users (id),
  claimed_at timestamp with time zone not null,
  received_at timestamp with time zone not null default now(),
  version integer not null default 1,
  unique (bucket, object_path)
);
comment on table public.certificates is 'Signed verification certificates, one for each verifying decision. The file is uploaded after this row names it.';
create index certificates_batch_id on public.certificates (batch_id);
create index certificates_issued_by on public.certificates (issued_by);

create table public.signatures (
  id uuid primary key,
  certificate_id uuid not null references public.certificates (id),
  batch_id uuid not null references public.batches (id),
  signer_id uuid not null references public.users (id),
  kind text not null check (kind in ('auditor', 'reviewer')),
  level text not null check (level in ('B-B', 'B-T', 'B-LT', 'B-LTA')),
  signer_subject text not null,
  signer_serial text not null,
  signer_fingerprint text not null check (signer_fingerprint ~ '^[0-9a-f]{64}$'),
  claimed_at timestamp with time zone not null,
  version integer not null default 1,
  unique (certificate_id, kind)
);
comment on table public.signatures is 'Signatures on a certificate: the auditor''s, and the reviewer''s who countersigns.';
create index signatures_batch_id on public.signatures (batch_id);
create index signatures_signer_id on public.signatures (signer_id);
