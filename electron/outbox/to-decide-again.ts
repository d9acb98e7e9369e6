import type { RequestOf } from '../../shared/contract/channels.ts'
import type { OutboxItem } from '../../shared/domain/sync-state.ts'
import type { Result } from '../../shared/result.ts'
import type { CaseContext } from '../database/case-context.ts'
import { reading } from '../database/database.ts'
import { queryBuilder } from '../database/query-builder.ts'
import { findLaterChange } from './later-change.ts'
import { findOutboxItem } from './list-outbox.ts'

/** What was given up to be decided again on a batch and was not made anew yet, the latest first. */
export function findToDecideAgain(
  { database: { read } }: Pick<CaseContext, 'database'>,
  { batchId }: RequestOf<'outbox.toDecideAgain'>,
): Result<readonly OutboxItem[]> {
  return reading(() =>
    read
      .all(
        queryBuilder
          .selectFrom('outbox')
          .selectAll()
          .where('batch_id', '=', batchId)
          .where('state', '=', 'superseded')
          .where('resolution', '=', 'decide_again')
          .orderBy('sequence', 'desc'),
      )
      .filter((change) => findLaterChange(read, change) === undefined)
      .flatMap((change) => findOutboxItem(read, change.mutation_id) ?? []),
  )
}
