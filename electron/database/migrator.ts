import type { Migration } from '../../migrations/index.ts'
import { fail, ok, type Result } from '../../shared/result.ts'
import type { Clock } from '../platform/clock.ts'
import type { Connection } from './connection.ts'
import { inTransaction } from './database.ts'
import { queryBuilder } from './query-builder.ts'

/** What a database says about its own history. */
export interface MigrationState {
  /** Names of the migrations that were applied, in their order. */
  readonly applied: readonly string[]
  readonly pending: readonly Migration[]
}

/**
 * Compares a database with the program. Fails with `database_newer` when it went through a migration that the program does not know,
 * and touches nothing.
 */
export function readMigrationState(connection: Connection, known: readonly Migration[]): Result<MigrationState> {
  const recorded = connection.prepare("select 1 from sqlite_master where type = 'table' and name = 'applied_migration'")
  const applied =
    recorded.get() === undefined
      ? []
      : connection
          .prepare('select name from applied_migration order by name')
          .all()
          .map((row) => (row as { name: string }).name)
  const names = new Set(known.map(({ name }) => name))
  const unknown = applied.filter((name) => !names.has(name))
  if (unknown.length > 0) {
    return fail(
      'database_newer',
      'The local data was written by a newer version of this program.',
      'Install the newer version. Nothing was changed.',
      { unknown: unknown.join(', ') },
    )
  }
  const done = new Set(applied)
  return ok({ applied, pending: known.filter(({ name }) => !done.has(name)) })
}

/**
 * Applies migrations one by one, each in an exclusive transaction together with the row that records it: after a fault in the middle
 * the database is at the end of the one before. Throws what the migration throws.
 */
export function migrate(connection: Connection, pending: readonly Migration[], clock: Clock): void {
  connection.exec(
    'create table if not exists applied_migration (name text primary key, applied_at text not null) strict, without rowid',
  )
  for (const { name, up } of pending) {
    inTransaction(
      connection,
      () => {
        up((statement) => {
          const { sql, parameters } = statement.compile(queryBuilder)
          const prepared = connection.prepare(sql)
          if (prepared.reader) return prepared.all(...parameters)
          prepared.run(...parameters)
          return []
        })
        connection.prepare('insert into applied_migration (name, applied_at) values (?, ?)').run(name, clock.now())
      },
      'exclusive',
    )
  }
}
