-- Attempts to sign in, and the lock after too many wrong passwords. Supabase Auth asks the hook after it has checked a password; the
-- local cloud's gateway asks before and after. An address without an account is counted and locked like one with, so that neither
-- the answer nor the lock says which accounts there are.

create table public.login_attempts (
  id uuid primary key default gen_random_uuid(),
  account text not null,
  user_id uuid references public.users (id),
  address inet,
  outcome text not null check (outcome in ('succeeded', 'wrong_password', 'locked')),
  attempted_at timestamp with time zone not null default clock_timestamp()
);
comment on table public.login_attempts is
  'Every attempt to sign in with a password. The account is a person''s id, or the SHA-256 of an e-mail address that is nobody''s.';
create index login_attempts_user_id on public.login_attempts (user_id, attempted_at);
create index login_attempts_attempted_at on public.login_attempts (attempted_at);
alter table public.login_attempts enable row level security;
create policy "One's own attempts, and all of them for whoever may read them" on public.login_attempts for select to authenticated
  using ((user_id = (select auth.uid()) and (select private.is_active_person())) or (select private.may('security.read')));

create table private.login_guards (
  account text not null,
  address text not null,
  failures integer not null default 0,
  first_failed_at timestamp with time zone not null default clock_timestamp(),
  last_failed_at timestamp with time zone not null default clock_timestamp(),
  locks integer not null default 0,
  locked_until timestamp with time zone,
  primary key (account, address)
);
comment on table private.login_guards is
  'Wrong passwords since the last right one, for an account from one address and, with the address *, from all. Each lock is twice as long as the one before.';
create index login_guards_last_failed_at on private.login_guards (last_failed_at);
alter table private.login_guards enable row level security;

create function private.login_account(p_email text) returns text
language sql stable security definer set search_path = '' as $$
  select coalesce(
    (select a.id::text from auth.users a where a.email = lower(btrim(p_email)) limit 1),
    'email:' || encode(sha256(convert_to(lower(btrim(coalesce(p_email, ''))), 'UTF8')), 'hex')
  )
$$;
comment on function private.login_account(text) is 'The account that an e-mail address names, or a name for an address that is nobody''s.';

create function private.login_lock(p_account text, p_address text) returns integer
language sql stable security definer set search_path = '' as $$
  select ceil(extract(epoch from max(g.locked_until) - clock_timestamp()))::integer
  from private.login_guards g
  where g.account = p_account and g.address in (p_address, '*') and g.locked_until > clock_timestamp()
$$;
comment on function private.login_lock(text, text) is 'Seconds for which the account stays locked for this address; null when it is not.';

create function private.count_failure(p_account text, p_address text, p_limit integer, p_window interval) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  moment timestamp with time zone := clock_timestamp();
  guard private.login_guards;
begin
  insert into private.login_guards as g (account, address, failures, first_failed_at, last_failed_at)
  values (p_account, p_address, 1, moment, moment)
  on conflict (account, address) do update
  set failures = case when g.first_failed_at < moment - p_window then 1 else g.failures + 1 end,
      first_failed_at = case when g.first_failed_at < moment - p_window then moment else g.first_failed_at end,
      last_failed_at = moment,
      -- Who left it for a day begins with the short lock again.
      locks = case when g.last_failed_at < moment - interval '1 day' then 0 else g.locks end
  returning g.* into guard;
  if guard.failures < p_limit then
    return false;
  end if;
  update private.login_guards g
  set failures = 0, first_failed_at = moment, locks = g.locks + 1,
      locked_until = moment + least(interval '15 minutes' * power(2, least(g.locks, 7)), interval '1 day')
  where g.account = p_account and g.address = p_address;
  return true;
end
$$;
comment on function private.count_failure(text, text, integer, interval) is
  'Counts a wrong password; true when it was one too many, and the account is locked: 15 minutes, then 30, 60, up to a day.';

create function private.judge_login(p_account text, p_address text, p_valid boolean) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  person uuid;
  locked integer := private.login_lock(p_account, p_address);
  here boolean := false;
  everywhere boolean;
begin
  select u.id into person from public.users u where u.id = private.uuid_or_null(p_account);
  insert into public.login_attempts (account, user_id, address, outcome)
  values (p_account, person, private.inet_or_null(p_address),
    case when locked is not null then 'locked' when p_valid then 'succeeded' else 'wrong_password' end);
  -- While it is locked nothing is counted: a lock does not feed itself, and the right password does not open it.
  if locked is not null then
    return locked;
  end if;
  if p_valid then
    delete from private.login_guards g where g.account = p_account and g.address in (p_address, '*');
    return null;
  end if;
  -- An attempt from nowhere counts for the account alone, or whoever tries five times would lock out everybody.
  if p_address <> '' then
    here := private.count_failure(p_account, p_address, 5, interval '15 minutes');
  end if;
  everywhere := private.count_failure(p_account, '*', 20, interval '1 day');
  if (here or everywhere) and person is not null then
    perform private.note_security_event(
      case when everywhere then 'critical' else 'warning' end, 'login_locked', person, null,
      jsonb_build_object('everywhere', everywhere, 'seconds', private.login_lock(p_account, p_address)),
      private.inet_or_null(p_address)
    );
  end if;
  return private.login_lock(p_account, p_address);
