-- What a person may verify, and for whom: accreditations, declarations of independence and rotation limits as signed grants with
-- an end. The private key is never here: a job has the body signed outside, and only the signature comes back.

create table public.grant_keys (
  id uuid primary key default gen_random_uuid(),
  key_id text not null unique check (key_id ~ '^[0-9a-f]{16}$'),
  public_key text not null check (public_key ~ '^[A-Za-z0-9+/]{59}=$'),
  valid_from timestamp with time zone not null default now(),
  retired_at timestamp with time zone,
  version integer not null default 1
);
comment on table public.grant_keys is
  'Ed25519 keys that sign grants. A retired key signs no more; what it signed before stays in force until its end.';
comment on column public.grant_keys.key_id is 'First 16 hexadecimal digits of the SHA-256 of the public key''s SubjectPublicKeyInfo.';
comment on column public.grant_keys.public_key is 'SubjectPublicKeyInfo (RFC 8410), 44 bytes, base64.';

create table public.access_grants (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.users (id),
  kind text not null check (kind in ('accreditation', 'independence', 'rotation')),
  subject jsonb not null check (jsonb_typeof(subject) = 'object'),
  valid_from timestamp(3) with time zone not null,
  valid_until timestamp(3) with time zone not null,
  issued_by uuid references public.users (id),
  issued_at timestamp(3) with time zone not null default now(),
  revoked_at timestamp(3) with time zone,
  revoked_by uuid references public.users (id),
  revocation_reason text,
  body text not null,
  key_id text references public.grant_keys (key_id),
  signature text check (signature ~ '^[A-Za-z0-9+/]{86}==$'),
  version integer not null default 1,
  constraint access_grants_period_ordered check (valid_until > valid_from),
  constraint access_grants_signed_whole check ((key_id is null) = (signature is null)),
  constraint access_grants_revocation_explained check ((revoked_at is null) = (revocation_reason is null))
);
comment on table public.access_grants is
  'Signed, expiring grants. accreditation: standards of an accredited person. independence: the person''s own declaration about a recycler, organization or project. rotation: how long and how often a person may verify for one recycler.';
comment on column public.access_grants.subject is
  'accreditation: standards, body, number. independence: declaration (none or conflict), about_kind (recycler, organization, project), about_id, statement. rotation: recycler_id, engagements, counted, counted_at.';
comment on column public.access_grants.issued_by is 'Who issued or declared it; null where the cloud counted it itself.';
comment on column public.access_grants.body is 'What is signed: the grant as issued, in canonical JSON (RFC 8785). Kept by a trigger.';
comment on column public.access_grants.signature is 'Ed25519 over body, base64. Until it is there the grant opens nothing on a workstation.';
create index access_grants_user_id on public.access_grants (user_id, kind);
create index access_grants_issued_by on public.access_grants (issued_by);
create index access_grants_revoked_by on public.access_grants (revoked_by);
create index access_grants_key_id on public.access_grants (key_id);
create index access_grants_unsigned on public.access_grants (issued_at, id) where signature is null and revoked_at is null;
create unique index access_grants_live_rotation on public.access_grants (user_id, (subject ->> 'recycler_id'))
  where kind = 'rotation' and revoked_at is null;

create table public.gate_rules (
  id uuid primary key default gen_random_uuid(),
  standard text not null check (standard in ('APRS', 'ARCS', 'AEMAS', 'ACCCS', 'AMCAVS', 'PCX')),
  action text not null check (action in ('approve', 'verify', 'certificate.issue')),
  gate text not null check (gate in ('accreditation', 'independence', 'rotation')),
  required boolean not null,
  unconfirmed boolean not null default false,
  version integer not null default 1,
  unique (standard, action, gate),
  -- The verification has been counted by then: the last one that the limit allows would get no certificate.
  constraint gate_rules_rotation_of_decisions check (gate <> 'rotation' or action <> 'certificate.issue')
);
comment on table public.gate_rules is
  'Which grants an action needs, by standard. A declared conflict of interest stops all three actions whatever stands here.';
comment on column public.gate_rules.unconfirmed is
  'True where a person''s own declaration counts from the moment it was made, before it is signed.';
insert into public.gate_rules (standard, action, gate, required, unconfirmed)
select s, a, g, a = 'verify' or (a = 'certificate.issue' and g = 'accreditation'), g = 'independence'
from unnest(array['APRS', 'ARCS', 'AEMAS', 'ACCCS', 'AMCAVS', 'PCX']) s,
  unnest(array['approve', 'verify', 'certificate.issue']) a, unnest(array['accreditation', 'independence', 'rotation']) g
where g <> 'rotation' or a <> 'certificate.issue';

create table private.rotation_policy (
  only_row boolean primary key default true check (only_row),
  engagements integer not null check (engagements >= 1),
  years integer not null check (years >= 1)
);
comment on table private.rotation_policy is
  'One row: how many verifications, and how many years from the first, a person may work for the same recycler unless an administrator says otherwise.';
insert into private.rotation_policy (engagements, years) values (250, 5);
alter table private.rotation_policy enable row level security;

