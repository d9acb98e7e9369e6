-- Keys that devices sign outbox files with: made on the device, the public half registered at its handshake.

create table private.device_keys (
  id uuid primary key default gen_random_uuid(),
  device_id uuid not null,
  user_id uuid not null,
  -- A SubjectPublicKeyInfo of Ed25519 (RFC 8410) in base64: 12 bytes that say so, then the 32 of the key.
  public_key text not null check (public_key ~ '^MCowBQYDK2VwAyEA[A-Za-z0-9+/]{43}=$'),
  registered_at timestamp with time zone not null default now(),
  unique (user_id, device_id, public_key),
  foreign key (device_id, user_id) references public.devices (id, user_id)
);
comment on table private.device_keys is
  'Public keys of devices, each bound to one person on one device. A workspace that is made anew has another key; the older ones stay good for what they signed, until the device is revoked.';
create index device_keys_device on private.device_keys (device_id, user_id);
alter table private.device_keys enable row level security;

alter function private.greet_workstation(jsonb) rename to greet_device;
create function private.greet_workstation(p_request jsonb) returns json
language plpgsql security definer set search_path = '' as $$
declare
  answer json := private.greet_device(p_request);
  given text := p_request ->> 'signing_key';
begin
  if given is null then
    return answer;
  end if;
  if given !~ '^MCowBQYDK2VwAyEA[A-Za-z0-9+/]{43}=$' then
    raise exception using errcode = 'PT400', message = 'The device''s key is no Ed25519 key.', detail = 'invalid_request',
      hint = 'Send the public key as a SubjectPublicKeyInfo in base64, or none.';
  end if;
  insert into private.device_keys (device_id, user_id, public_key)
  values ((p_request ->> 'device_id')::uuid, auth.uid(), given)
  on conflict (user_id, device_id, public_key) do nothing;
  return (answer::jsonb || jsonb_build_object('signing_key', given))::json;
end
$$;
comment on function private.greet_workstation(jsonb) is
  'What a handshake answers, see private.greet_device(); keeps the key that the device signs outbox files with, where it names one, and says so.';

-- A restored backup is another life of the same cloud: files from the life before are still for it.
create table private.earlier_epochs (
  server_epoch uuid primary key,
  ended_at timestamp with time zone not null default now()
);
comment on table private.earlier_epochs is 'Values that server_state.server_epoch had before a backup was restored.';
alter table private.earlier_epochs enable row level security;

create function private.keep_earlier_epoch() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.earlier_epochs (server_epoch) values (old.server_epoch) on conflict (server_epoch) do nothing;
  return null;
end
$$;
comment on function private.keep_earlier_epoch() is 'Remembers the life of the cloud that ends.';
create trigger keep_earlier_epoch after update of server_epoch on public.server_state
  for each row when (old.server_epoch is distinct from new.server_epoch) execute function private.keep_earlier_epoch();

revoke all on private.device_keys, private.earlier_epochs from public, anon, authenticated;
grant all on private.device_keys, private.earlier_epochs to service_role;
revoke all on function private.greet_device(jsonb), private.greet_workstation(jsonb), private.keep_earlier_epoch()
from public, anon, authenticated;
grant execute on function private.greet_device(jsonb), private.greet_workstation(jsonb), private.keep_earlier_epoch() to service_role;
