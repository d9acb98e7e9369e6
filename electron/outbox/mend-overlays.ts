import { parseHundredths } from '../../shared/domain/decimal.ts'
import { statusAfter } from '../../shared/domain/transitions.ts'
import type { MutationDto, MutationPayload } from '../../shared/wire/sync.ts'
import type { WriteHandle } from '../database/handles.ts'
import { listOf } from '../database/lists.ts'
import { queryBuilder } from '../database/query-builder.ts'
import { refreshOverlay } from './batch-overlay.ts'
import { unsettledStates } from './change-states.ts'

/**
 * When a workspace is opened: after a damaged database, the outbox may have been saved and what was laid over its batches lost. Every
 * batch with an open change gets its mark again, and a claim or decision the status that it gives the batch. Answers how many batches
 * had to be mended; none is the rule.
 */
export function mendOverlays(handle: WriteHandle): number {
  const changes = handle.all(
    queryBuilder
      .selectFrom('outbox')
      .leftJoin('batch_overlay', 'batch_overlay.batch_id', 'outbox.batch_id')
      .select(['outbox.mutation_id', 'outbox.batch_id', 'outbox.body'])
      .where('outbox.state', 'in', unsettledStates)
      .where('batch_overlay.batch_id', 'is', null)
      .orderBy('outbox.sequence'),
  )
  if (changes.length === 0) return 0
  const withRow = new Set(
    handle
      .all(
        queryBuilder
          .selectFrom('pending_row')
          .select('mutation_id')
          .where('table_name', '=', 'batch')
          .where('mutation_id', 'in', listOf(changes.map(({ mutation_id }) => mutation_id))),
      )
      .map(({ mutation_id }) => mutation_id),
  )
  const insert = handle.prepare(
    "insert into pending_row (mutation_id, table_name, row_id, batch_id, body) values (?, 'batch', ?, ?, ?)",
  )
  for (const { mutation_id, batch_id, body } of changes) {
    if (withRow.has(mutation_id)) continue
    const row = batchRowOf(JSON.parse(body) as MutationDto)
    if (row !== null) insert.run(mutation_id, batch_id, batch_id, JSON.stringify({ id: batch_id, ...row }))
  }
  const batchIds = new Set(changes.map(({ batch_id }) => batch_id))
  refreshOverlay(handle, batchIds)
  return batchIds.size
}

/** What a change does to its batch's own columns, read from its frozen body; null for one that leaves them alone. */
export function batchRowOf(
  change: MutationDto,
): { readonly status: string; readonly verification_score?: number } | null {
  if (change.kind === 'batch.claim') return { status: statusAfter('claim') }
  if (change.kind !== 'decision.record') return null
  const { action, score } = change.payload as MutationPayload<'decision.record'>
  const hundredths = score === null ? null : parseHundredths(score)
  return { status: statusAfter(action), ...(hundredths === null ? {} : { verification_score: hundredths }) }
}
