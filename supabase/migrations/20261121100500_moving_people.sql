-- Who changes the body that they are bound to, and an organization that becomes a verification body or ceases to be one, sees
-- other batches of those that they work on.
create function private.move_batches_of(p_users uuid[]) returns void
language plpgsql security definer set search_path = '' as $$
declare
  touched uuid[];
begin
  -- Waits for a rebuild of the feed, and makes it wait.
  lock table public.assignments in row exclusive mode;
  touched := array(
    select distinct a.batch_id
    from public.assignments a
    join public.batches b on b.id = a.batch_id
    where a.user_id = any (p_users) and a.ended_at is null and b.verification_body_id is not null
  );
  if touched <> '{}' then
    perform private.lock_batches(touched);
    perform private.move_batches(touched);
  end if;
end
$$;
comment on function private.move_batches_of(uuid[]) is 'Writes what enters and leaves people''s scopes after they changed to another organization.';

create function private.feed_users_moved() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  moved uuid[];
begin
  moved := array(
    select c.id from changed c join before b on b.id = c.id where c.organization_id is distinct from b.organization_id
  );
  if moved <> '{}' and not private.in_bulk() then
    perform private.move_batches_of(moved);
  end if;
  return null;
end
$$;
comment on function private.feed_users_moved() is 'Moves batches into and out of the scopes of people who changed to another organization.';
create trigger feed_users_update after update on public.users
  referencing old table as before new table as changed for each statement execute function private.feed_users_moved();

create function private.feed_organizations_turned() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  turned uuid[];
begin
  turned := array(
    select c.id from changed c join before b on b.id = c.id
    where (c.kind = 'verification_body') <> (b.kind = 'verification_body')
  );
  if turned <> '{}' and not private.in_bulk() then
    perform private.move_batches_of(array(select u.id from public.users u where u.organization_id = any (turned)));
  end if;
  return null;
end
$$;
comment on function private.feed_organizations_turned() is 'Moves batches into and out of the scopes of people whose organization became a verification body or ceased to be one.';
create trigger feed_organizations_turned after update on public.organizations
  referencing old table as before new table as changed for each statement execute function private.feed_organizations_turned();

revoke all on function private.move_batches_of(uuid[]), private.feed_users_moved(), private.feed_organizations_turned()
from public, anon, authenticated;
grant execute on function private.move_batches_of(uuid[]), private.feed_users_moved(), private.feed_organizations_turned()
to service_role;
