import type { WriteHandle } from '../database/handles.ts'

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
