import { indexBatches, indexedColumns } from '../batches/search-index.ts'
import type { WriteHandle } from '../database/handles.ts'
import { listOf } from '../database/lists.ts'
import { refreshOverlay } from '../outbox/batch-overlay.ts'
import { countInserted } from './bulk-load.ts'
import { type ParkedRow, readFact, writeFact } from './facts.ts'
import {
  leaveScope,
  type Restored,
  restoreRow,
  type ScopeBits,
  type Written,
  writeAnsweredRow,
  writeRow,
} from './mirror-writer.ts'
import type { MirrorTable } from './rows/mirror-tables.ts'
import { findMirrorTable } from './rows/mirror-tables.ts'
import { type ReadRow, RowRefused, readRow } from './rows/read-row.ts'
import type { SyncContext } from './sync-context.ts'

/** A row that no scope holds any more, unless another scope brings it again before the removals. */
export interface RemovalCandidate {
  readonly table: MirrorTable
  readonly id: string
}

/** How many rows that could not be read are kept on record. */
const parkedLimit = 200

/**
 * Writes a stretch of rows inside one transaction: reads and checks each, parks what cannot be read, and at the end brings search
 * index and overlay in line with what changed.
 */
export interface MirrorPage {
  /** A row as the pull brought it. */
  readonly upsert: (table: string, row: Readonly<Record<string, unknown>>, bits: ScopeBits) => void
  /** A row that was fetched again because something differed. Null for one that cannot be read. */
  readonly restore: (table: string, row: Readonly<Record<string, unknown>>, bits: ScopeBits) => Restored | null
  /** A row as the answer to a push brought it. */
  readonly answer: (
    table: string,
    row: Readonly<Record<string, unknown>>,
    bits: { readonly held: number; readonly holdsParts: number },
  ) => void
  /** A row left a scope. */
  readonly leave: (table: string, id: string, bit: number) => void
  /** To be called last in the transaction. Answers with rows to be removed when all scopes have been pulled. */
  readonly finish: () => readonly RemovalCandidate[]
}

type PageContext = Pick<SyncContext, 'database' | 'log' | 'changed'>

/** Begins a stretch of rows. */
export function beginMirrorPage(handle: WriteHandle, context: PageContext): MirrorPage {
  const { database, log, changed } = context
  const touched = new Set<string>()
  const toIndex = new Set<string>()
  const candidates: RemovalCandidate[] = []
  const refused: ParkedRow[] = []
  const readIds = new Set<string>()
  const addToCounters = countInserted(handle)

  const read = (wire: string, row: Readonly<Record<string, unknown>>): [MirrorTable, ReadRow] | null => {
    const table = findMirrorTable(wire)
    try {
      if (table === undefined) throw new RowRefused('table', 'not a table that this program knows')
      const parsed = readRow(table, row)
      readIds.add(parsed.id)
      return [table, parsed]
    } catch (error) {
      if (!(error instanceof RowRefused)) throw error
      const rowId = typeof row.id === 'string' ? row.id : ''
      refused.push({ table: wire, id: rowId, field: error.field, reason: error.message })
      log.warn('sync.row_refused', { table: wire, id: rowId, field: error.field, reason: error.message })
      return null
    }
  }
  const wrote = (table: MirrorTable, row: ReadRow, written: Written) => {
    if (row.batchId === null || written.kind === 'unchanged') return
    touched.add(row.batchId)
    changed.add(row.batchId)
    if (table.local !== 'batch') return
    if (written.kind === 'added' || written.columns.some((column) => indexedColumns.has(column)))
      toIndex.add(row.batchId)
  }

  return {
    upsert(wire, row, bits) {
      const parsed = read(wire, row)
      if (parsed === null) return
      const renamed = batchesOfNewName(handle, ...parsed)
      const written = writeRow(handle, ...parsed, bits)
      if (written.kind === 'unchanged') return
      wrote(...parsed, written)
      if (renamed.length > 0) changed.addAll()
      for (const batchId of renamed) toIndex.add(batchId)
    },
    restore(wire, row, bits) {
      const parsed = read(wire, row)
      if (parsed === null) return null
      const renamed = batchesOfNewName(handle, ...parsed)
      const how = restoreRow(handle, parsed[0], parsed[1], bits)
      if (how === 'same') return how
      // What differed without a newer version may be found under other words too.
      wrote(...parsed, { kind: 'added' })
      if (renamed.length > 0) changed.addAll()
      for (const batchId of renamed) toIndex.add(batchId)
      return how
    },
    answer(wire, row, bits) {
      const parsed = read(wire, row)
      if (parsed === null) return
      wrote(...parsed, writeAnsweredRow(handle, ...parsed, bits))
    },
    leave(wire, id, bit) {
      const table = findMirrorTable(wire)
      if (table !== undefined && leaveScope(handle, table, id, bit)) candidates.push({ table, id })
    },
    finish() {
      addToCounters()
      if (toIndex.size > 0) indexBatches(handle, [...toIndex])
      refreshOverlays(handle, context, touched)
      if (candidates.length > 0 && readFact(handle, database, 'sync.removals_due') !== true)
        writeFact(handle, database, 'sync.removals_due', true)
      park(handle, context, refused, readIds)
      return candidates
    },
  }
}

/** Fields of a project or person by which their batches are found. */
const searchedFields = { project: ['name'], person: ['name', 'organization_name'] } as const

/** Batches that are found under another name once this project or person is written. */
function batchesOfNewName(handle: WriteHandle, table: MirrorTable, row: ReadRow): readonly string[] {
  if (table.local !== 'project' && table.local !== 'person') return []
  const fields: readonly string[] = searchedFields[table.local]
  const before = handle.prepare(`select * from ${table.local} where id = ?`).get(row.id) as
    | Readonly<Record<string, unknown>>
    | undefined
  const same = table.columns.every(
    ({ local }, index) => !fields.includes(local) || before?.[local] === row.values[index],
  )
  if (same) return []
  const column = table.local === 'project' ? 'project_id' : 'user_id'
  const batches = handle.prepare(`select id from batch where ${column} = ?`).all(row.id) as { readonly id: string }[]
  return batches.map(({ id }) => id)
}

function refreshOverlays(handle: WriteHandle, context: PageContext, touched: ReadonlySet<string>): void {
  if (touched.size === 0) return
  // Nothing unsent, as in most pulls: a page of ids need not be looked up one by one.
  if (handle.prepare('select 1 from batch_overlay limit 1').get() === undefined) return
  const overlaid = handle.all(
    context.database.build
      .selectFrom('batch_overlay')
      .select('batch_id')
      .where('batch_id', 'in', listOf([...touched])),
  )
  if (overlaid.length > 0)
    refreshOverlay(
      handle,
      overlaid.map(({ batch_id }) => batch_id),
    )
}

function park(
  handle: WriteHandle,
  { database }: PageContext,
  refused: readonly ParkedRow[],
  readIds: ReadonlySet<string>,
): void {
  const before = readFact(handle, database, 'sync.parked_rows') ?? []
  const refusedIds = new Set(refused.map(({ id }) => id))
  const kept = before.filter(({ id }) => !readIds.has(id) && !refusedIds.has(id))
  if (refused.length === 0 && kept.length === before.length) return
  writeFact(handle, database, 'sync.parked_rows', [...kept, ...refused].slice(-parkedLimit))
}
