import { sql } from 'kysely'
import type { RunStatement } from './migration.ts'

/**
 * Grants as the cloud signed them, the keys that sign, and the rules that ask for them. What a grant says stands in `body` alone, the
 * text that was signed, so that a row that was tampered with opens nothing.
 */
export function up(run: RunStatement): void {
  const statements = [
    `create table grant_key (
      row integer primary key, id text not null unique, key_id text not null, public_key text not null, valid_from text not null,
      retired_at text, version integer not null, scopes integer not null) strict`,
    'create index grant_key_by_key_id on grant_key (key_id)',
    `create table gate_rule (
      row integer primary key, id text not null unique, standard text not null, action text not null, gate text not null,
      required integer not null check (required in (0, 1)), unconfirmed integer not null check (unconfirmed in (0, 1)),
      version integer not null, scopes integer not null) strict`,
    `create table access_grant (
      row integer primary key, id text not null unique, user_id text not null, kind text not null, body text not null,
      key_id text not null, signature text not null, revoked_at text, revocation_reason text,
      version integer not null, scopes integer not null) strict`,
    'create index access_grant_by_user on access_grant (user_id, kind)',
    // Rows of these tables that came while they were not known here were left aside, and would not come again by themselves.
    `update sync_scope set scope = scope || '#' || bit, state = 'leaving' where state <> 'leaving'`,
  ]
  for (const statement of statements) run(sql.raw(statement))
}
