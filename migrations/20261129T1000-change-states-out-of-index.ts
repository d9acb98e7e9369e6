import { sql } from 'kysely'
import type { RunStatement } from './migration.ts'

/**
 * Changes are found by their batch without their state in the index. Batches are in no order, so that each of two changes of state on the
 * way to the cloud wrote a page of the index for nearly every change; a batch has few changes, whose states are quickly read.
 */
export function up(run: RunStatement): void {
  for (const statement of ['drop index outbox_by_batch', 'create index outbox_by_batch on outbox (batch_id)'])
    run(sql.raw(statement))
}
