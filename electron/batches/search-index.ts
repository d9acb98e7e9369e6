import type { WriteHandle } from '../database/handles.ts'

/** Columns of a batch by which it is found, or by which those rows are whose names it is found by. */
export const indexedColumns: ReadonlySet<string> = new Set([
  'batch_hash',
  'project_id',
  'user_id',
  'location',
  'description',
])

/**
 * Puts batches into the full-text index anew, by their row numbers. Called once for each page of the mirror: a trigger for each row
 * took nearly three times as long.
 */
export function indexBatches(handle: WriteHandle, batchIds: readonly string[]): void {
  if (batchIds.length === 0) return
  handle
    .prepare(
      `insert or replace into batch_search (rowid, batch_hash, project, recycler, location, description)
      select batch.row, batch.batch_hash, ${folded('project.name')},
        ${folded("person.name || ' ' || coalesce(person.organization_name, '')")},
        ${folded('batch.location')}, ${folded('batch.description')}
      from json_each(?) as wanted
      join batch on batch.id = wanted.value
      left join project on project.id = batch.project_id
      left join person on person.id = batch.user_id`,
    )
    .run(JSON.stringify(batchIds))
}

/**
 * Leaves what is added to the index in the pieces it arrives in, one for each page of the mirror: merging them as they come writes
 * every word some four times. A search looks into all pieces meanwhile. Kept in the database until the merging is done.
 */
export function deferMerging(handle: WriteHandle): void {
  handle.prepare("insert into batch_search (batch_search, rank) values ('automerge', 0)").run()
  // The format allows for 2,000 pieces; past so many they are merged at once after all.
  handle.prepare("insert into batch_search (batch_search, rank) values ('crisismerge', 1000)").run()
}

/** Merges some of what was left in pieces, for a transaction of its own (some 30 ms). False when that is done, and nothing is left. */
export function mergeSome(handle: WriteHandle): boolean {
  const setting = handle.prepare("select v from batch_search_config where k = 'automerge'").get() as
    | { readonly v: number }
    | undefined
  if (setting?.v !== 0) return false
  const changes = handle.prepare('select total_changes() as count')
  const count = (): number => (changes.get() as { readonly count: number }).count
  const before = count()
  handle.prepare("insert into batch_search (batch_search, rank) values ('merge', 200)").run()
  // So the format tells that there was nothing to merge: the statement itself counts as one.
  if (count() - before >= 2) return true
  handle.prepare("insert into batch_search (batch_search, rank) values ('crisismerge', 16)").run()
  handle.prepare("insert into batch_search (batch_search, rank) values ('automerge', 4)").run()
  return false
}

/** The index drops accents by itself, but not the stroke of the Vietnamese letter, which is no accent to Unicode. */
const folded = (expression: string): string => `replace(replace(${expression}, 'Đ', 'D'), 'đ', 'd')`

/** Takes batches that left the mirror out of the index, by their row numbers. */
export function unindexBatches(handle: WriteHandle, rows: readonly number[]): void {
  const remove = handle.prepare('delete from batch_search where rowid = ?')
  for (const row of rows) remove.run(row)
}

/**
 * What a person typed as a query of the index: every word must occur, the last one may be a beginning. Null when there is no word in
 * it. Quotes make a word of whatever else is in it, so that nothing typed is ever an operator.
 */
export function searchQuery(text: string): string | null {
  const words = text
    .normalize('NFC')
    .replaceAll('Đ', 'D')
    .replaceAll('đ', 'd')
    .split(/\s+/u)
    .filter((word) => /[\p{L}\p{N}]/u.test(word))
    .map((word) => `"${word.replaceAll('"', '""')}"`)
  return words.length === 0 ? null : `${words.join(' ')}*`
}
