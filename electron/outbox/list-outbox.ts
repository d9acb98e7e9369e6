import type { RequestOf } from '../../shared/contract/channels.ts'
import type { Instant, MutationId } from '../../shared/domain/ids.ts'
import { mutationKinds, type OutboxItem, type OutboxState, outboxStates } from '../../shared/domain/sync-state.ts'
import type { Result } from '../../shared/result.ts'
import type { MutationDto, PushResult } from '../../shared/wire/sync.ts'
import type { CaseContext } from '../database/case-context.ts'
import { reading } from '../database/database.ts'
import type { ReadHandle } from '../database/handles.ts'
import { queryBuilder } from '../database/query-builder.ts'
import { toOutboxState } from './change-states.ts'

/** Local changes in these states (all when the list is empty), newest first. */
export function listOutbox(
  context: Pick<CaseContext, 'database'>,
  { states, limit }: RequestOf<'outbox.list'>,
): Result<readonly OutboxItem[]> {
  return reading(() => {
    const query = states.length === 0 ? outboxItems : outboxItems.where('outbox.state', 'in', states)
    return context.database.read.all(query.orderBy('outbox.sequence', 'desc').limit(limit)).map(toOutboxItem)
  })
}

/** One local change, or undefined. */
export function findOutboxItem(read: ReadHandle, mutationId: string): OutboxItem | undefined {
  const row = read.first(outboxItems.where('outbox.mutation_id', '=', mutationId))
  return row === undefined ? undefined : toOutboxItem(row)
}

/** How many changes are in each state. */
export function outboxCounts(read: ReadHandle): Readonly<Record<OutboxState, number>> {
  const counts = Object.fromEntries(outboxStates.map((state) => [state, 0])) as Record<OutboxState, number>
  const rows = read.all(
    queryBuilder
      .selectFrom('outbox')
      .select(({ fn }) => ['state', fn.countAll<number>().as('count')])
      .groupBy('state'),
  )
  for (const { state, count } of rows) counts[toOutboxState(state)] = count
  return counts
}

const outboxItems = queryBuilder
  .selectFrom('outbox')
  .leftJoin('batch', 'batch.id', 'outbox.batch_id')
  .selectAll('outbox')
  .select(['batch.batch_hash', 'batch.id as mirrored_id', 'batch.quarantined_at'])

type ItemRow = typeof outboxItems extends { execute: () => Promise<(infer Item)[]> } ? Item : never

function toOutboxItem(row: ItemRow): OutboxItem {
  const kind = mutationKinds.find((known) => known === row.kind)
  if (kind === undefined) throw new Error(`Unknown kind of change ${row.kind}`)
  const body = JSON.parse(row.body) as MutationDto
  const result = row.result === null ? null : (JSON.parse(row.result) as PushResult)
  return {
    mutationId: row.mutation_id as MutationId,
    kind,
    state: toOutboxState(row.state),
    batchId: row.batch_id,
    batchHash: row.batch_hash,
    summary: row.summary,
    createdAt: row.created_at as Instant,
    holdUntil: row.hold_until,
    attempts: row.attempts,
    handedOverAt: row.handed_over_at as Instant | null,
    error: row.last_error === null ? null : (JSON.parse(row.last_error) as OutboxItem['error']),
    theirs: result?.status === 'conflict' ? (result.rows[0]?.row ?? null) : null,
    mine: body.payload,
    base: row.base === null ? null : (JSON.parse(row.base) as OutboxItem['base']),
    settledAt: row.settled_at,
    resolution: row.resolution as OutboxItem['resolution'],
    overrides: row.overrides === 1,
    batchPlace: row.mirrored_id === null ? 'absent' : row.quarantined_at === null ? 'here' : 'quarantined',
  }
}
