import type { Kysely } from 'kysely'
import { ok, type Result } from '../../shared/result.ts'
import { boundWriter, type Connection } from './connection.ts'
import { createHandle, type ReadHandle, type WriteHandle } from './handles.ts'
import { queryBuilder } from './query-builder.ts'
import { asStorageError, StorageError, storageFailure } from './storage-error.ts'
import type { Tables } from './tables.ts'

/** `full`: the commit is on the disk when the call returns. `normal`: only for pages of the mirror, which can be pulled again. */
export type Durability = 'full' | 'normal'

/** The encrypted database of one person at one cloud. */
export interface WorkspaceDatabase {
  /** Builds queries; running them through it throws. */
  readonly build: Kysely<Tables>
  /** Reads on a connection that cannot write; sees what was committed last. */
  readonly read: ReadHandle
  /** Runs the work in one immediate transaction. Whatever it throws rolls all of it back. Not reentrant. */
  readonly write: <Value>(work: (handle: WriteHandle) => Value, durability?: Durability) => Value
  /**
   * Makes room for a bulk load: for its pages in memory, and for the log of what was committed, which is not copied into the file on
   * the way.
   */
  readonly makeRoomForLoad: () => void
  /** Gives the room back where it was made, and copies the log into the file: half a second after 100,000 batches. */
  readonly endLoad: () => void
  readonly close: () => void
}

/** What `createDatabase` is made from; `release` is called after both connections are closed. */
export interface DatabaseParts {
  readonly writer: Connection
  readonly reader: Connection
  /** Told when pages turn out to be unreadable, so that the next start looks at the whole file. */
  readonly onDamage: () => void
  readonly release: () => void
}

/** The database over a writing and a reading connection to the same file. */
export function createDatabase({ writer, reader, onDamage, release }: DatabaseParts): WorkspaceDatabase {
  const readHandle = createHandle(reader)
  const writeHandle = createHandle(writer)
  let durabilityNow: Durability = 'full'
  let isLoading = false
  let closed = false

  const noticed = (error: unknown): unknown => {
    if (error instanceof StorageError && error.failure.code === 'database_corrupt') onDamage()
    return error
  }
  const watched = <Value>(work: () => Value): Value => {
    try {
      return work()
    } catch (error) {
      throw noticed(error)
    }
  }

  return {
    build: queryBuilder,
    read: {
      all: (query) => watched(() => readHandle.all(query)),
      first: (query) => watched(() => readHandle.first(query)),
      column: (query) => watched(() => readHandle.column(query)),
    },
    write: (work, durability = 'full') =>
      watched(() => {
        if (writer.inTransaction) throw new Error('A transaction is already open: pass its handle on')
        if (durability !== durabilityNow) {
          // Takes effect only outside a transaction.
          writer.pragma(`synchronous = ${durability}`)
          durabilityNow = durability
        }
        return inTransaction(writer, () => work(writeHandle))
      }),
    makeRoomForLoad: () => {
      if (isLoading) return
      boundWriter(writer, 'bulkLoad')
      isLoading = true
    },
    endLoad: () => {
      if (!isLoading) return
      isLoading = false
      boundWriter(writer, 'usual')
      // What a reader keeps from being copied now is copied by a commit to come.
      watched(() => asStorageError(() => writer.pragma('wal_checkpoint(passive)')))
      writer.pragma('shrink_memory')
    },
    close: () => {
      if (closed) return
      closed = true
      reader.close()
      writer.close()
      release()
    },
  }
}

/** Runs the work between `begin immediate` and `commit`; rolls back and throws on when it throws. */
export function inTransaction<Value>(connection: Connection, work: () => Value, kind = 'immediate'): Value {
  asStorageError(() => connection.exec(`begin ${kind}`))
  try {
    const value = work()
    if (value instanceof Promise) throw new Error('A transaction is synchronous: nothing may be awaited in it')
    asStorageError(() => connection.exec('commit'))
    return value
  } catch (error) {
    // A full disk makes SQLite roll back by itself.
    if (connection.inTransaction) connection.exec('rollback')
    throw error
  }
}

/** Ends a transaction whose work answered with a failure. */
class Refused extends Error {
  readonly result: Result<never>

  constructor(result: Result<never>) {
    super('The work was refused')
    this.result = result
  }
}

/**
 * One use case in one transaction: a failed `Result` rolls everything back, and a full disk, a damaged or a busy file becomes a
 * failed `Result`. Defects are thrown on.
 */
export function transact<Value>(
  database: WorkspaceDatabase,
  work: (handle: WriteHandle) => Result<Value>,
  durability?: Durability,
): Result<Value> {
  try {
    return database.write((handle) => {
      const result = work(handle)
      if (!result.ok) throw new Refused(result)
      return result
    }, durability)
  } catch (error) {
    if (error instanceof Refused) return error.result
    const failure = storageFailure(error)
    if (failure === null) throw error
    return { ok: false, error: failure }
  }
}

/** A read whose failures of disk and file become a failed `Result`. */
export function reading<Value>(work: () => Value): Result<Value> {
  try {
    return ok(work())
  } catch (error) {
    const failure = storageFailure(error)
    if (failure === null) throw error
    return { ok: false, error: failure }
  }
}
