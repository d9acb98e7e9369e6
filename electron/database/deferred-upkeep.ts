import type { WriteHandle } from './handles.ts'

/** The statements that make what is missing again, by name: kept in the transaction that drops it. */
const factKey = 'database.deferred_upkeep'

type Deferred = Readonly<Record<string, string>>

function readDeferred(handle: WriteHandle): Deferred {
  const row = handle.prepare('select value from workspace_fact where key = ?').get(factKey) as
    | { readonly value: string }
    | undefined
  return row === undefined ? {} : JSON.parse(row.value)
}

function writeDeferred(handle: WriteHandle, deferred: Deferred): void {
  if (Object.keys(deferred).length === 0) handle.prepare('delete from workspace_fact where key = ?').run(factKey)
  else
    handle
      .prepare('insert or replace into workspace_fact (key, value) values (?, ?)')
      .run(factKey, JSON.stringify(deferred))
}

const find = (handle: WriteHandle, name: string) =>
  handle.prepare("select type, sql from sqlite_master where type in ('index', 'trigger') and name = ?").get(name) as
    | { readonly type: string; readonly sql: string }
    | undefined

/**
 * Drops indexes and triggers that are cheaper to make once than to keep through a bulk load: every commit writes, encrypts and logs
 * each page that it touched, and keys without an order touch all of them. Without an index queries are slower and answer the same;
 * what a trigger does is up to the load.
 */
export function deferUpkeep(handle: WriteHandle, names: readonly string[]): void {
  const deferred: Record<string, string> = { ...readDeferred(handle) }
  for (const name of names) {
    const found = find(handle, name)
    if (found === undefined) continue
    deferred[name] = found.sql
    handle.prepare(`drop ${found.type} ${name}`).run()
  }
  writeDeferred(handle, deferred)
}

/** True while this index or trigger is missing. */
export const isDeferred = (handle: WriteHandle, name: string): boolean => Object.hasOwn(readDeferred(handle), name)

/** Makes the next index or trigger that was deferred, for a transaction of its own. False when none is missing any more. */
export function restoreNextUpkeep(handle: WriteHandle): boolean {
  const [next, ...others] = Object.entries(readDeferred(handle))
  if (next === undefined) return false
  const [name, making] = next
  // It is there already where saved work was put back into a new database.
  if (find(handle, name) === undefined) handle.prepare(making).run()
  writeDeferred(handle, Object.fromEntries(others))
  return true
}
