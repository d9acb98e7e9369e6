-- The registry's own tables: users, projects, batches, verifications, audit_logs, with their columns, checks and defaults.

create table public.users (
  id uuid references auth.users (id) primary key,
  name text not null,
  email text unique not null,
  role text check (role in ('recycler', 'buyer', 'verifier', 'admin')) not null,
  organization_name text,
  created_at timestamp with time zone default now(),
  updated_at timestamp with time zone default now(),
  approval_status text check (approval_status in ('pending', 'approved', 'rejected')) default 'pending',
  verification_status text check (verification_status in ('pending', 'approved', 'rejected', 'under_review')) default 'pending',
  assigned_role text,
  mobile text,
  kyb_document_urls text[],
  license_number text,
  compliance_certifications text[],
  rejection_reason text,
  approved_by uuid references public.users (id),
  approved_at timestamp with time zone,
  sub_role text check (sub_role in ('field_agent', 'desk_verifier', 'accredited_auditor')),
  last_login timestamp with time zone
);
comment on table public.users is 'People with an account, with their role and the state of their approval.';
create index users_approved_by on public.users (approved_by);

create table public.projects (
  id uuid default gen_random_uuid() primary key,
  user_id uuid references public.users (id) not null,
  name text not null,
  description text,
  standard text check (standard in ('APRS', 'ARCS', 'AEMAS', 'ACCCS', 'AMCAVS', 'PCX')) not null,
  location text not null,
  coordinates point,
  created_at timestamp with time zone default now(),
  updated_at timestamp with time zone default now(),
  status text check (status in ('active', 'inactive', 'suspended')) default 'active',
  verification_required boolean default true,
  credit_price decimal(10, 2),
  total_credits_generated decimal(10, 2) default 0,
  total_credits_sold decimal(10, 2) default 0
);
comment on table public.projects is 'Projects of recyclers that generate credits.';
create index projects_user_id on public.projects (user_id);

create table public.batches (
  id uuid default gen_random_uuid() primary key,
  user_id uuid references public.users (id) not null,
  project_id uuid references public.projects (id) not null,
  batch_hash text unique not null,
  standard text check (standard in ('APRS', 'ARCS', 'AEMAS', 'ACCCS', 'AMCAVS', 'PCX')) not null,
  tons_or_kwh decimal(10, 2) not null,
  location text not null,
  date_submitted date not null,
  description text,
  status text check (status in ('pending', 'under_review', 'approved', 'rejected', 'verified', 'retired')) default 'pending',
  calculated_plastic_credits decimal(10, 2) default 0,
  calculated_carbon_credits decimal(10, 2) default 0,
  verification_score decimal(3, 2),
  verification_notes text,
  verified_by uuid references public.users (id),
  verified_at timestamp with time zone,
  photos text[],
  documents text[],
  ai_validation_result jsonb,
  created_at timestamp with time zone default now(),
  updated_at timestamp with time zone default now()
);
comment on table public.batches is 'Batches submitted by recyclers, from which credits are made once verified.';
create index batches_user_id on public.batches (user_id);
create index batches_project_id on public.batches (project_id, status);
create index batches_verified_by on public.batches (verified_by);

create table public.verifications (
  id uuid default gen_random_uuid() primary key,
  batch_id uuid references public.batches (id) not null,
  verifier_id uuid references public.users (id) not null,
  status text check (status in ('pending', 'approved', 'rejected')) not null,
  score decimal(3, 2),
  notes text,
  photos text[],
  documents text[],
  created_at timestamp with time zone default now(),
  updated_at timestamp with time zone default now()
);
comment on table public.verifications is 'The registry''s record of each verification; written with every decision.';
create index verifications_batch_id on public.verifications (batch_id);
create index verifications_verifier_id on public.verifications (verifier_id);

create table public.audit_logs (
  id uuid default gen_random_uuid() primary key,
  user_id uuid references public.users (id),
  action text not null,
  table_name text,
  record_id uuid,
  old_values jsonb,
  new_values jsonb,
  ip_address inet,
  user_agent text,
  created_at timestamp with time zone default now()
);
comment on table public.audit_logs is 'What changed in the important tables, by whom. Rows are added, never changed or removed.';
create index audit_logs_user_id on public.audit_logs (user_id);
create index audit_logs_record on public.audit_logs (table_name, record_id, created_at);
create index audit_logs_created_at on public.audit_logs (created_at);

create table public.credit_rules (
  standard text primary key check (standard in ('APRS', 'ARCS', 'AEMAS', 'ACCCS', 'AMCAVS', 'PCX')),
  plastic_per_unit decimal(10, 2) not null default 0,
  carbon_per_unit decimal(10, 2) not null default 0,
  updated_at timestamp with time zone not null default now()
);
comment on table public.credit_rules is
  'Credits per tonne or kWh of each standard, so that a standard can be given a rule without a release.';
insert into public.credit_rules (standard, plastic_per_unit, carbon_per_unit) values
  ('APRS', 1, 0), ('ARCS', 0, 1), ('AEMAS', 0, 1), ('ACCCS', 0, 0), ('AMCAVS', 0, 0), ('PCX', 0, 0);
