import { sql } from 'kysely'
import type { RunStatement } from './migration.ts'

/** When a change was last written to an outbox file. It stays in the outbox: the cloud knows a repeat by its id. */
export function up(run: RunStatement): void {
  run(sql.raw('alter table outbox add column handed_over_at text'))
}
