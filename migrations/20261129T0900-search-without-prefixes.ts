import { sql } from 'kysely'
import type { RunStatement } from './migration.ts'

/**
 * Full text without an index of the beginnings of words. The words themselves are in order, and reading on from the first one that
 * begins so is as fast: over 1,000,000 batches two letters took 2 to 4 ms where few were found, and the same 1,100 to 1,600 to list
 * those of many. Writing it was an eighth of a first mirror.
 */
export function up(run: RunStatement): void {
  const folded = (expression: string) => `replace(replace(${expression}, 'Đ', 'D'), 'đ', 'd')`
  const statements = [
    'drop table batch_search',
    `create virtual table batch_search using fts5(
      batch_hash, project, recycler, location, description, content = '', contentless_delete = 1,
      tokenize = 'unicode61 remove_diacritics 2')`,
    `insert into batch_search (rowid, batch_hash, project, recycler, location, description)
      select batch.row, batch.batch_hash, ${folded('project.name')},
        ${folded("person.name || ' ' || coalesce(person.organization_name, '')")},
        ${folded('batch.location')}, ${folded('batch.description')}
      from batch left join project on project.id = batch.project_id left join person on person.id = batch.user_id
      order by batch.row`,
  ]
  for (const statement of statements) run(sql.raw(statement))
}
