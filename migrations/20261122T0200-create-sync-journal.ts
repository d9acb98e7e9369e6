import { sql } from 'kysely'
import type { RunStatement } from './migration.ts'

/**
 * What synchronization did and what it took, for whoever has to explain it later: figures and codes, nothing about people or content.
 * Not part of the audit log and not a record of decisions: it is bounded, and its end may be cut off.
 */
export function up(run: RunStatement): void {
  const statements = [
    `create table sync_run (
      run integer primary key autoincrement, kind text not null check (kind in ('sync', 'files')),
      started_at text not null, ended_at text, milliseconds integer not null default 0,
      outcome text not null check (outcome in ('running', 'done', 'problem', 'failed', 'cancelled', 'broken_off')), error_code text,
      attempt integer not null, quiet_runs integer not null default 0, clock_offset_ms integer,
      exchanges integer not null default 0, rows_in integer not null default 0, rows_out integer not null default 0,
      bytes_in integer not null default 0, bytes_out integer not null default 0) strict`,
    // Scopes by their kind alone, since the name of a scope may carry the id of a person.
    `create table sync_exchange (
      exchange integer primary key autoincrement, run integer not null, kind text not null, scope text, table_name text,
      started_at text not null, milliseconds integer not null, http_status integer, rows_in integer not null, rows_out integer not null,
      bytes_in integer not null, bytes_out integer not null, outcome text not null check (outcome in ('done', 'failed', 'cancelled')),
      error_code text) strict`,
    'create index sync_exchange_by_run on sync_exchange (run)',
    // The failed ones are few, and they are what is looked for.
    `create index sync_run_failed on sync_run (run) where outcome in ('problem', 'failed', 'broken_off')`,
    // What comparing this copy with the cloud found, and when it was compared last.
    `create table copy_check (
      id integer primary key autoincrement, checked_at text not null,
      outcome text not null check (outcome in ('same', 'repaired', 'differs', 'not_comparable')),
      tables integer not null, rows integer not null, milliseconds integer not null,
      differences text not null check (json_valid(differences))) strict`,
  ]
  for (const statement of statements) run(sql.raw(statement))
}
