import { sql } from 'kysely'
import type { RunStatement } from './migration.ts'

/**
 * Local work: changes that wait for the cloud, what was seen, the audit chain, drafts and settings. None of it is ever written by a
 * pull, and nothing here is deleted because it could not be sent.
 */
export function up(run: RunStatement): void {
  const statements = [
    // Frozen changes in the order they were made. `body` is the mutation as it is sent, to the letter.
    `create table outbox (
      sequence integer primary key autoincrement, mutation_id text not null unique, kind text not null,
      state text not null check (state in
        ('held', 'queued', 'sending', 'applied', 'conflict', 'rejected', 'waiting', 'undone', 'superseded')),
      batch_id text not null, row_id text not null, body text not null check (json_valid(body)), schema_version integer not null,
      summary text not null, created_at text not null, hold_until text, attempts integer not null default 0, next_attempt_at text,
      last_error text check (last_error is null or json_valid(last_error)),
      base text check (base is null or json_valid(base)), result text check (result is null or json_valid(result)),
      settled_at text) strict`,
    // Covers both what is due next and the counts by state that the status bar shows.
    'create index outbox_by_state on outbox (state, sequence)',
    'create index outbox_by_batch on outbox (batch_id, state)',
    'create index outbox_by_row on outbox (row_id, sequence)',
    // Rows as local changes make them, laid over the mirror until the cloud's own row takes their place.
    `create table pending_row (
      sequence integer primary key autoincrement, mutation_id text not null, table_name text not null, row_id text not null,
      batch_id text not null, body text not null check (json_valid(body))) strict`,
    'create index pending_row_by_batch on pending_row (batch_id, table_name)',
    'create index pending_row_by_mutation on pending_row (mutation_id)',
    // Status of a batch with local decisions on top, and its mark: the one overlay that the queue joins.
    `create table batch_overlay (
      batch_id text primary key, status text, score integer, mark text, stale integer not null default 0) strict, without rowid`,
    // "Viewed" binds to the bytes: a changed file has another hash and is unviewed again.
    `create table evidence_view (
      evidence_file_id text not null, sha256 text not null, person_id text not null, viewed_at text not null,
      primary key (evidence_file_id, sha256, person_id)) strict, without rowid`,
    // Files by content. The bytes are in the vault folder; this says how far they got.
    `create table stored_file (
      sha256 text primary key, byte_size integer not null,
      state text not null check (state in ('absent', 'partial', 'present', 'altered')),
      received_bytes integer not null default 0, last_used_at text, problem text) strict, without rowid`,
    `create table upload (
      sequence integer primary key autoincrement, mutation_id text not null, sha256 text not null, bucket text not null,
      object_path text not null, media_type text not null, byte_size integer not null,
      state text not null check (state in ('waiting', 'ready', 'sending', 'done', 'refused')),
      attempts integer not null default 0, next_attempt_at text, last_error text, done_at text) strict`,
    "create index upload_unfinished on upload (state, sequence) where state in ('waiting', 'ready', 'sending')",
    // Each entry carries the hash of the one before it.
    `create table audit_event (
      sequence integer primary key, event_id text not null unique, at text not null, actor_kind text not null, actor_id text,
      actor_name text not null, device_id text not null, action text not null, entity text not null, entity_id text not null,
      entity_label text, before text, after text, previous_hash text not null, hash text not null) strict`,
    'create index audit_event_by_entity on audit_event (entity, entity_id)',
    `create trigger audit_event_is_append_only_update before update on audit_event
      begin select raise(abort, 'the audit log is append-only'); end`,
    `create trigger audit_event_is_append_only_delete before delete on audit_event
      begin select raise(abort, 'the audit log is append-only'); end`,
    'create table draft (key text primary key, body text not null, saved_at text not null) strict, without rowid',
    'create table setting (key text primary key, value text not null check (json_valid(value))) strict, without rowid',
    // Person, device, session tokens, server epoch, clock offset: small facts with one value each.
    'create table workspace_fact (key text primary key, value text not null check (json_valid(value))) strict, without rowid',
    `create table signing_key (
      id integer primary key check (id = 1), pkcs12 blob not null, certificate_der blob not null, imported_at text not null) strict`,
  ]
  for (const statement of statements) run(sql.raw(statement))
}
