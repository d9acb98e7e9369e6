import type { Compilable, CompiledQuery } from 'kysely'
import type { Connection, Statement } from './connection.ts'
import { createStatementCache } from './statement-cache.ts'
import { asStorageError } from './storage-error.ts'

export type { Statement } from './connection.ts'

/** A query of the builder, or one that was compiled before because it runs often. */
export type Query<QueryRow> = Compilable<QueryRow> | CompiledQuery<QueryRow>

/** Reads. A use case that is given this cannot write: its type and its connection say so. */
export interface ReadHandle {
  readonly all: <QueryRow>(query: Query<QueryRow>) => readonly QueryRow[]
  readonly first: <QueryRow>(query: Query<QueryRow>) => QueryRow | undefined
  /** The first column alone, without an object for each row: for lists of a hundred thousand. */
  readonly column: <Value>(query: Query<Readonly<Record<string, Value>>>) => readonly Value[]
}

/** Reads and writes inside one transaction. Not to be kept after it. */
export interface WriteHandle extends ReadHandle {
  readonly run: (query: Query<unknown>) => { readonly changes: number; readonly lastInsertRowid: number }
  /** A raw statement from the cache, for bulk work. */
  readonly prepare: (sql: string) => Statement
}

const compiled = <QueryRow>(query: Query<QueryRow>): CompiledQuery<QueryRow> =>
  'compile' in query ? query.compile() : query

/** A handle over one connection. Every failure of SQLite comes out as a `StorageError`. */
export function createHandle(connection: Connection): WriteHandle {
  const prepare = createStatementCache(connection)
  const prepareColumn = createStatementCache(connection, (statement) => statement.pluck(true))
  return {
    prepare: (sql) => asStorageError(() => prepare(sql)),
    all: <QueryRow>(query: Query<QueryRow>) =>
      asStorageError(() => {
        const { sql, parameters } = compiled(query)
        return prepare(sql).all(...parameters) as QueryRow[]
      }),
    first: <QueryRow>(query: Query<QueryRow>) =>
      asStorageError(() => {
        const { sql, parameters } = compiled(query)
        return prepare(sql).get(...parameters) as QueryRow | undefined
      }),
    column: <Value>(query: Query<Readonly<Record<string, Value>>>) =>
      asStorageError(() => {
        const { sql, parameters } = compiled(query)
        return prepareColumn(sql).all(...parameters) as Value[]
      }),
    run: (query) =>
      asStorageError(() => {
        const { sql, parameters } = compiled(query)
        const { changes, lastInsertRowid } = prepare(sql).run(...parameters)
        return { changes, lastInsertRowid: Number(lastInsertRowid) }
      }),
  }
}
