import { sql } from 'kysely'
import type { RunStatement } from './migration.ts'

/**
 * The mirror: what the cloud last said, row for row, written by the pull and by answers to a push alone. Local work never changes it.
 * `row` numbers are local, stable and small, so that a queue can be handed over as a list of integers. `scopes` has one bit per held
 * scope; a row that no scope holds leaves the mirror. Decimals are integers of hundredths, instants UTC text with milliseconds.
 */
export function up(run: RunStatement): void {
  const statements = [
    `create table organization (
      row integer primary key, id text not null unique, name text not null, kind text not null, country text,
      version integer not null, scopes integer not null) strict`,
    `create table person (
      row integer primary key, id text not null unique, name text not null, organization_id text, organization_name text,
      role text not null, sub_role text, version integer not null, scopes integer not null) strict`,
    `create table trust_anchor (
      row integer primary key, id text not null unique, name text not null, certificate_pem text not null,
      version integer not null, scopes integer not null) strict`,
    `create table rubric (
      row integer primary key, id text not null unique, standard text not null, revision integer not null, title text not null,
      criteria text not null check (json_valid(criteria)), published_at text not null,
      version integer not null, scopes integer not null) strict`,
    'create index rubric_by_standard on rubric (standard, revision desc)',
    `create table project (
      row integer primary key, id text not null unique, user_id text not null, name text not null, description text,
      standard text not null, location text not null, latitude real, longitude real, time_zone text not null, status text not null,
      updated_at text not null, version integer not null, scopes integer not null) strict`,
    `create table batch (
      row integer primary key, id text not null unique, batch_hash text not null, user_id text not null, project_id text not null,
      standard text not null, quantity integer not null, location text not null, date_submitted text not null,
      period_start text, period_end text, description text, status text not null,
      plastic_credits integer not null, carbon_credits integer not null, verification_score integer,
      verified_by text, verified_at text, risk_score integer not null, risk_reasons text not null check (json_valid(risk_reasons)),
      content_hash text not null, updated_at text not null, quarantined_at text,
      version integer not null, scopes integer not null) strict`,
    'create index batch_by_hash on batch (batch_hash)',
    // The queue in its usual order with every usual filter, answered without touching the wide rows.
    'create index batch_queue on batch (risk_score desc, row, status, standard, id)',
    'create index batch_by_submitted on batch (date_submitted, row)',
    'create index batch_by_project on batch (project_id)',
    `create table assignment (
      row integer primary key, id text not null unique, batch_id text not null, user_id text not null, role text not null,
      assigned_by text, assigned_at text not null, due_at text, ended_at text,
      version integer not null, scopes integer not null) strict`,
    'create index assignment_by_batch on assignment (batch_id, user_id)',
    'create index assignment_by_user on assignment (user_id, ended_at, batch_id, due_at)',
    `create table evidence_file (
      row integer primary key, id text not null unique, batch_id text not null, bucket text not null, object_path text not null,
      sha256 text not null, byte_size integer not null, media_type text not null, kind text not null, title text not null,
      effective_at text, uploaded_by text not null, uploaded_at text not null, deleted_at text,
      version integer not null, scopes integer not null) strict`,
    'create index evidence_file_by_batch on evidence_file (batch_id)',
    'create index evidence_file_by_sha256 on evidence_file (sha256)',
    `create table score (
      row integer primary key, id text not null unique, batch_id text not null, verifier_id text not null, rubric_id text not null,
      criterion_code text not null, points integer, not_applicable_reason text, note text not null,
      evidence_ids text not null check (json_valid(evidence_ids)), updated_at text not null,
      version integer not null, scopes integer not null) strict`,
    'create index score_by_batch on score (batch_id, verifier_id)',
    `create table finding (
      row integer primary key, id text not null unique, batch_id text not null, kind text not null, title text not null,
      description text not null, criterion_code text, evidence_file_id text, status text not null, due_at text,
      misstatement integer, raised_by text not null, raised_at text not null, closed_by text, closed_at text, round integer not null,
      version integer not null, scopes integer not null) strict`,
    'create index finding_by_batch on finding (batch_id, status)',
    `create table finding_round (
      row integer primary key, id text not null unique, finding_id text not null, batch_id text not null, round integer not null,
      kind text not null, author_id text not null, on_behalf_of text, body text not null, created_at text not null,
      version integer not null, scopes integer not null) strict`,
    'create index finding_round_by_batch on finding_round (batch_id)',
    `create table decision (
      row integer primary key, id text not null unique, batch_id text not null, actor_id text not null, action text not null,
      from_status text not null, to_status text not null, reason_code text not null, reason text not null, score integer,
      rubric_id text, content_hash text not null, opinion text, assurance_level text, unviewed_evidence_count integer not null,
      device_id text, decided_at text not null, received_at text not null,
      version integer not null, scopes integer not null) strict`,
    'create index decision_by_batch on decision (batch_id, decided_at)',
    'create index decision_by_time on decision (decided_at)',
    `create table certificate (
      row integer primary key, id text not null unique, batch_id text not null, decision_id text not null,
      certificate_number text not null, opinion text not null, assurance_level text not null, content_hash text not null,
      bucket text not null, object_path text not null, sha256 text not null, byte_range_digest text not null,
      byte_size integer not null, issued_by text not null, claimed_at text not null, received_at text not null,
      version integer not null, scopes integer not null) strict`,
    'create index certificate_by_batch on certificate (batch_id)',
    `create table signature (
      row integer primary key, id text not null unique, certificate_id text not null, batch_id text not null, signer_id text not null,
      kind text not null, level text not null, signer_subject text not null, signer_serial text not null,
      signer_fingerprint text not null, claimed_at text not null,
      version integer not null, scopes integer not null) strict`,
    'create index signature_by_certificate on signature (certificate_id)',
    'create index signature_by_batch on signature (batch_id)',
    // One row per held scope; `bit` is its place in every row's `scopes`.
    `create table sync_scope (
      scope text primary key, bit integer not null unique check (bit between 0 and 61),
      state text not null check (state in ('bootstrap', 'live', 'leaving')),
      cursor text, bootstrap_snapshot text, bootstrap_table text, bootstrap_after text,
      last_pulled_at text) strict, without rowid`,
  ]
  for (const statement of statements) run(sql.raw(statement))
}
