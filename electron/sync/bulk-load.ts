import { deferMerging, mergeSome } from '../batches/search-index.ts'
import { deferUpkeep, isDeferred, restoreNextUpkeep } from '../database/deferred-upkeep.ts'
import type { WriteHandle } from '../database/handles.ts'
import { type SyncContext, yieldToCalls } from './sync-context.ts'

/** Fewer batches than this are written in two seconds either way. */
const worthwhile = 20_000

const counting = 'batch_counted_insert'

/** Indexes of batches, and what counts new ones for the facets of the queue. The window asks for neither before the pull has ended. */
const deferrable = ['batch_by_hash', 'batch_by_submitted', 'batch_by_project', 'batch_queue', counting] as const

/**
 * Prepares the database for the batches of a scope that is fetched for the first time: indexes that are cheaper made afterwards are
 * dropped, new batches are counted by the page, and the full text is merged afterwards. To be called in the transaction that begins
 * the table. 100,000 encrypted batches took 10.1 s of the processor without this, 4.2 s with it. True when it is worth that.
 * @param expected batches to come, as the cloud counts them.
 */
export function beginBulkLoad(handle: WriteHandle, expected: number): boolean {
  if (expected < worthwhile) return false
  const { here } = handle.prepare('select count(*) as here from batch').get() as { readonly here: number }
  // Making an index anew over many rows for the sake of fewer would not pay.
  if (here > expected) return false
  deferUpkeep(handle, deferrable)
  deferMerging(handle)
  return true
}

/**
 * Begins counting batches that are written from here on, where their trigger is put off; the function that it answers adds them to
 * the counters, in the same transaction.
 */
export function countInserted(handle: WriteHandle): () => void {
  if (!isDeferred(handle, counting)) return () => {}
  // A new row is numbered past all others.
  const { last } = handle.prepare('select coalesce(max(row), 0) as last from batch').get() as { readonly last: number }
  return () => {
    handle
      .prepare(
        `insert into batch_counter (standard, status, total)
        select standard, status, count(*) from batch where row > ? group by standard, status
        on conflict (standard, status) do update set total = total + excluded.total`,
      )
      .run(last)
  }
}

/**
 * Makes the indexes that were put off, each in a transaction of its own. Wherever this is cut off, the next one to open the database
 * or to pull makes the rest.
 */
export async function endBulkLoad({ database }: SyncContext): Promise<void> {
  while (database.write(restoreNextUpkeep, 'normal')) await yieldToCalls()
}

/**
 * Does what a bulk load left for when everything can be found: merges the pieces of the full text, a little at a time between the calls
 * of the window, and copies the log into the file. What is left over is merged next time.
 */
export async function settleBulkLoad({ database }: SyncContext, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && database.write(mergeSome, 'normal')) await yieldToCalls()
  database.endLoad()
}
