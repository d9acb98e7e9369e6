import type { QuarantinedBatch } from '../../shared/contract/outbox-views.ts'
import type { Result } from '../../shared/result.ts'
import type { CaseContext } from '../database/case-context.ts'
import { reading } from '../database/database.ts'
import { queryBuilder } from '../database/query-builder.ts'
import { unsettledStates } from '../outbox/change-states.ts'

/** Batches that no scope holds any more and that are kept for the work on them, the latest first. */
export function listQuarantined({ database }: Pick<CaseContext, 'database'>): Result<readonly QuarantinedBatch[]> {
  return reading(() =>
    database.read
      .all(
        queryBuilder
          .selectFrom('batch')
          .leftJoin('project', 'project.id', 'batch.project_id')
          .select(['batch.id', 'batch.batch_hash', 'project.name', 'batch.quarantined_at'])
          .select(({ selectFrom }) =>
            selectFrom('outbox')
              .select(({ fn }) => fn.countAll<number>().as('count'))
              .whereRef('outbox.batch_id', '=', 'batch.id')
              .where('outbox.state', 'in', unsettledStates)
              .as('changes'),
          )
          .where('batch.quarantined_at', 'is not', null)
          .orderBy('batch.quarantined_at', 'desc'),
      )
      .map((row) => ({
        batchId: row.id,
        batchHash: row.batch_hash,
        projectName: row.name ?? 'Project not mirrored',
        since: row.quarantined_at ?? '',
        changes: row.changes ?? 0,
      })),
  )
}
