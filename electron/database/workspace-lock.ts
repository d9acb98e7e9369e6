import SqliteDatabase from 'better-sqlite3'
import { fail, ok, type Result } from '../../shared/result.ts'

/** Keeps a workspace for one program at a time. */
export interface WorkspaceLock {
  readonly release: () => void
}

/**
 * Takes the workspace for this program: an exclusive SQLite lock on an empty file beside the database. The operating system lets go
 * of it when the program ends, however it ends, so there is never a stale lock to clean up.
 */
export function takeWorkspaceLock(path: string): Result<WorkspaceLock> {
  const connection = new SqliteDatabase(path, { timeout: 0 })
  try {
    connection.pragma('journal_mode = memory')
    connection.exec('begin exclusive')
    return ok({ release: () => connection.close() })
  } catch (error) {
    connection.close()
    if (error instanceof SqliteDatabase.SqliteError && error.code.startsWith('SQLITE_BUSY')) {
      return fail(
        'database_locked',
        'Another window of this program has your local data open.',
        'Use that window, or close it and try again.',
      )
    }
    throw error
  }
}
