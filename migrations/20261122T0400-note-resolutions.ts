import { sql } from 'kysely'
import type { RunStatement } from './migration.ts'

/**
 * How a parked change was settled by the person, beside that it was: given up for the cloud's row, given up to be decided again, or
 * replaced by a new change. What the log already says about earlier ones is noted too.
 */
export function up(run: RunStatement): void {
  const statements = [
    // The change that this one was made anew from.
    'alter table outbox add column replaces text',
    // 1: sent over a row that somebody else had changed in the cloud.
    'alter table outbox add column overrides integer not null default 0 check (overrides in (0, 1))',
    `alter table outbox add column resolution text
      check (resolution is null or resolution in ('taken_theirs', 'decide_again', 'sent_again'))`,
    'create index outbox_by_replaced on outbox (replaces) where replaces is not null',
    // Few batches are kept though no scope holds them, and the sync center lists those alone.
    'create index batch_in_quarantine on batch (quarantined_at) where quarantined_at is not null',
    `update outbox set
      replaces = (select before ->> 'mutation_id' from audit_event
        where entity = 'change' and entity_id = outbox.mutation_id and action = 'change.sent_again'),
      overrides = coalesce((select after ->> 'overrides_conflict' from audit_event
        where entity = 'change' and entity_id = outbox.mutation_id and action = 'change.sent_again'), 0)`,
    `update outbox set resolution = case
        when exists (select 1 from outbox as later where later.replaces = outbox.mutation_id) then 'sent_again'
        else 'taken_theirs' end
      where state = 'superseded'`,
  ]
  for (const statement of statements) run(sql.raw(statement))
}
