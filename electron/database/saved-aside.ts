import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { Clock } from '../platform/clock.ts'
import { makeDurableFolder, syncFolder } from '../platform/durable-folder.ts'
import type { Log } from '../platform/log.ts'
import { fileTime } from './backup.ts'
import { type Connection, openConnection } from './connection.ts'
import { inTransaction } from './database.ts'
import { localTableNames, type SavedRow, type SavedTables, salvage } from './salvage.ts'
import { readSealedFile, writeSealedFile } from './sealed-file.ts'

/** Where a damaged database went, and what could be read out of it. */
export interface SavedAside {
  readonly folder: string
  /** Changes that the cloud had not taken yet; null when nothing could be read. */
  readonly unsentChanges: number | null
}

const sealedName = 'local-work.sealed'
const unsentStates = new Set(['held', 'queued', 'sending', 'conflict', 'rejected', 'waiting'])
const companions = ['', '-wal', '-shm'] as const

/** Where the copy of a database's first page lies. */
const firstPagePath = (path: string): string => `${path}.first-page`

const savedAsideDirectory = (path: string): string => join(dirname(path), 'saved-aside')

/** As large as a page of ours is at the most. */
const firstPageBytes = 8192

/** The first bytes of a file, which may be of any size. */
function readBeginning(path: string, length: number): Uint8Array {
  const file = openSync(path, 'r')
  try {
    const bytes = new Uint8Array(length)
    return bytes.subarray(0, readSync(file, bytes, 0, length, 0))
  } finally {
    closeSync(file)
  }
}

/**
 * Keeps a copy of the first page, encrypted as it is. It holds the root of everything: with it a file whose beginning was overwritten
 * can still be read. Best effort.
 */
export function keepFirstPage(path: string): void {
  try {
    const page = readBeginning(path, firstPageBytes)
    const partial = `${firstPagePath(path)}.part`
    const file = openSync(partial, 'w')
    writeSync(file, page)
    closeSync(file)
    renameSync(partial, firstPagePath(path))
  } catch {
    // Without the copy there is one way fewer to save a damaged file; nothing else depends on it.
  }
}

/**
 * Saves a damaged database aside: local work that is readable goes into an encrypted file, then the damaged file itself is moved into
 * the same folder. Nothing is deleted. Nobody may have the database open.
 */
export function saveAside(path: string, keyHex: string, clock: Clock): SavedAside {
  const folder = join(savedAsideDirectory(path), fileTime(clock))
  makeDurableFolder(folder)
  const saved = readDamaged(path, keyHex, folder)
  const found = Object.values(saved ?? {}).some((rows) => rows.length > 0)
  if (saved !== null && found)
    writeSealedFile(join(folder, sealedName), keyHex, JSON.stringify({ version: 1, tables: saved }))
  for (const companion of companions) {
    if (existsSync(path + companion)) renameSync(path + companion, join(folder, `workspace.db${companion}`))
  }
  // Before a new database takes the old one's place: from here on this folder is all that is left of unsent work.
  syncFolder(folder)
  rmSync(firstPagePath(path), { force: true })
  return {
    folder,
    unsentChanges: found ? (saved?.outbox ?? []).filter(({ state }) => unsentStates.has(String(state))).length : null,
  }
}

/** Works on a copy, because opening a damaged file can change it. */
function readDamaged(path: string, keyHex: string, folder: string): SavedTables | null {
  const copy = join(folder, 'being-read.db')
  try {
    for (const companion of companions) {
      if (existsSync(path + companion)) copyFileSync(path + companion, copy + companion)
    }
    const asItIs = readTables(copy, keyHex)
    if (asItIs !== null) return asItIs
    // SQLite refuses a file that is shorter than its first page says, but not one that is longer.
    truncateSync(copy, statSync(path).size * 4)
    const asFarAsItGoes = readTables(copy, keyHex)
    if (asFarAsItGoes !== null || !existsSync(firstPagePath(path))) return asFarAsItGoes
    const file = openSync(copy, 'r+')
    try {
      writeSync(file, readFileSync(firstPagePath(path)), 0, undefined, 0)
    } finally {
      closeSync(file)
    }
    return readTables(copy, keyHex)
  } finally {
    for (const companion of companions) rmSync(copy + companion, { force: true })
  }
}

function readTables(path: string, keyHex: string): SavedTables | null {
  let connection: Connection | null = null
  try {
    connection = openConnection(path, keyHex, 'write')
    connection.prepare('select count(*) from sqlite_master').get()
    return salvage(connection)
  } catch {
    return null
  } finally {
    connection?.close()
  }
}

/**
 * Brings local work that was saved aside into a database that has none yet, once. Not only into one that was made just now: the start
 * that made it may have been cut off before it came to this. What was on its way is sent again: the cloud knows each change by its id.
 * A file that does not open stays where it is.
 */
export function restoreSavedWork(connection: Connection, path: string, keyHex: string, log: Log): void {
  const directory = savedAsideDirectory(path)
  if (!existsSync(directory) || holdsLocalWork(connection)) return
  for (const name of readdirSync(directory).sort()) {
    const sealed = join(directory, name, sealedName)
    if (!existsSync(sealed)) continue
    try {
      const { tables } = JSON.parse(readSealedFile(sealed, keyHex)) as { readonly tables: SavedTables }
      inTransaction(connection, () => insertSaved(connection, tables))
      renameSync(sealed, `${sealed}.restored`)
      log.info('database.saved_work_restored', { changes: tables.outbox?.length ?? 0 })
    } catch (error) {
      log.error('database.saved_work_not_restored', { reason: error instanceof Error ? error.name : 'unknown' })
    }
  }
}

/** Work that has begun keeps its own numbers and its own chain: nothing can be put beneath it. */
const holdsLocalWork = (connection: Connection): boolean =>
  connection.prepare('select 1 from outbox union all select 1 from audit_event limit 1').get() !== undefined

function insertSaved(connection: Connection, tables: SavedTables): void {
  for (const table of localTableNames) {
    const rows = tables[table] ?? []
    // A chain with a hole would look like tampering: it stays in the file, and a new chain begins.
    if (table === 'audit_event' && rows.some(({ sequence }, index) => sequence !== index + 1)) continue
    for (const row of rows) insertRow(connection, table, row)
  }
  connection.prepare("update outbox set state = 'queued' where state = 'sending'").run()
}

function insertRow(connection: Connection, table: string, row: SavedRow): void {
  const columns = Object.keys(row)
  const values = Object.values(row).map((value) =>
    typeof value === 'object' && value !== null ? Buffer.from(value.base64, 'base64') : value,
  )
  connection
    .prepare(`insert or ignore into ${table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`)
    .run(...values)
}
