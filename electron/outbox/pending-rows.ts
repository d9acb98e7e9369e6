import { sql } from 'kysely'
import type { OutboxState } from '../../shared/domain/sync-state.ts'
import type { ReadHandle } from '../database/handles.ts'
import { listOf } from '../database/lists.ts'
import { queryBuilder } from '../database/query-builder.ts'
import type { Row } from '../database/tables.ts'
import { liveStates } from './change-states.ts'

/** Tables whose rows local changes make or change. */
export type PendingTable =
  | 'batch'
  | 'assignment'
  | 'score'
  | 'finding'
  | 'finding_round'
  | 'decision'
  | 'certificate'
  | 'signature'

/** A row's own columns, without what only the mirror knows. */
export type OwnColumns<Table extends PendingTable> = Omit<Row<Table>, 'row' | 'version' | 'scopes'>

/** A whole new row, or the changed columns of one that exists. */
export type PendingChange<Table extends PendingTable = PendingTable> = {
  readonly [Each in Table]: {
    readonly table: Each
    readonly row: { readonly id: string } & Partial<OwnColumns<Each>>
  }
}[Table]

/** A pending row as it is read back, with the change it belongs to. */
export interface ReadPendingRow<Table extends PendingTable> {
  readonly mutationId: string
  readonly batchId: string
  readonly row: { readonly id: string } & Partial<OwnColumns<Table>>
}

/**
 * The rows of one table that changes to these batches make, in the order of the changes: of those under way, unless the caller wants
 * to show the parked ones too.
 */
export function readPendingRows<Table extends PendingTable>(
  read: ReadHandle,
  table: Table,
  batchIds: Iterable<string>,
  states: readonly OutboxState[] = liveStates,
): readonly ReadPendingRow<Table>[] {
  const rows = read.all(
    queryBuilder
      .selectFrom('pending_row')
      .innerJoin('outbox', 'outbox.mutation_id', 'pending_row.mutation_id')
      .select(['pending_row.mutation_id', 'pending_row.batch_id', 'pending_row.body'])
      .where('pending_row.table_name', '=', table)
      .where('pending_row.batch_id', 'in', listOf(batchIds))
      // The plus keeps SQLite from walking the whole outbox by state to find the few changes of these batches.
      .where(sql<string>`+outbox.state`, 'in', states)
      .orderBy('pending_row.sequence'),
  )
  return rows.map(({ mutation_id, batch_id, body }) => ({
    mutationId: mutation_id,
    batchId: batch_id,
    row: JSON.parse(body) as ReadPendingRow<Table>['row'],
  }))
}

/** Columns of a row that exists only here: it has no number and no version, and no scope holds it. */
const onlyHere = { row: 0, version: 0, scopes: 0 } as const

/**
 * Lays pending rows over mirrored ones by id: the last change to a column wins, rows that only exist here come last. Pure; neither list
 * is changed.
 */
export function overlayRows<MirrorRow extends { readonly id: string }>(
  base: readonly MirrorRow[],
  pending: readonly {
    readonly row: { readonly id: string } & Partial<Omit<MirrorRow, 'row' | 'version' | 'scopes'>>
  }[],
): readonly MirrorRow[] {
  if (pending.length === 0) return base
  const byId = new Map(base.map((row) => [row.id, row]))
  for (const { row } of pending) {
    const below = byId.get(row.id) ?? (onlyHere as unknown as MirrorRow)
    byId.set(row.id, { ...below, ...row } as MirrorRow)
  }
  return [...byId.values()]
}
