import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { migrations as allMigrations, type Migration } from '../../migrations/index.ts'
import { fail, ok, type Result } from '../../shared/result.ts'
import type { Clock } from '../platform/clock.ts'
import { makeDurableFolder } from '../platform/durable-folder.ts'
import { sha256Hex } from '../platform/identifiers.ts'
import type { Log } from '../platform/log.ts'
import { backUp } from './backup.ts'
import { beginUse, type Connection, findDamage, openConnection } from './connection.ts'
import { createDatabase, inTransaction, type WorkspaceDatabase } from './database.ts'
import { restoreNextUpkeep } from './deferred-upkeep.ts'
import { createHandle } from './handles.ts'
import { migrate, readMigrationState } from './migrator.ts'
import { keepFirstPage, restoreSavedWork, saveAside } from './saved-aside.ts'
import { storageFailure } from './storage-error.ts'
import { takeWorkspaceLock } from './workspace-lock.ts'

/** What is needed to open a workspace. */
export interface OpenOptions {
  readonly path: string
  /** The raw 256-bit key, 64 hexadecimal digits. */
  readonly keyHex: string
  readonly clock: Clock
  /** Where copies go before an upgrade. */
  readonly backupDirectory: string
  readonly log: Log
  /** The history to bring the database to; the program's own unless a test says otherwise. */
  readonly migrations?: readonly Migration[]
}

/**
 * Up to this size the whole file is checked at every start (some 50 ms). Past it, only after the last use did not end cleanly or met
 * damage: every page is authenticated and noticed anyway when it is read.
 */
const alwaysCheckedBytes = 16 * 1024 * 1024

/**
 * Opens the encrypted database, upgrading it if need be. Fails with
 * `database_locked` (open elsewhere), `key_lost` (the key does not fit; nothing is touched), `database_newer` (nothing is touched),
 * `database_corrupt` (saved aside; opening again begins a new one with the saved work in it), or `disk_full`.
 */
export function openWorkspaceDatabase(options: OpenOptions): Result<WorkspaceDatabase> {
  const { path } = options
  try {
    makeDurableFolder(dirname(path))
    const lock = takeWorkspaceLock(`${path}.lock`)
    if (!lock.ok) return lock
    try {
      const opened = openLocked(options, lock.value.release)
      if (!opened.ok) lock.value.release()
      return opened
    } catch (error) {
      lock.value.release()
      throw error
    }
  } catch (error) {
    const failure = storageFailure(error)
    if (failure === null) throw error
    return { ok: false, error: failure }
  }
}

function openLocked(options: OpenOptions, release: () => void): Result<WorkspaceDatabase> {
  const { path, keyHex, log, clock } = options
  const started = clock.elapsedMilliseconds()
  const isNew = !existsSync(path) || statSync(path).size === 0
  const usedUncleanly = existsSync(`${path}-wal`) || existsSync(suspectPath(path))
  if (isNew) writeFileSync(keyCheckPath(path), keyCheck(keyHex))

  const writer = openConnection(path, keyHex, 'write')
  let reader: Connection | null = null
  try {
    const damage = readBeginning(writer, options, usedUncleanly)
    if (damage !== null) {
      writer.close()
      return damage === 'wrong key' ? wrongKey() : saveAsideAndFail(options, damage)
    }
    if (!isNew) finishBulkLoad(writer)
    const upgraded = upgrade(writer, options)
    if (!upgraded.ok) {
      writer.close()
      return upgraded
    }
    restoreSavedWork(writer, path, keyHex, log)
    rmSync(suspectPath(path), { force: true })
    writer.pragma('wal_checkpoint(truncate)')
    keepFirstPage(path)
    reader = openConnection(path, keyHex, 'read')
    beginUse(reader)
  } catch (error) {
    reader?.close()
    writer.close()
    throw error
  }
  log.info('database.opened', { milliseconds: Math.round(clock.elapsedMilliseconds() - started), isNew })
  return ok(
    createDatabase({
      writer,
      reader,
      onDamage: () => writeFileSync(suspectPath(path), ''),
      release: () => {
        keepFirstPage(path)
        release()
      },
    }),
  )
}

/** Null when the file can be used; else what is wrong with it. */
function readBeginning(writer: Connection, { path, keyHex }: OpenOptions, usedUncleanly: boolean): string | null {
  try {
    beginUse(writer)
    if (!existsSync(keyCheckPath(path))) writeFileSync(keyCheckPath(path), keyCheck(keyHex))
    if (usedUncleanly || statSync(path).size <= alwaysCheckedBytes) return findDamage(writer)
    return null
  } catch (error) {
    if (storageFailure(error)?.code !== 'database_corrupt') throw error
    return keyFits(path, keyHex) ? 'unreadable' : 'wrong key'
  }
}

/** Makes the indexes that a program which ended in the middle of a first mirror had put off: a migration may count on them. */
function finishBulkLoad(writer: Connection): void {
  const begun = writer.prepare("select 1 from sqlite_master where type = 'table' and name = 'workspace_fact'").get()
  const handle = createHandle(writer)
  while (begun !== undefined && inTransaction(writer, () => restoreNextUpkeep(handle)));
}

function upgrade(writer: Connection, options: OpenOptions): Result<null> {
  const { path, backupDirectory, clock, log, migrations = allMigrations } = options
  const state = readMigrationState(writer, migrations)
  if (!state.ok) return state
  const { applied, pending } = state.value
  if (pending.length === 0) return ok(null)
  if (applied.length > 0) {
    backUp(writer, path, backupDirectory, clock)
    log.info('database.backed_up', { pending: pending.length })
  }
  migrate(writer, pending, clock)
  return ok(null)
}

function saveAsideAndFail({ path, keyHex, clock, log }: OpenOptions, damage: string): Result<never> {
  const { folder, unsentChanges } = saveAside(path, keyHex, clock)
  rmSync(suspectPath(path), { force: true })
  log.error('database.saved_aside', { damage, unsentChanges })
  const kept = `The damaged file is kept in ${folder}.`
  return fail(
    'database_corrupt',
    unsentChanges === null
      ? `The local database was damaged, and what was not sent could not be read from it. ${kept}`
      : `The local database was damaged. ${unsentChanges === 1 ? '1 change' : `${unsentChanges} changes`} not yet sent could be saved. ${kept}`,
    unsentChanges === null
      ? 'Start again: everything the cloud holds is mirrored anew. Keep that folder and ask your administrator for help with it.'
      : 'Start again: everything the cloud holds is mirrored anew, and your saved changes are put back and sent.',
    { folder, unsentChanges, damage },
  )
}

const wrongKey = (): Result<never> =>
  fail(
    'key_lost',
    'The local data cannot be opened with the key of this computer. Nothing was changed.',
    'Restore the key file from a backup of this computer, or sign in under a new workspace and mirror again.',
  )

const suspectPath = (path: string): string => `${path}.suspect`
const keyCheckPath = (path: string): string => `${path}.key-check`

/** Tells a wrong key from a damaged file. A hash of 256 random bits gives nothing away. */
const keyCheck = (keyHex: string): string => sha256Hex(`veridesk key check ${keyHex}`)

function keyFits(path: string, keyHex: string): boolean {
  return existsSync(keyCheckPath(path)) && readFileSync(keyCheckPath(path), 'utf8') === keyCheck(keyHex)
}
