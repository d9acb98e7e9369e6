import { sql } from 'kysely'
import { assertNever } from '../../shared/assert-never.ts'
import type { OutboxState, RowSyncMark } from '../../shared/domain/sync-state.ts'
import type { WriteHandle } from '../database/handles.ts'
import { listOf } from '../database/lists.ts'
import { queryBuilder } from '../database/query-builder.ts'
import { toOutboxState, unsettledStates } from './change-states.ts'
import { readPendingRows } from './pending-rows.ts'

/** The marks, worst first. */
const severity = ['conflict', 'rejected', 'saved_here', 'queued', 'sent'] as const

/** The mark that a change in this state puts on its batch; null when its fate is known. */
export function markOf(state: OutboxState): RowSyncMark {
  switch (state) {
    case 'conflict':
    case 'waiting':
      return 'conflict'
    case 'rejected':
      return 'rejected'
    case 'held':
      return 'saved_here'
    case 'queued':
      return 'queued'
    case 'sending':
      return 'sent'
    case 'applied':
    case 'undone':
    case 'superseded':
      return null
    default:
      return assertNever(state)
  }
}

/** The worst of several marks. */
export const worstMark = (marks: readonly RowSyncMark[]): RowSyncMark =>
  severity.find((mark) => marks.includes(mark)) ?? null

interface Overlay {
  status: string | null
  score: number | null
  marks: RowSyncMark[]
  stale: boolean
}

/**
 * Computes `batch_overlay` anew for these batches: status and score from changes under way, the worst mark, and whether the mirrored
 * content is no longer what an open decision was made on. Batches without an open change have no overlay.
 */
export function refreshOverlay(handle: WriteHandle, batchIds: Iterable<string>): void {
  const ids = [...new Set(batchIds)]
  if (ids.length === 0) return
  const changes = handle.all(
    queryBuilder
      .selectFrom('outbox')
      .leftJoin('batch', 'batch.id', 'outbox.batch_id')
      .select(['outbox.batch_id', 'outbox.state', 'batch.content_hash'])
      .select(sql<string | null>`outbox.body ->> 'content_hash'`.as('bound_to'))
      .where('outbox.batch_id', 'in', listOf(ids))
      .where('outbox.state', 'in', unsettledStates),
  )
  const overlays = new Map<string, Overlay>()
  for (const change of changes) {
    const overlay = overlays.get(change.batch_id) ?? { status: null, score: null, marks: [], stale: false }
    overlay.marks.push(markOf(toOutboxState(change.state)))
    if (change.bound_to !== null && change.content_hash !== null && change.bound_to !== change.content_hash) {
      overlay.stale = true
    }
    overlays.set(change.batch_id, overlay)
  }
  for (const { batchId, row } of readPendingRows(handle, 'batch', overlays.keys())) {
    const overlay = overlays.get(batchId)
    if (overlay === undefined) continue
    overlay.status = row.status ?? overlay.status
    overlay.score = row.verification_score ?? overlay.score
  }
  handle.run(queryBuilder.deleteFrom('batch_overlay').where('batch_id', 'in', listOf(ids)))
  const insert = handle.prepare(
    'insert into batch_overlay (batch_id, status, score, mark, stale) values (?, ?, ?, ?, ?)',
  )
  for (const [batchId, { status, score, marks, stale }] of overlays) {
    insert.run(batchId, status, score, worstMark(marks), stale ? 1 : 0)
  }
}
