import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** A data directory held by this process until `release` is called or the process ends, however it ends. */
export interface DirectoryLock {
  release(): void
}

/** Another process holds the data directory. */
export class DirectoryInUseError extends Error {
  readonly processId: number | null
  readonly directory: string

  constructor(directory: string, processId: number | null) {
    const holder = processId === null ? 'another process' : `process ${processId}`
    super(`The data directory ${directory} is in use by ${holder}. Stop it first, or choose another directory.`)
    this.name = 'DirectoryInUseError'
    this.processId = processId
    this.directory = directory
  }
}

/** SQLITE_BUSY of the SQLite C interface, "Result Codes". */
const BUSY = 5

const isBusy = (error: unknown): boolean => error instanceof Error && 'errcode' in error && error.errcode === BUSY

const readHolder = (file: string): number | null => {
  try {
    const processId = Number.parseInt(readFileSync(file, 'utf8'), 10)
    return Number.isSafeInteger(processId) && processId > 0 ? processId : null
  } catch {
    return null
  }
}

/** Referenced from here, a lock cannot be collected, and with it lost, while its holder still counts on it. */
const held = new Set<DatabaseSync>()

/**
 * Takes `<directory>/<name>.lock`, or throws `DirectoryInUseError`.
 *
 * The lock is an exclusive SQLite transaction, because SQLite takes the operating system's own file lock on every
 * platform and Node has no call for one: it vanishes with the process, so nothing stale is left by a kill, and a
 * process id that was given to another program since cannot be mistaken for the holder.
 */
export const lockDirectory = (directory: string, name: string): DirectoryLock => {
  mkdirSync(directory, { recursive: true })
  const file = path.join(directory, `${name}.lock`)
  const holderFile = path.join(directory, `${name}.pid`)
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if (isBusy(error)) throw new DirectoryInUseError(directory, readHolder(holderFile))
    throw error
  }
  held.add(database)
  chmodSync(file, 0o600)
  writeFileSync(holderFile, `${process.pid}\n`)
  return {
    release() {
      if (!database.isOpen) return
      rmSync(holderFile, { force: true })
      held.delete(database)
      database.close()
    },
  }
}

/** The process that holds `<directory>/<name>.lock`; undefined where nobody does, null where it is not known. */
export const findHolder = (directory: string, name: string): number | null | undefined => {
  if (!existsSync(path.join(directory, `${name}.lock`))) return undefined
  try {
    lockDirectory(directory, name).release()
    return undefined
  } catch (error) {
    if (error instanceof DirectoryInUseError) return error.processId
    throw error
  }
}
