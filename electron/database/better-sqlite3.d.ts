/** The part of better-sqlite3 that is used here. The package's own declarations are not reachable under its alias. */
declare module 'better-sqlite3' {
  interface SqliteStatement {
    /** True when the statement hands back rows. */
    readonly reader: boolean
    readonly run: (...parameters: readonly unknown[]) => { changes: number; lastInsertRowid: number | bigint }
    readonly get: (...parameters: readonly unknown[]) => unknown
    readonly all: (...parameters: readonly unknown[]) => unknown[]
    readonly iterate: (...parameters: readonly unknown[]) => IterableIterator<unknown>
    /** Rows then come as the value of their first column. */
    readonly pluck: (on?: boolean) => this
  }

  export interface SqliteConnection {
    readonly inTransaction: boolean
    readonly readonly: boolean
    readonly prepare: (sql: string) => SqliteStatement
    readonly exec: (sql: string) => this
    readonly pragma: (source: string, options?: { readonly simple?: boolean }) => unknown
    readonly close: () => this
  }

  interface SqliteConnectionConstructor {
    new (path: string, options?: { readonly readonly?: boolean; readonly timeout?: number }): SqliteConnection
    /** `code` is SQLite's extended result code by name, such as `SQLITE_FULL`. */
    readonly SqliteError: new (
      message: string,
      code: string,
    ) => Error & { readonly code: string }
  }

  const SqliteDatabase: SqliteConnectionConstructor
  export default SqliteDatabase
}
