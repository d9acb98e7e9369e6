import { closeSync, copyFileSync, fsyncSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../platform/clock.ts'
import { makeDurableFolder, syncFolder } from '../platform/durable-folder.ts'
import type { Connection } from './connection.ts'

const keptBackups = 3
const backupName = /^workspace-\d{8}T\d{9}Z\.db$/

/** An instant as part of a file name, `20261120T213300000Z`. */
export const fileTime = (clock: Clock): string => clock.now().replaceAll(/[-:.]/g, '')

/**
 * Copies the encrypted file, as it is, before an upgrade changes it; only the last three copies stay. The write-ahead log is emptied
 * into the file first. Throws when the disk does not take it: then there is no upgrade either.
 */
export function backUp(connection: Connection, path: string, directory: string, clock: Clock): string {
  makeDurableFolder(directory)
  connection.pragma('wal_checkpoint(truncate)')
  const target = join(directory, `workspace-${fileTime(clock)}.db`)
  const partial = `${target}.part`
  try {
    copyFileSync(path, partial)
    const file = openSync(partial, 'r+')
    try {
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(partial, target)
    syncFolder(directory)
  } catch (error) {
    rmSync(partial, { force: true })
    throw error
  }
  const backups = readdirSync(directory).filter((name) => backupName.test(name))
  for (const name of backups.sort().slice(0, -keptBackups)) rmSync(join(directory, name))
  return target
}
