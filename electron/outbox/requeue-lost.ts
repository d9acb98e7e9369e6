import type { MutationDto, PushResult } from '../../shared/wire/sync.ts'
import { type AuditActor, appendAuditEvents } from '../audit-trail/append-audit-events.ts'
import type { ReadHandle, WriteHandle } from '../database/handles.ts'
import { listOf } from '../database/lists.ts'
import { queryBuilder } from '../database/query-builder.ts'
import type { Row } from '../database/tables.ts'
import { refreshOverlay } from './batch-overlay.ts'
import { batchRowOf } from './mend-overlays.ts'
import type { PendingTable } from './pending-rows.ts'

/** Ids of all changes of which the cloud once said that it has them, in the order in which they were made. */
export const listApplied = (read: ReadHandle): readonly string[] =>
  read.column<string>(
    queryBuilder.selectFrom('outbox').select('mutation_id').where('state', '=', 'applied').orderBy('sequence'),
  )

const lostWords = {
  code: 'lost_by_restore',
  message: 'The cloud had this change, and lost it when it was restored from a backup.',
  action: 'It is sent again by itself.',
} as const

/**
 * Puts changes back into the queue that the cloud had applied and does not know any more, to the letter and in their old order, which
 * is before anything made since. What they made lies over the mirror again, files included, because the next pull takes the cloud's
 * own rows away. Answers with the batches that this is about.
 */
export function requeueLost(handle: WriteHandle, actor: AuditActor, mutationIds: readonly string[]): readonly string[] {
  const lost = handle.all(
    queryBuilder
      .selectFrom('outbox')
      .selectAll()
      .where('mutation_id', 'in', listOf(mutationIds))
      .where('state', '=', 'applied')
      .orderBy('sequence'),
  )
  const back = handle.prepare(
    `update outbox set state = 'queued', result = null, settled_at = null, next_attempt_at = null, last_error = ?
    where mutation_id = ?`,
  )
  const uploadAgain = handle.prepare(
    "update upload set state = 'waiting', done_at = null, next_attempt_at = null where mutation_id = ? and state <> 'refused'",
  )
  for (const change of lost) {
    back.run(JSON.stringify(lostWords), change.mutation_id)
    uploadAgain.run(change.mutation_id)
    layOverAgain(handle, change)
  }
  const batchIds = [...new Set(lost.map(({ batch_id }) => batch_id))]
  refreshOverlay(handle, batchIds)
  appendAuditEvents(
    handle,
    actor,
    lost.map((change) => ({
      action: 'change.lost_by_restore',
      entity: 'change',
      entityId: change.mutation_id,
      entityLabel: change.summary,
      before: { state: change.state, settled_at: change.settled_at },
      after: { state: 'queued', kind: change.kind, batch_id: change.batch_id },
      by: 'system',
    })),
  )
  return batchIds
}

/** Tables of the cloud's answers by their names here; what a change does to its batch is in its body. */
const answeredTables: Readonly<Record<string, Exclude<PendingTable, 'batch'>>> = {
  assignments: 'assignment',
  scores: 'score',
  findings: 'finding',
  finding_rounds: 'finding_round',
  decisions: 'decision',
  certificates: 'certificate',
  signatures: 'signature',
}

function layOverAgain(handle: WriteHandle, change: Row<'outbox'>): void {
  const insert = handle.prepare(
    'insert into pending_row (mutation_id, table_name, row_id, batch_id, body) values (?, ?, ?, ?, ?)',
  )
  const { rows } = JSON.parse(change.result ?? '{"rows": []}') as Pick<PushResult, 'rows'>
  for (const answered of rows) {
    const table = answeredTables[answered.table]
    if (table === undefined) continue
    const mirrored = handle.prepare(`select * from ${table} where id = ?`).get(answered.row.id) as
      | Readonly<Record<string, unknown>>
      | undefined
    if (mirrored === undefined) continue
    const { row: _number, version: _version, scopes: _scopes, ...own } = mirrored
    insert.run(change.mutation_id, table, String(answered.row.id), change.batch_id, JSON.stringify(own))
  }
  const batchRow = batchRowOf(JSON.parse(change.body) as MutationDto)
  if (batchRow !== null)
    insert.run(
      change.mutation_id,
      'batch',
      change.batch_id,
      change.batch_id,
      JSON.stringify({ id: change.batch_id, ...batchRow }),
    )
}
