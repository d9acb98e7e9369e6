import { sql } from 'kysely'
import type { BatchFacets, BatchFilter } from '../../shared/contract/views.ts'
import type { BatchStatus } from '../../shared/domain/batch.ts'
import type { Instant } from '../../shared/domain/ids.ts'
import type { Standard } from '../../shared/domain/standard.ts'
import type { Result } from '../../shared/result.ts'
import type { CaseContext } from '../database/case-context.ts'
import { reading } from '../database/database.ts'
import type { ReadHandle } from '../database/handles.ts'
import { queryBuilder } from '../database/query-builder.ts'
import { laterThan } from '../platform/clock.ts'
import { assignmentConditions } from './find-batch-ids.ts'

/**
 * How many batches have each status and standard over an assignment filter, local decisions on top, and how many came in since a
 * snapshot was taken. Over everything that is mirrored the counts come from counters and not from a scan.
 */
export function readBatchFacets(
  context: CaseContext,
  { assignment, since }: { readonly assignment: BatchFilter['assignment']; readonly since: Instant | null },
): Result<BatchFacets> {
  const { read } = context.database
  return reading(() => {
    const counts = assignment === 'all' ? countAll(read) : countMatching(read, context, assignment)
    const byStatus: Partial<Record<BatchStatus, number>> = {}
    const byStandard: Partial<Record<Standard, number>> = {}
    let total = 0
    for (const { status, standard, count } of counts) {
      if (count === 0) continue
      byStatus[status as BatchStatus] = (byStatus[status as BatchStatus] ?? 0) + count
      byStandard[standard as Standard] = (byStandard[standard as Standard] ?? 0) + count
      total += count
    }
    return { total, byStatus, byStandard, newSince: since === null ? 0 : countNew(read, context, assignment, since) }
  })
}

interface Count {
  readonly status: string
  readonly standard: string
  readonly count: number
}

/** The counters, moved by the few batches that have another status here. */
function countAll(read: ReadHandle): readonly Count[] {
  const counters = read.all(queryBuilder.selectFrom('batch_counter').select(['status', 'standard', 'total as count']))
  const moved = read.all(
    queryBuilder
      .selectFrom('batch_overlay')
      .innerJoin('batch', 'batch.id', 'batch_overlay.batch_id')
      .select(({ fn }) => [
        'batch.standard',
        'batch.status',
        'batch_overlay.status as local_status',
        fn.countAll<number>().as('count'),
      ])
      .where('batch_overlay.status', 'is not', null)
      .groupBy(['batch.standard', 'batch.status', 'batch_overlay.status']),
  )
  return [
    ...counters,
    ...moved.flatMap(({ standard, status, local_status, count }) => [
      { standard, status, count: -count },
      { standard, status: local_status ?? status, count },
    ]),
  ]
}

function countMatching(read: ReadHandle, { person }: CaseContext, assignment: 'assigned' | 'pool'): readonly Count[] {
  const conditions = sql.join([...assignmentConditions(read, person.id, assignment)], sql` and `)
  return read.all(
    sql<Count>`select coalesce(batch_overlay.status, batch.status) as status, batch.standard, count(*) as count
      from batch left join batch_overlay on batch_overlay.batch_id = batch.id
      where ${conditions} group by 1, 2`.compile(queryBuilder),
  )
}

/** The snapshot's time is this computer's, the rows' times are the cloud's. */
function countNew(
  read: ReadHandle,
  { person, clockOffsetMilliseconds }: CaseContext,
  assignment: BatchFilter['assignment'],
  since: Instant,
): number {
  const cloudTime = laterThan(since, clockOffsetMilliseconds ?? 0)
  const query =
    assignment === 'assigned'
      ? queryBuilder
          .selectFrom('assignment')
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .where('user_id', '=', person.id)
          .where('ended_at', 'is', null)
          .where('assigned_at', '>', cloudTime)
      : queryBuilder
          .selectFrom('batch')
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .where('version', '=', 1)
          .where('updated_at', '>', cloudTime)
          .$if(assignment === 'pool', (pool) => pool.where('status', '=', 'pending'))
  return read.first(query)?.count ?? 0
}
