import { unindexBatches } from '../batches/search-index.ts'
import type { WriteHandle } from '../database/handles.ts'
import { readFact, writeFact } from './facts.ts'
import type { RemovalCandidate } from './mirror-page.ts'
import type { MirrorTable } from './rows/mirror-tables.ts'
import { mirrorTables } from './rows/mirror-tables.ts'
import { bitsOf, listScopes, maskOf } from './scopes.ts'
import { type SyncContext, yieldToCalls } from './sync-context.ts'

/**
 * Rows removed in one transaction: some 40 ms, for which a call of the window may wait. A quarter as many took twice the time in all,
 * since each commit writes the pages of the indexes again.
 */
const chunkRows = 1000

const unsettled = "('held', 'queued', 'sending', 'conflict', 'rejected', 'waiting')"

/** Where somebody was on the screen of a batch is kept as a draft too, and is no work on it. */
const unsentWords = "select 1 from draft where instr(key, ?) > 0 and key not like 'batch.%.view' limit 1"

/** True while a change that is not settled, or words not yet sent anywhere, hang on the batch. */
function hasPendingWork(handle: WriteHandle, batchId: string): boolean {
  return (
    handle.prepare(`select 1 from outbox where batch_id = ? and state in ${unsettled} limit 1`).get(batchId) !==
      undefined || handle.prepare(unsentWords).get(batchId) !== undefined
  )
}

/**
 * Removes rows that no scope holds. What hangs on pending work stays: the batch goes to quarantine, visible and marked, and is
 * removed when the work is settled. Called when every scope has been pulled, so that a row on its way from one scope to another is
 * never gone in between. Without candidates (after a restart in the middle) it looks for such rows itself.
 */
export async function sweepRemovals(
  context: SyncContext,
  candidates: readonly RemovalCandidate[] | null,
): Promise<void> {
  const { database } = context
  if (readFact(database.read, database, 'sync.removals_due') === true) {
    const due = candidates ?? findUnheldRows(context)
    for (let offset = 0; offset < due.length; offset += chunkRows) {
      const chunk = due.slice(offset, offset + chunkRows)
      database.write((handle) => {
        for (const { table, id } of chunk) removeUnheld(handle, context, table, id)
      }, 'normal')
      await yieldToCalls()
    }
    database.write((handle) => writeFact(handle, database, 'sync.removals_due', false), 'normal')
  }
  releaseHeldBack(context)
}

/** Parts before their batches and batches before their projects, so that nothing is asked of a row that is gone. */
function findUnheldRows({ database }: SyncContext): readonly RemovalCandidate[] {
  return Object.values(mirrorTables)
    .toReversed()
    .flatMap((table) =>
      database.read
        .all(database.build.selectFrom(table.local).select('id').where('scopes', '=', 0))
        .map(({ id }) => ({ table, id })),
    )
}

function removeUnheld(handle: WriteHandle, context: SyncContext, table: MirrorTable, id: string): void {
  const row = handle.prepare(`select * from ${table.local} where id = ? and scopes = 0`).get(id) as
    | { readonly row: number; readonly batch_id?: string; readonly project_id?: string }
    | undefined
  if (row === undefined) return
  const batchId = table.local === 'batch' ? id : row.batch_id
  if (batchId !== undefined && hasPendingWork(handle, batchId)) {
    holdBack(handle, context, batchId)
    if (table.local === 'batch')
      handle
        .prepare('update batch set quarantined_at = coalesce(quarantined_at, ?) where id = ?')
        .run(context.clock.now(), id)
  } else if (table.local === 'batch') {
    deleteBatch(handle, id, row.row)
    removeUnusedProject(handle, row.project_id ?? '')
  } else if (table.local === 'project') removeUnusedProject(handle, id)
  else handle.prepare(`delete from ${table.local} where id = ?`).run(id)
  if (batchId !== undefined) context.changed.add(batchId)
}

function deleteBatch(handle: WriteHandle, id: string, row: number): void {
  unindexBatches(handle, [row])
  handle.prepare('delete from batch_overlay where batch_id = ?').run(id)
  handle.prepare('delete from batch where id = ?').run(id)
}

/** A batch in quarantine still says which project it is of. */
function removeUnusedProject(handle: WriteHandle, id: string): void {
  handle
    .prepare(
      'delete from project where id = ? and scopes = 0 and not exists (select 1 from batch where project_id = ?)',
    )
    .run(id, id)
}

function holdBack(handle: WriteHandle, { database }: SyncContext, batchId: string): void {
  const held = readFact(handle, database, 'sync.held_back') ?? []
  if (!held.includes(batchId)) writeFact(handle, database, 'sync.held_back', [...held, batchId])
}

/** Lets go of what stayed for work that is settled by now. */
function releaseHeldBack(context: SyncContext): void {
  const { database } = context
  const before = readFact(database.read, database, 'sync.held_back') ?? []
  if (before.length === 0) return
  database.write((handle) => {
    const still: string[] = []
    for (const batchId of before) {
      if (hasPendingWork(handle, batchId)) {
        still.push(batchId)
        continue
      }
      for (const table of Object.values(mirrorTables)) {
        if (table.batchColumn === 'batch_id')
          handle.prepare(`delete from ${table.local} where batch_id = ? and scopes = 0`).run(batchId)
      }
      removeUnheld(handle, context, mirrorTables.batches, batchId)
      context.changed.add(batchId)
    }
    writeFact(handle, database, 'sync.held_back', still)
  })
}

/**
 * Ends scopes that are being left, once every held scope has been pulled: takes their bits off all rows, and makes what no held
 * scope holds a candidate for removal. Rows without any bit came with the answer to a push of an earlier age and go with them.
 */
export async function endLeftScopes(context: SyncContext): Promise<boolean> {
  const { database } = context
  const scopes = listScopes(database.read)
  const left = scopes.filter(({ state }) => state === 'leaving')
  if (left.length === 0) return false
  if (scopes.some(({ state }) => state === 'bootstrap')) return false
  const { held } = bitsOf(scopes)
  const gone = left.reduce((mask, { bit }) => mask + maskOf(bit), 0)
  for (const table of Object.values(mirrorTables)) {
    for (let after = 0; ; ) {
      const next = database.write((handle) => {
        const rows = handle
          .prepare(`select row from ${table.local} where row > ? order by row limit 2000`)
          .all(after) as { readonly row: number }[]
        const last = rows.at(-1)?.row
        if (last !== undefined)
          handle
            .prepare(`update ${table.local} set scopes = scopes & ? where row > ? and row <= ? and (scopes & ?) <> 0`)
            .run(held, after, last, gone)
        return last
      }, 'normal')
      if (next === undefined) break
      after = next
      await yieldToCalls()
    }
  }
  database.write((handle) => {
    handle.run(database.build.deleteFrom('sync_scope').where('state', '=', 'leaving'))
    writeFact(handle, database, 'sync.removals_due', true)
  }, 'normal')
  return true
}
