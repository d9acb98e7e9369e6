import { assertNever } from '../../shared/assert-never.ts'
import type { OutboxState, RowSyncMark } from '../../shared/domain/sync-state.ts'
import type { WriteHandle } from '../database/handles.ts'
import { listOfUnsettled, toOutboxState, unsettledStates } from './change-states.ts'
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

interface UnsettledChange {
  readonly batch_id: string
  readonly state: string
  readonly content_hash: string | null
  readonly bound_to: string | null
}

/**
 * Computes `batch_overlay` anew for these batches: status and score from changes under way, the worst mark, and whether the mirrored
 * content is no longer what an open decision was made on. Batches without an open change have no overlay.
 */
export function refreshOverlay(handle: WriteHandle, batchIds: Iterable<string>): void {
  const ids = new Set(batchIds)
  if (ids.size === 0) return
  const list = JSON.stringify([...ids])
  // Plus: found by their batches, which have few, and not by their states, of which all that waits would be read.
  const changes = handle
    .prepare(
      `select outbox.batch_id, outbox.state, batch.content_hash, outbox.body ->> 'content_hash' as bound_to
      from outbox left join batch on batch.id = outbox.batch_id
      where outbox.batch_id in (select value from json_each(?)) and +outbox.state in (${listOfUnsettled})`,
    )
    .all(list) as UnsettledChange[]
  const overlays = new Map<string, Overlay>()
  for (const change of changes) {
    const overlay = overlays.get(change.batch_id) ?? { status: null, score: null, marks: [], stale: false }
    overlay.marks.push(markOf(toOutboxState(change.state)))
    if (change.bound_to !== null && change.content_hash !== null && change.bound_to !== change.content_hash) {
      overlay.stale = true
    }
    overlays.set(change.batch_id, overlay)
  }
  handle.prepare('delete from batch_overlay where batch_id in (select value from json_each(?))').run(list)
  if (overlays.size === 0) return
  for (const { batchId, row } of readPendingRows(handle, 'batch', overlays.keys())) {
    const overlay = overlays.get(batchId)
    if (overlay === undefined) continue
    overlay.status = row.status ?? overlay.status
    overlay.score = row.verification_score ?? overlay.score
  }
  const insert = handle.prepare(
    'insert into batch_overlay (batch_id, status, score, mark, stale) values (?, ?, ?, ?, ?)',
  )
  for (const [batchId, { status, score, marks, stale }] of overlays) {
    insert.run(batchId, status, score, worstMark(marks), stale ? 1 : 0)
  }
}

const listOfOthers = unsettledStates
  .filter((state) => state !== 'sending')
  .map((state) => `'${state}'`)
  .join(', ')

/**
 * Brings the overlay of batches up to date whose changes have just been taken to be sent. Where none of a batch's open changes is in
 * another state, its mark alone is different.
 */
export function markAsSent(handle: WriteHandle, batchIds: Iterable<string>): void {
  const ids = new Set(batchIds)
  const mixed = handle
    .prepare(
      `select distinct batch_id from outbox
      where batch_id in (select value from json_each(?)) and +state in (${listOfOthers})`,
    )
    .all(JSON.stringify([...ids])) as { readonly batch_id: string }[]
  for (const { batch_id } of mixed) ids.delete(batch_id)
  handle
    .prepare('update batch_overlay set mark = ? where batch_id in (select value from json_each(?))')
    .run(markOf('sending'), JSON.stringify([...ids]))
  refreshOverlay(
    handle,
    mixed.map(({ batch_id }) => batch_id),
  )
}
