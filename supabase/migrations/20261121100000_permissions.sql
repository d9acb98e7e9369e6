-- Kinds of organizations, who is bound to a verification body, and the permissions of roles as data.

update public.organizations set kind = 'other'
where kind not in ('registry', 'verification_body', 'recycler', 'buyer', 'other');
alter table public.organizations
  add constraint organizations_kind_check check (kind in ('registry', 'verification_body', 'recycler', 'buyer', 'other'));
comment on column public.organizations.kind is
  'A verification body is a boundary: its people work with its batches and with those that are open to any verifier.';

create function private.body_of(p_user uuid) returns uuid
language sql stable security definer set search_path = '' as $$
  select o.id
  from public.users u
  join public.organizations o on o.id = u.organization_id and o.kind = 'verification_body'
  where u.id = p_user
$$;
comment on function private.body_of(uuid) is 'The verification body that a person is bound to; null for everybody else.';

create function private.bound_body() returns uuid
language sql stable security definer set search_path = '' as $$
  select o.id
  from public.users u
  join public.organizations o on o.id = u.organization_id and o.kind = 'verification_body'
  where u.id = (select auth.uid()) and u.approval_status = 'approved' and u.active
$$;
comment on function private.bound_body() is 'The verification body that the signed-in person is bound to; null for everybody else.';

create table public.permissions (
  permission text primary key check (permission ~ '^[a-z_]+\.[a-z_]+$'),
  description text not null check (description <> ''),
  registry_wide boolean not null default false,
  may_be_held_by text[] not null check (
    cardinality(may_be_held_by) > 0
    and may_be_held_by <@ array[
      'recycler', 'buyer', 'verifier', 'admin', 'compliance',
      'verifier/field_agent', 'verifier/desk_verifier', 'verifier/accredited_auditor'
    ]
  )
);
comment on table public.permissions is
  'What can be permitted, and to whom by nature: nobody who is not named in may_be_held_by is ever given the permission.';
comment on column public.permissions.may_be_held_by is
  'Roles, and kinds of verifiers as verifier/<sub_role>. `compliance` stands for holders of that grant. A role covers its kinds.';

comment on column public.permissions.registry_wide is
  'True for what concerns the whole register: nobody who is bound to a verification body may do it, whatever their role.';

create table public.role_permissions (
  id uuid primary key default gen_random_uuid(),
  role text not null check (role in ('recycler', 'buyer', 'verifier', 'admin', 'compliance')),
  sub_role text check (sub_role in ('field_agent', 'desk_verifier', 'accredited_auditor')),
  permission text not null references public.permissions (permission),
  granted_by uuid references public.users (id),
  granted_at timestamp with time zone not null default now(),
  revoked_at timestamp with time zone,
  version integer not null default 1,
  constraint role_permissions_once unique nulls not distinct (permission, role, sub_role),
  constraint role_permissions_kind_of_verifier check (sub_role is null or role = 'verifier')
);
comment on table public.role_permissions is
  'Who may do what: a role, or one kind of verifier where sub_role is given. What was taken back stays with revoked_at.';
comment on column public.role_permissions.role is 'A role of users, or `compliance` for holders of that grant, whatever their role.';
create index role_permissions_granted_by on public.role_permissions (granted_by);

create function private.fits_by_nature(p_role text, p_sub_role text, p_permission text) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select 1 from public.permissions p
    where p.permission = p_permission
      and (p_role = any (p.may_be_held_by) or p_role || '/' || p_sub_role = any (p.may_be_held_by))
  )
$$;
comment on function private.fits_by_nature(text, text, text) is 'True where a role or kind of verifier may ever hold the permission.';

create function private.guard_role_permission() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'UPDATE' and (old.id, old.role, old.permission) is distinct from (new.id, new.role, new.permission)
    or tg_op = 'UPDATE' and old.sub_role is distinct from new.sub_role then
    raise exception using errcode = 'PT409', message = 'A permission keeps its role.', detail = 'immutable',
      hint = 'Take it back and give another one.';
  end if;
  if new.revoked_at is null and not private.fits_by_nature(new.role, new.sub_role, new.permission) then
    raise exception using errcode = 'PT422',
      message = format('%s is not for %s.', new.permission, replace(coalesce(new.sub_role, new.role), '_', ' ')),
      detail = 'permission_forbidden', hint = 'See may_be_held_by of the permission.';
  end if;
  return new;
end
$$;
comment on function private.guard_role_permission() is 'Refuses a permission to whom it is not for by nature, by whatever way it is given.';
create trigger check_role_permissions before insert or update on public.role_permissions
  for each row execute function private.guard_role_permission();
create trigger count_role_permissions_version before update on public.role_permissions
  for each row when (old.* *<> new.*) execute function private.count_version();
create trigger audit_role_permissions_trigger after insert or update or delete on public.role_permissions
  for each row execute function public.audit_trigger_function();

