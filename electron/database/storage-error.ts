import SqliteDatabase from 'better-sqlite3'
import type { AppError } from '../../shared/result.ts'

/** The disk or the file failed, not the program: carries what to tell the person. The transaction it happened in was rolled back. */
export class StorageError extends Error {
  readonly failure: AppError

  constructor(failure: AppError, cause: unknown) {
    super(failure.message, { cause })
    this.name = 'StorageError'
    this.failure = failure
  }
}

/** The failure for a full disk, from wherever it was noticed. */
export const diskFull: AppError = {
  code: 'disk_full',
  message: 'The disk is full. The last change was not saved; everything before it is safe.',
  action: 'Free some space on the disk, then do it again.',
}

/** What a failure of SQLite or of the file system means for a person; null when it is a defect of the program. */
export function storageFailure(error: unknown): AppError | null {
  if (error instanceof StorageError) return error.failure
  const code = codeOf(error)
  if (code === null) return null
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT') return diskFull
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') {
    return {
      code: 'database_corrupt',
      message: 'The local database is damaged.',
      action: 'Start the program again: it saves what was not sent, and mirrors the rest anew.',
      detail: { sqlite: code },
    }
  }
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return {
      code: 'database_locked',
      message: 'Another program is using the local database.',
      action: 'Close the other window of this program, then try again.',
      detail: { sqlite: code },
    }
  }
  if (code.startsWith('SQLITE_IOERR') || code === 'SQLITE_READONLY' || code === 'SQLITE_CANTOPEN') {
    return {
      code: 'internal',
      message: 'The disk did not take or give the data. The last change was not saved.',
      action: 'Check the disk and its permissions, then start the program again.',
      detail: { sqlite: code },
    }
  }
  return null
}

/** Runs work on the database; a failure of the disk or the file is thrown as `StorageError`, a defect as it is. */
export function asStorageError<Value>(work: () => Value): Value {
  try {
    return work()
  } catch (error) {
    if (error instanceof StorageError) throw error
    const failure = storageFailure(error)
    throw failure === null ? error : new StorageError(failure, error)
  }
}

function codeOf(error: unknown): string | null {
  if (error instanceof SqliteDatabase.SqliteError) return error.code
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  return null
}
