-- What a verifier's desk adds to projects and batches, who works on a batch, its evidence, and the rubrics it is scored by.

alter table public.projects
  add column latitude double precision check (latitude between -90 and 90),
  add column longitude double precision check (longitude between -180 and 180),
  add column time_zone text not null default 'UTC' check (time_zone <> ''),
  add column version integer not null default 1,
  alter column status set not null,
  add constraint projects_position_complete check ((latitude is null) = (longitude is null));
comment on column public.projects.time_zone is 'IANA zone of the site.';
comment on column public.projects.latitude is 'Degrees, WGS 84; kept in step with coordinates, which is point(longitude, latitude).';

alter table public.batches drop constraint batches_status_check;
alter table public.batches
  add constraint batches_status_check check (
    status in ('pending', 'under_review', 'changes_requested', 'approved', 'rejected', 'verified', 'retired')
  ),
  alter column status set not null,
  alter column calculated_plastic_credits set not null,
  alter column calculated_carbon_credits set not null,
  alter column updated_at set not null,
  add column period_start date,
  add column period_end date,
  add column risk_score integer not null default 0 check (risk_score between 0 and 100),
  add column risk_reasons jsonb not null default '[]' check (jsonb_typeof(risk_reasons) = 'array'),
  add column content_hash text not null check (content_hash ~ '^[0-9a-f]{64}$'),
  add column version integer not null default 1,
  add constraint batches_quantity_not_negative check (tons_or_kwh >= 0),
  add constraint batches_period_ordered check (period_end >= period_start);
comment on column public.batches.content_hash is
  'SHA-256 of all that a decision is made on: batch, calculation, evidence and the rubric in force. See private.content_text.';
create index batches_claimable on public.batches (project_id, id) where status = 'pending';
create index batches_standard_open on public.batches (standard)
  where status in ('pending', 'under_review', 'changes_requested', 'approved');

create table public.assignments (
  id uuid primary key default gen_random_uuid(),
  batch_id uuid not null references public.batches (id),
  user_id uuid not null references public.users (id),
  role text not null check (role in ('desk_verifier', 'accredited_auditor', 'field_agent', 'reviewer')),
  assigned_by uuid references public.users (id),
  assigned_at timestamp with time zone not null default now(),
  due_at timestamp with time zone,
  ended_at timestamp with time zone,
  version integer not null default 1
);
comment on table public.assignments is 'Who works on which batch, as what. It lives until ended_at is set; it is never deleted.';
create unique index assignments_live on public.assignments (batch_id, user_id) where ended_at is null;
create index assignments_batch_id on public.assignments (batch_id);
create index assignments_user_id on public.assignments (user_id);
create index assignments_assigned_by on public.assignments (assigned_by);

create table public.evidence_files (
  id uuid primary key default gen_random_uuid(),
  batch_id uuid not null references public.batches (id),
  bucket text not null check (bucket in ('batch-photos', 'verification-docs')),
  object_path text not null check (object_path <> ''),
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  byte_size bigint not null check (byte_size between 0 and 9007199254740991),
  media_type text not null,
  kind text not null check (
    kind in (
      'weighbridge_ticket', 'photo', 'mass_balance', 'transport_log', 'monitoring_report',
      'calibration_certificate', 'laboratory_report', 'other'
    )
  ),
  title text not null,
  effective_at timestamp with time zone,
  uploaded_by uuid not null references public.users (id),
  uploaded_at timestamp with time zone not null default now(),
  deleted_at timestamp with time zone,
  version integer not null default 1
);
comment on table public.evidence_files is
  'Files of evidence by SHA-256, and where their bytes are stored. deleted_at takes one out of the content without losing the trail.';
comment on column public.evidence_files.effective_at is 'When the thing happened, as claimed; not the upload.';
create index evidence_files_batch_id on public.evidence_files (batch_id, id);
create index evidence_files_uploaded_by on public.evidence_files (uploaded_by);
create index evidence_files_object on public.evidence_files (bucket, object_path);

create table public.rubrics (
  id uuid primary key default gen_random_uuid(),
  standard text not null check (standard in ('APRS', 'ARCS', 'AEMAS', 'ACCCS', 'AMCAVS', 'PCX')),
  revision integer not null check (revision >= 1),
  title text not null,
  body jsonb not null,
  published_by uuid references public.users (id),
  published_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  version integer not null default 1,
  unique (standard, revision)
);
comment on table public.rubrics is
  'Scoring rubrics as versioned data. A draft has no published_at; once published a row never changes. The highest published revision is in force.';
create index rubrics_published_by on public.rubrics (published_by);
