import type { ClientBase } from 'pg'

/** A person who can sign in with a password. */
export interface NewAuthUser {
  /** UUID; the same as in `public.users`. */
  readonly id: string
  readonly email: string
  readonly password: string
  /** What triggers on `auth.users` read, such as a display name. */
  readonly userMetadata?: Readonly<Record<string, unknown>>
  readonly appMetadata?: Readonly<Record<string, unknown>>
  /** ISO time; now when left out. */
  readonly createdAt?: string
}

/** bcrypt's cost for accounts whose passwords are published anyway: each step up doubles the time of a seed. */
const DEMO_COST = 6

/**
 * Creates confirmed accounts in `auth.users` and `auth.identities`, as Supabase Auth would on sign-up: bcrypt by
 * pgcrypto, e-mail in lower case. All in one statement each, inside the caller's transaction if there is one. Accounts
 * with the same password share one hash, which makes a thousand demo accounts as quick as one; real passwords differ.
 */
export const createAuthUsers = async (client: ClientBase, users: readonly NewAuthUser[]): Promise<void> => {
  if (users.length === 0) return
  const rows = users.map((user) => ({
    id: user.id,
    email: user.email.trim().toLowerCase(),
    password: user.password,
    app_metadata: { provider: 'email', providers: ['email'], ...user.appMetadata },
    user_metadata: user.userMetadata ?? {},
    created_at: user.createdAt ?? new Date().toISOString(),
  }))
  await client.query(
    `with people as (
       select * from jsonb_to_recordset($1::jsonb) as person(
         id uuid, email text, password text, app_metadata jsonb, user_metadata jsonb, created_at timestamptz)
     ),
     hashes as materialized (
       select password, extensions.crypt(password, extensions.gen_salt('bf', $2::integer)) as hash
       from (select distinct password from people) as distinct_password
     ),
     new_users as (
       insert into auth.users (id, aud, role, email, encrypted_password, email_confirmed_at, raw_app_meta_data,
         raw_user_meta_data, created_at, updated_at, confirmation_token, recovery_token, email_change,
         email_change_token_new)
       select id, 'authenticated', 'authenticated', email, hash, created_at, app_metadata, user_metadata,
         created_at, created_at, '', '', '', ''
       from people join hashes using (password)
       returning id, email, created_at
     )
     insert into auth.identities (id, provider, provider_id, user_id, identity_data, created_at, updated_at)
     select gen_random_uuid(), 'email', id::text, id,
       jsonb_build_object('sub', id, 'email', email, 'email_verified', true, 'phone_verified', false),
       created_at, created_at
     from new_users`,
    [JSON.stringify(rows), DEMO_COST],
  )
}

/** Creates one confirmed account; see `createAuthUsers`. */
export const createAuthUser = (client: ClientBase, user: NewAuthUser): Promise<void> => createAuthUsers(client, [user])
