-- Who works for whom, what they may do beside their role, with which device, and the directory that others see.

create table public.organizations (
  id uuid primary key default gen_random_uuid(),
  name text not null check (name <> ''),
  kind text not null default 'other',
  country text check (country ~ '^[A-Z]{2}$'),
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  version integer not null default 1
);
comment on table public.organizations is 'Recyclers, verification bodies and others that people work for.';
comment on column public.organizations.country is 'ISO 3166-1 alpha-2.';

alter table public.users
  add column organization_id uuid references public.organizations (id),
  add column active boolean not null default true,
  add column version integer not null default 1;
comment on column public.users.active is 'False while the account is suspended; a suspended person does not get in.';
create index users_organization_id on public.users (organization_id);

create table public.user_grants (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.users (id),
  grant_name text not null check (grant_name in ('compliance')),
  granted_by uuid references public.users (id),
  granted_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone,
  revoked_at timestamp with time zone
);
comment on table public.user_grants is 'Powers beside the role. `compliance` opens the whole register and the audit trail, and decides nothing.';
create unique index user_grants_live on public.user_grants (user_id, grant_name) where revoked_at is null;
create index user_grants_user_id on public.user_grants (user_id);
create index user_grants_granted_by on public.user_grants (granted_by);

create table public.people (
  id uuid primary key references public.users (id),
  name text not null,
  organization_id uuid references public.organizations (id),
  organization_name text,
  role text not null,
  sub_role text,
  version integer not null default 1
);
comment on table public.people is
  'Directory of everyone who was ever approved: names and roles, no address. Kept by triggers from users and organizations.';
create index people_organization_id on public.people (organization_id);

create table public.devices (
  id uuid not null,
  user_id uuid not null references public.users (id),
  name text not null default '',
  program_version text not null default '',
  first_seen_at timestamp with time zone not null default now(),
  last_seen_at timestamp with time zone not null default now(),
  revoked_at timestamp with time zone,
  primary key (id, user_id)
);
comment on table public.devices is 'Workstations that a person has used. One workstation may serve several people, hence the two-part key.';
create index devices_user_id on public.devices (user_id);

create table public.trust_anchors (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  certificate_pem text not null check (certificate_pem like '-----BEGIN CERTIFICATE-----%'),
  created_at timestamp with time zone not null default now(),
  withdrawn_at timestamp with time zone,
  version integer not null default 1
);
comment on table public.trust_anchors is 'Certificate authorities whose signing certificates are accepted. Withdrawn, never deleted.';

create table public.server_state (
  only_row boolean primary key default true check (only_row),
  server_epoch uuid not null default gen_random_uuid(),
  created_at timestamp with time zone not null default now()
);
comment on table public.server_state is
  'One row. `server_epoch` is changed after restoring a backup, so that every workstation fetches its mirror again and keeps its outbox.';
insert into public.server_state default values;