-- The text that is signed.
create function private.canonical_grant(p_value jsonb) returns text
language plpgsql immutable set search_path = '' as $$
begin
  return case jsonb_typeof(p_value)
    when 'object' then (
      select '{' || coalesce(string_agg(to_json(e.key)::text || ':' || private.canonical_grant(e.value), ',' order by e.key collate "C"), '') || '}'
      from jsonb_each(p_value) e
    )
    when 'array' then (
      select '[' || coalesce(string_agg(private.canonical_grant(e.value), ',' order by e.position), '') || ']'
      from jsonb_array_elements(p_value) with ordinality e (value, position)
    )
    when 'string' then to_json(p_value #>> '{}')::text
    else p_value::text
  end;
end
$$;
comment on function private.canonical_grant(jsonb) is
  'Canonical JSON (RFC 8785) of what grants hold: texts, whole numbers, lists and objects with ASCII names.';

create function private.instant_text(p_at timestamp with time zone) returns text
language sql immutable set search_path = '' as $$
  select to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;
comment on function private.instant_text(timestamp with time zone) is 'An instant as UTC text with milliseconds.';

create function private.keep_access_grant() returns trigger
language plpgsql set search_path = '' as $$
begin
  if tg_op = 'UPDATE' then
    if (old.id, old.user_id, old.kind, old.subject, old.valid_from, old.valid_until, old.issued_by, old.issued_at)
        is distinct from (new.id, new.user_id, new.kind, new.subject, new.valid_from, new.valid_until, new.issued_by, new.issued_at)
      or (old.signature is not null and (old.signature, old.key_id) is distinct from (new.signature, new.key_id))
      or (old.revoked_at is not null and old.revoked_at is distinct from new.revoked_at) then
      raise exception using errcode = 'PT409', message = 'A grant stays as it was issued.', detail = 'immutable',
        hint = 'Revoke it and issue another one.';
    end if;
  end if;
  new.body := private.canonical_grant(jsonb_build_object(
    'id', new.id, 'user_id', new.user_id, 'kind', new.kind, 'subject', new.subject,
    'valid_from', private.instant_text(new.valid_from), 'valid_until', private.instant_text(new.valid_until),
    'issued_by', new.issued_by, 'issued_at', private.instant_text(new.issued_at)
  ));
  return new;
end
$$;
comment on function private.keep_access_grant() is 'Writes the text that is signed, and refuses to change what was issued, signed or revoked.';
create trigger compute_access_grants_body before insert or update on public.access_grants
  for each row execute function private.keep_access_grant();

create function private.ask_for_signature() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if new.signature is null and not private.in_bulk() then
    perform private.enqueue_job('access_grant.sign', jsonb_build_object('grant_id', new.id), 'access_grant.sign:' || new.id, 5);
  end if;
  return null;
end
$$;
comment on function private.ask_for_signature() is 'Has a new grant signed, by a job of the same transaction.';
create trigger sign_access_grants_insert after insert on public.access_grants
  for each row execute function private.ask_for_signature();

do $$
declare
  t text;
begin
  foreach t in array array['access_grants', 'grant_keys', 'gate_rules'] loop
    execute format('alter table public.%I enable row level security', t);
    execute format(
      'create trigger %I before update on public.%I for each row when (old.* *<> new.*) execute function private.count_version()',
      'count_' || t || '_version', t
    );
    execute format(
      'create trigger %I after insert or update or delete on public.%I for each row execute function public.audit_trigger_function()',
      'audit_' || t || '_trigger', t
    );
    execute format(
      'create trigger %I before delete on public.%I for each statement execute function private.forbid_removal()',
      'keep_' || t || '_rows', t
    );
  end loop;
end
$$;
create trigger keep_grant_key before update on public.grant_keys
  for each row when (
    old.key_id is distinct from new.key_id or old.public_key is distinct from new.public_key
    or (old.retired_at is not null and old.retired_at is distinct from new.retired_at)
  )
  execute function private.forbid_change('A signing key never changes.', 'Retire it and add another one.');

create policy "Everyone who is let in reads the keys of grants" on public.grant_keys for select to authenticated
  using ((select private.is_active_person()));
create policy "Everyone who is let in reads which grants are needed" on public.gate_rules for select to authenticated
  using ((select private.is_active_person()));
create policy "One's own as a verifier, and all of them for the register" on public.access_grants for select to authenticated
  using (
    (user_id = (select auth.uid()) and 'person:' || user_id::text = any ((select private.held_scopes())::text[]))
    or (select private.sees_register())
  );

revoke all on public.access_grants, public.grant_keys, public.gate_rules, private.rotation_policy from public, anon, authenticated;
grant all on public.access_grants, public.grant_keys, public.gate_rules, private.rotation_policy to service_role;
grant select on public.access_grants, public.grant_keys, public.gate_rules to authenticated;
revoke all on function
  private.canonical_grant(jsonb), private.instant_text(timestamp with time zone), private.keep_access_grant(),
  private.ask_for_signature()
from public, anon, authenticated;
grant execute on function private.canonical_grant(jsonb), private.instant_text(timestamp with time zone) to service_role;