insert into public.permissions (permission, description, registry_wide, may_be_held_by) values
  ('batch.submit', 'Submit batches of one''s own projects', false, '{recycler}'),
  ('batch.claim', 'Take a pending batch from the pool', false, '{verifier/desk_verifier,verifier/accredited_auditor}'),
  ('batch.assign', 'Assign batches to verifiers and end assignments', false, '{admin}'),
  ('batch.hand_over', 'Hand batches to a verification body', true, '{admin}'),
  ('register.read', 'Read the whole register, or that of one''s verification body', false, '{admin,compliance}'),
  ('evidence.add', 'Add evidence to one''s own batch or to one that one works on', false, '{recycler,verifier}'),
  ('score.set', 'Score criteria of a batch', false, '{verifier/desk_verifier,verifier/accredited_auditor}'),
  ('finding.raise', 'Raise, close and withdraw findings', false, '{verifier/desk_verifier,verifier/accredited_auditor}'),
  ('decision.approve', 'Approve a batch that is under review', false, '{verifier/desk_verifier}'),
  ('decision.verify', 'Verify an approved batch', false, '{verifier/accredited_auditor}'),
  ('decision.reject', 'Reject a batch', false, '{verifier/desk_verifier,verifier/accredited_auditor}'),
  ('decision.request_changes', 'Send a batch back to its recycler', false, '{verifier/desk_verifier,verifier/accredited_auditor}'),
  ('certificate.issue', 'Issue the signed certificate of one''s own verification', false, '{verifier/accredited_auditor}'),
  ('certificate.countersign', 'Countersign a certificate as independent reviewer', false, '{verifier/desk_verifier,verifier/accredited_auditor}'),
  ('person.change', 'Approve, reject, suspend and reactivate accounts, and change their role and organization', false, '{admin}'),
  ('person.erase', 'Erase a person''s data, keeping the audit trail verifiable', true, '{admin}'),
  ('permission.change', 'Give roles permissions and take them back', true, '{admin}'),
  ('organization.manage', 'Add and change organizations', true, '{admin}'),
  ('organization.export', 'Export an organization''s data', false, '{admin,compliance}'),
  ('access_grant.issue', 'Issue accreditations, declarations of interests and other grants', true, '{admin}'),
  ('device.revoke', 'Take devices out of use', false, '{admin}'),
  ('security.read', 'Read login attempts and security events', true, '{admin,compliance}'),
  ('agent_key.manage', 'Make and revoke keys of programs', true, '{admin}'),
  ('rubric.publish', 'Publish rubrics', true, '{admin}'),
  ('trust_anchor.manage', 'Accept and withdraw certificate authorities', true, '{admin}'),
  ('credit_rule.change', 'Change how many credits a standard gives', true, '{admin}'),
  ('audit.read', 'Read the audit trail', true, '{admin,compliance}'),
  ('audit.purge', 'Remove what the audit trail has kept long enough', true, '{admin}'),
  ('export.run', 'Export registers, reports and evidence packs', false, '{admin,compliance,verifier}'),
  ('statistics.read', 'Read the statistics of the register', true, '{admin,compliance,verifier}'),
  ('webhook.manage', 'Set up webhooks and see their deliveries', false, '{admin,recycler,buyer}'),
  ('job.manage', 'See the job queue and repeat what failed', true, '{admin}'),
  ('health.read', 'Read the state of the cloud', true, '{admin,compliance}'),
  ('credits.buy', 'Buy credits', false, '{buyer}'),
  ('credits.retire', 'Retire one''s own credits', false, '{buyer}'),
  ('support.contact', 'Write to the registry''s support', false, '{recycler,buyer,verifier,admin,compliance}');

insert into public.role_permissions (role, sub_role, permission)
select split_part(h.holder, '/', 1), nullif(split_part(h.holder, '/', 2), ''), p.permission
from public.permissions p
cross join lateral unnest(p.may_be_held_by) as h (holder)
where (p.permission, h.holder) not in (('statistics.read', 'verifier'));

create function private.may(p_permission text) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select 1
    from public.users u
    join public.role_permissions p on p.permission = p_permission and p.revoked_at is null and (
      (p.role = u.role and (p.sub_role is null or p.sub_role = u.sub_role))
      or (p.role = 'compliance' and 'compliance' = any (private.grants_of(u.id)))
    )
    join public.permissions n on n.permission = p.permission
    where u.id = (select auth.uid()) and u.approval_status = 'approved' and u.active
      and (not n.registry_wide or private.body_of(u.id) is null)
  )
$$;
comment on function private.may(text) is 'True while the signed-in person is approved, active and permitted this by role or grant; for what is registry_wide, bound to no verification body. An unknown permission is nobody''s.';

create function private.require_permission(p_permission text) returns public.users
language plpgsql stable security definer set search_path = '' as $$
declare
  person public.users := private.require_access();
begin
  if not private.may(p_permission) then
    perform private.refuse_access('not_allowed',
      format('Your account is not permitted to do this (%s).', p_permission), 'Ask an administrator.');
  end if;
  return person;
