import { sql } from 'kysely'
import type { RunStatement } from './migration.ts'

/**
 * Full text over batches, kept by page rather than by row trigger (a third of the cost while mirroring), and the counters behind the
 * queue's facets, kept by trigger so that no facet is ever counted by a scan.
 */
export function up(run: RunStatement): void {
  const statements = [
    `create virtual table batch_search using fts5(
      batch_hash, project, recycler, location, description, content = '', contentless_delete = 1, prefix = '2 3',
      tokenize = 'unicode61 remove_diacritics 2')`,
    `create table batch_counter (
      standard text not null, status text not null, total integer not null,
      primary key (standard, status)) strict, without rowid`,
    // What is mirrored already is counted and indexed once, here.
    `insert into batch_counter (standard, status, total)
      select standard, status, count(*) from batch group by standard, status`,
    `insert into batch_search (rowid, batch_hash, project, recycler, location, description)
      select batch.row, batch.batch_hash, project.name, person.name || ' ' || coalesce(person.organization_name, ''),
        batch.location, batch.description
      from batch left join project on project.id = batch.project_id left join person on person.id = batch.user_id`,
    `create trigger batch_counted_insert after insert on batch begin
      insert into batch_counter (standard, status, total) values (new.standard, new.status, 1)
      on conflict (standard, status) do update set total = total + 1; end`,
    `create trigger batch_counted_delete after delete on batch begin
      update batch_counter set total = total - 1 where standard = old.standard and status = old.status; end`,
    `create trigger batch_counted_update after update of standard, status on batch
      when old.standard <> new.standard or old.status <> new.status begin
      update batch_counter set total = total - 1 where standard = old.standard and status = old.status;
      insert into batch_counter (standard, status, total) values (new.standard, new.status, 1)
      on conflict (standard, status) do update set total = total + 1; end`,
  ]
  for (const statement of statements) run(sql.raw(statement))
}
