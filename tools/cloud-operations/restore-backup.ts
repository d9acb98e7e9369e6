import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { readDatabaseIdentity } from '../local-cloud/database-identity.ts'
import { lockDirectory } from '../local-cloud/directory-lock.ts'
import { findCluster } from '../local-cloud/make-cluster.ts'
import { migrate } from '../local-cloud/migrate.ts'
import { prepareDatabase } from '../local-cloud/prepare-database.ts'
import { readServerLocation } from '../local-cloud/server-location.ts'
import { startPostgres } from '../local-cloud/start-postgres.ts'
import { unpackArchive } from './archive.ts'
import { type BackupManifest, backupManifest, keyFiles, parts } from './backup-manifest.ts'
import { loadData } from './load-data.ts'
import { hashFile } from './write-backup.ts'

/** What `private.finish_restore()` found. */
export interface RestoreReport {
  readonly ok: boolean
  readonly server_epoch: string
  readonly chain: unknown
  readonly feed: { readonly entries: number; readonly differences: number }
  readonly sequences_advanced: number
  readonly jobs_released: number
}

/** How a backup is restored. */
export interface RestoreOptions {
  readonly file: string
  /** Of a cloud that does not run. */
  readonly dataDirectory: string
  readonly migrationsDirectory: string
  /** Removes what is in the data directory first; without it, it must have no database. */
  readonly reset?: boolean
  /** An empty database in place of one in the data directory. */
  readonly databaseUrl?: string
  readonly durable?: boolean
  readonly log?: (line: string) => void
}

/** Where the migrations of the backup are put, in the folder that it is unpacked to. */
const MIGRATIONS = 'migrations'

const readManifest = async (folder: string): Promise<BackupManifest> => {
  const file = path.join(folder, parts.manifest)
  const read = existsSync(file) ? backupManifest.safeParse(JSON.parse(readFileSync(file, 'utf8'))) : null
  if (read === null || !read.success) throw new Error('This file is no backup of a cloud, or of a newer program.')
  if ((await hashFile(path.join(folder, parts.data))) !== read.data.dataSha256)
    throw new Error('The data of this backup was changed after it was taken, or is damaged. Take another backup.')
  return read.data
}

const versionOf = (file: string): string => /^\d+/.exec(file)?.[0] ?? ''

/** The migrations that the backup was taken with, in a folder of their own: rows fit the tables they come from. */
const copyMigrations = (manifest: BackupManifest, from: string, to: string): void => {
  mkdirSync(to)
  const wanted = new Set(manifest.migrations)
  for (const file of readdirSync(from).filter((name) => name.endsWith('.sql') && wanted.delete(versionOf(name))))
    copyFileSync(path.join(from, file), path.join(to, file))
  const [unknown] = wanted
  if (unknown !== undefined)
    throw new Error(`The backup has the migration ${unknown}, which this program has not. Update the program first.`)
}

const requireEmpty = async (client: pg.Client): Promise<void> => {
  const { rows } = await client.query<{ users: string | null }>(`select to_regclass('public.users')::text as users`)
  if (rows[0]?.users != null)
    throw new Error('This database is not empty. A backup is restored into an empty one, so that nothing is mixed.')
}

const checkCounts = (manifest: BackupManifest, loaded: Readonly<Record<string, number>>): void => {
  for (const [table, rows] of Object.entries(manifest.tables))
    if (loaded[table] !== rows)
      throw new Error(`${table} has ${loaded[table] ?? 0} rows after restoring, and ${rows} in the backup.`)
}

const fillDatabase = async (
  client: pg.Client,
  folder: string,
  manifest: BackupManifest,
  options: RestoreOptions,
): Promise<RestoreReport> => {
  await prepareDatabase(client)
  await migrate(client, path.join(folder, MIGRATIONS))
  checkCounts(manifest, await loadData(client, path.join(folder, parts.data)))
  const newer = await migrate(client, options.migrationsDirectory)
  if (newer.length > 0) options.log?.(`Applied ${newer.length} migrations that are newer than the backup.`)
  const { rows } = await client.query<{ report: RestoreReport }>('select private.finish_restore() as report')
  const report = rows[0]?.report
  if (report === undefined) throw new Error('finish_restore() answers with a report')
  return report
}

/** Keys that are there stay: workstations of this cloud know them. */
const placeFiles = (folder: string, dataDirectory: string, identity: string): void => {
  const objects = path.join(folder, parts.objects)
  if (existsSync(objects)) {
    const place = path.join(dataDirectory, 'objects', identity)
    rmSync(place, { recursive: true, force: true })
    mkdirSync(path.dirname(place), { recursive: true, mode: 0o700 })
    renameSync(objects, place)
  }
  for (const name of keyFiles) {
    const [from, to] = [path.join(folder, name), path.join(dataDirectory, name)]
    if (existsSync(from) && !existsSync(to)) renameSync(from, to)
  }
}

/**
 * Restores a backup into an empty cloud and leaves it stopped: tables by the migrations of then, rows, the migrations since, and
 * `private.finish_restore()`, whose report it answers with; then the stored files. The cloud is not to be started when `ok` is false.
 * Throws, in a sentence, where nothing was or could be restored.
 */
export const restoreBackup = async (options: RestoreOptions): Promise<RestoreReport> => {
  const dataDirectory = path.resolve(options.dataDirectory)
  const lock = lockDirectory(dataDirectory, 'cloud')
  const folder = mkdtempSync(path.join(dataDirectory, '.restore-'))
  try {
    unpackArchive(path.resolve(options.file), folder)
    const manifest = await readManifest(folder)
    copyMigrations(manifest, options.migrationsDirectory, path.join(folder, MIGRATIONS))
    const own = options.databaseUrl === undefined
    if (own && options.reset !== true && findCluster(readServerLocation(dataDirectory)) !== undefined)
      throw new Error(`${dataDirectory} has a database. Add --reset to replace it, or choose another directory.`)
    const server = own
      ? await startPostgres({
          dataDirectory,
          reset: options.reset === true,
          ...(options.durable === undefined ? {} : { durable: options.durable }),
        })
      : null
    try {
      const client = new pg.Client({ connectionString: server?.connectionString ?? options.databaseUrl })
      await client.connect()
      try {
        await requireEmpty(client)
        const report = await fillDatabase(client, folder, manifest, options)
        placeFiles(folder, dataDirectory, await readDatabaseIdentity(client))
        return report
      } finally {
        await client.end()
      }
    } finally {
      await server?.stop()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
    lock.release()
  }
}
