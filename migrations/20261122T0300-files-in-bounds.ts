import { sql } from 'kysely'
import type { RunStatement } from './migration.ts'

/** Files in bounds: which batches are pinned, what can be removed without looking at the disk, and uploads that go on where they stopped. */
export function up(run: RunStatement): void {
  const statements = [
    // All evidence of a pinned batch is fetched first and stays. A wish of the person at this computer, so the cloud is not told.
    'create table pinned_batch (batch_id text primary key, pinned_at text not null) strict, without rowid',
    // Covers how much space is used and what was used longest ago.
    'create index stored_file_by_use on stored_file (state, last_used_at, byte_size, received_bytes)',
    "create index upload_unsent_file on upload (sha256) where state <> 'done'",
    // Where the cloud takes the rest of a large file, as a path below its storage; null before it was begun, or when it went in one piece.
    'alter table upload add column resume_path text',
    // What the cloud was last known to have of it.
    'alter table upload add column sent_bytes integer not null default 0',
  ]
  for (const statement of statements) run(sql.raw(statement))
}