end
$$;
comment on function private.judge_login(text, text, boolean) is
  'Records an attempt to sign in. Five wrong passwords in 15 minutes lock the account for that address, twenty in a day for all. Returns the seconds it is locked for, or null.';

create function private.inet_or_null(p_text text) returns inet
language plpgsql immutable set search_path = '' as $$
begin
  return nullif(p_text, '')::inet;
exception when data_exception then
  return null;
end
$$;
comment on function private.inet_or_null(text) is 'An address, or null where the text is none.';

create function private.lock_words(p_seconds integer) returns text
language sql immutable set search_path = '' as $$
  select format('Too many wrong passwords. Signing in is locked for %s.',
    case when p_seconds <= 60 then 'a minute' when p_seconds <= 7200 then ceil(p_seconds / 60.0)::text || ' minutes'
      else ceil(p_seconds / 3600.0)::text || ' hours' end)
$$;
comment on function private.lock_words(integer) is 'What a person is told while signing in is locked.';

create function public.login_gate(p_email text, p_address text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  account text := private.login_account(p_email);
  locked integer;
begin
  perform private.take_rate('address:' || coalesce(nullif(p_address, ''), 'unknown'), 'login');
  locked := private.login_lock(account, coalesce(p_address, ''));
  if locked is null then
    return jsonb_build_object('locked', false);
  end if;
  perform private.judge_login(account, coalesce(p_address, ''), false);
  return jsonb_build_object('locked', true, 'seconds', locked, 'message', private.lock_words(locked));
end
$$;
comment on function public.login_gate(text, text) is
  'For the gateway in front of Auth, before a password is checked: whether the account is locked for this address. The service role''s.';

create function public.record_login_attempt(p_email text, p_address text, p_valid boolean) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  locked integer := private.judge_login(private.login_account(p_email), coalesce(p_address, ''), coalesce(p_valid, false));
begin
  if locked is null then
    return jsonb_build_object('locked', false);
  end if;
  return jsonb_build_object('locked', true, 'seconds', locked, 'message', private.lock_words(locked));
end
$$;
comment on function public.record_login_attempt(text, text, boolean) is
  'For the gateway in front of Auth, after a password was checked. The service role''s.';

create function public.hook_password_verification_attempt(event jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  locked integer;
begin
  locked := private.judge_login(
    coalesce(event ->> 'user_id', ''), coalesce(event -> 'metadata' ->> 'ip_address', ''), coalesce((event ->> 'valid')::boolean, false)
  );
  if locked is null then
    return jsonb_build_object('decision', 'continue');
  end if;
  return jsonb_build_object('error', jsonb_build_object('http_code', 429, 'message', private.lock_words(locked)));
end
$$;
comment on function public.hook_password_verification_attempt(jsonb) is
  'Supabase Auth''s hook for password verification (https://supabase.com/docs/guides/auth/auth-hooks/password-verification-hook): continue, or an error 429 with the minutes.';

create function private.sweep_logins() returns integer
language plpgsql security definer set search_path = '' as $$
declare
  swept integer;
begin
  delete from private.login_guards g where g.last_failed_at < now() - interval '2 days' and coalesce(g.locked_until, now()) <= now();
  delete from public.login_attempts a where a.attempted_at < now() - interval '180 days';
  get diagnostics swept = row_count;
  return swept;
end
$$;
comment on function private.sweep_logins() is 'Removes attempts older than half a year; for the retention job. Returns how many.';

revoke all on public.login_attempts, private.login_guards from public, anon, authenticated;
grant select on public.login_attempts to authenticated;
grant all on public.login_attempts, private.login_guards to service_role;
revoke all on function
  private.login_account(text), private.login_lock(text, text), private.count_failure(text, text, integer, interval),
  private.judge_login(text, text, boolean), private.inet_or_null(text), private.lock_words(integer), private.sweep_logins(),
  public.login_gate(text, text), public.record_login_attempt(text, text, boolean), public.hook_password_verification_attempt(jsonb)
from public, anon, authenticated;
grant execute on function
  private.login_account(text), private.login_lock(text, text), private.count_failure(text, text, integer, interval),
  private.judge_login(text, text, boolean), private.inet_or_null(text), private.lock_words(integer), private.sweep_logins(),
  public.login_gate(text, text), public.record_login_attempt(text, text, boolean), public.hook_password_verification_attempt(jsonb)
to service_role;

do $$
begin
  -- The role that Supabase Auth connects with; the local cloud has none and asks through its gateway.
  if exists (select 1 from pg_catalog.pg_roles where rolname = 'supabase_auth_admin') then
    grant usage on schema public to supabase_auth_admin;
    grant execute on function public.hook_password_verification_attempt(jsonb) to supabase_auth_admin;
  end if;
end
$$;