end
$$;
comment on function private.require_permission(text) is 'The signed-in person, or 403 not_allowed where the permission is missing.';

create function public.my_permissions() returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  perform private.require_access();
  return (
    select coalesce(jsonb_agg(p.permission order by p.permission), '[]')
    from public.permissions p
    where private.may(p.permission)
  );
end
$$;
comment on function public.my_permissions() is 'What the signed-in person is permitted to do, by name. Which rows it reaches is a matter of the policies.';

create function private.require_registry_administration(p_permission text) returns uuid
language plpgsql stable security definer set search_path = '' as $$
declare
  person public.users;
begin
  if auth.uid() is null and coalesce(auth.role(), '') not in ('anon', 'authenticated') then
    return null;
  end if;
  person := private.require_admin();
  if private.bound_body() is not null or not private.may(p_permission) then
    perform private.refuse_access('not_allowed',
      'Only an administrator of the registry may do this.', 'Ask an administrator who is not bound to a verification body.');
  end if;
  return person.id;
end
$$;
comment on function private.require_registry_administration(text) is
  'Id of the signed-in administrator who is permitted this and bound to no verification body, null for a maintenance script or the service role, an error for everybody else.';

create function public.change_role_permission(p_role text, p_sub_role text, p_permission text, p_allowed boolean) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  changer uuid := private.require_registry_administration('permission.change');
  entry public.role_permissions;
begin
  if p_allowed is null or p_role is null or not exists (select 1 from public.permissions p where p.permission = p_permission) then
    raise exception using errcode = 'PT400', message = 'There is no such permission or role.', detail = 'invalid_request',
      hint = 'Send p_role, p_sub_role, a known p_permission and p_allowed.';
  end if;
  -- One change of the matrix at a time; who waited is asked again whether they still may.
  lock table public.role_permissions in share row exclusive mode;
  changer := private.require_registry_administration('permission.change');
  if p_allowed then
    insert into public.role_permissions as known (role, sub_role, permission, granted_by)
    values (p_role, p_sub_role, p_permission, changer)
    on conflict on constraint role_permissions_once do update
    set revoked_at = null, granted_by = excluded.granted_by, granted_at = excluded.granted_at
    where known.revoked_at is not null;
  else
    update public.role_permissions p set revoked_at = now()
    where p.role = p_role and p.sub_role is not distinct from p_sub_role and p.permission = p_permission and p.revoked_at is null;
    if p_permission = 'permission.change' and not exists (
      select 1
      from public.users u
      join public.role_permissions p on p.permission = 'permission.change' and p.revoked_at is null and p.role = u.role
      where u.role = 'admin' and u.approval_status = 'approved' and u.active and private.body_of(u.id) is null
    ) then
      raise exception using errcode = 'PT422', message = 'Nobody could change permissions any more.', detail = 'last_administrator',
        hint = 'Leave this permission to administrators.';
    end if;
  end if;
  select p.* into entry from public.role_permissions p
  where p.role = p_role and p.sub_role is not distinct from p_sub_role and p.permission = p_permission;
  return jsonb_build_object(
    'role', p_role, 'sub_role', p_sub_role, 'permission', p_permission,
    'allowed', entry.id is not null and entry.revoked_at is null, 'version', entry.version
  );
exception when check_violation then
  raise exception using errcode = 'PT400', message = 'There is no such role.', detail = 'invalid_request',
    hint = 'A kind of verifier belongs to the role verifier.';
end
$$;
comment on function public.change_role_permission(text, text, text, boolean) is
  'Gives a role or kind of verifier a permission or takes it back. For administrators of the registry; never leaves nobody who could change permissions.';

alter table public.permissions enable row level security;
alter table public.role_permissions enable row level security;
create policy "Everyone who is let in reads what can be permitted" on public.permissions for select to authenticated
  using ((select private.is_active_person()));
create policy "Everyone who is let in reads who may do what" on public.role_permissions for select to authenticated
  using ((select private.is_active_person()));

revoke all on public.permissions, public.role_permissions from public, anon, authenticated;
grant all on public.permissions, public.role_permissions to service_role;
grant select on public.permissions, public.role_permissions to authenticated;
revoke all on function
  private.body_of(uuid), private.bound_body(), private.fits_by_nature(text, text, text), private.guard_role_permission(),
  private.may(text), private.require_permission(text), private.require_registry_administration(text),
  public.my_permissions(), public.change_role_permission(text, text, text, boolean)
from public, anon, authenticated;
grant execute on function
  private.body_of(uuid), private.bound_body(), private.fits_by_nature(text, text, text), private.guard_role_permission(),
  private.may(text), private.require_permission(text), private.require_registry_administration(text),
  public.my_permissions(), public.change_role_permission(text, text, text, boolean)
to service_role;
grant execute on function
  private.bound_body(), private.may(text), private.require_permission(text),
  public.my_permissions(), public.change_role_permission(text, text, text, boolean)
to authenticated;
