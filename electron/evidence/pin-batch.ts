import type { RequestOf } from '../../shared/contract/channels.ts'
import { fail, ok, type Result } from '../../shared/result.ts'
import type { CaseContext } from '../database/case-context.ts'
import { transact } from '../database/database.ts'
import { queryBuilder } from '../database/query-builder.ts'

/**
 * Pins all evidence of a batch to this computer: it is fetched first and never removed to make room. Or lets it go again. `not_found` when
 * the batch is not mirrored here.
 */
export function pinBatch(
  { database, clock }: Pick<CaseContext, 'database' | 'clock'>,
  { batchId, pinned }: RequestOf<'storage.pin'>,
): Result<null> {
  return transact(database, (handle) => {
    if (!pinned) {
      handle.run(queryBuilder.deleteFrom('pinned_batch').where('batch_id', '=', batchId))
      return ok(null)
    }
    const batch = handle.first(queryBuilder.selectFrom('batch').select('id').where('id', '=', batchId))
    if (batch === undefined) return fail('not_found', 'This batch is not on this computer.', 'Sync, then pin it.')
    handle.run(
      queryBuilder
        .insertInto('pinned_batch')
        .values({ batch_id: batchId, pinned_at: clock.now() })
        .onConflict((conflict) => conflict.doNothing()),
    )
    return ok(null)
  })
}
