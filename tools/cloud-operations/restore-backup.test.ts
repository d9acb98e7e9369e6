import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockDirectory } from '../local-cloud/directory-lock.ts'
import { packArchive } from './archive.ts'
import type { BackupManifest } from './backup-manifest.ts'
import { restoreBackup } from './restore-backup.ts'
import { hashFile } from './write-backup.ts'

let folder: string
let dataDirectory: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'veridesk-restore-'))
  dataDirectory = path.join(folder, 'data')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const pack = async (changes: Partial<BackupManifest> = {}): Promise<string> => {
  const content = path.join(folder, 'content')
  mkdirSync(content)
  writeFileSync(path.join(content, 'data.sql.gz'), gzipSync(''))
  const manifest: BackupManifest = {
    format: 'veridesk-cloud-backup',
    version: 1,
    takenAt: '2026-11-20T21:33:00.000Z',
    serverVersion: '17.10',
    migrations: [],
    tables: {},
    files: { count: 0, missing: [] },
    dataSha256: await hashFile(path.join(content, 'data.sql.gz')),
    ...changes,
  }
  writeFileSync(path.join(content, 'manifest.json'), JSON.stringify(manifest))
  const file = path.join(folder, 'cloud.backup')
  packArchive(file, content, ['manifest.json', 'data.sql.gz'])
  return file
}
const restore = (file: string, options: { readonly reset?: boolean } = {}) =>
  restoreBackup({ file, dataDirectory, migrationsDirectory: folder, ...options })

test('a backup whose data was altered is refused before anything is touched', async () => {
  await expect(restore(await pack({ dataSha256: 'a'.repeat(64) }))).rejects.toThrow('was changed after it was taken')
  expect(existsSync(path.join(dataDirectory, 'postgres'))).toBe(false)
})

test('an archive of another kind, or of a newer program, is refused', async () => {
  await expect(restore(await pack({ version: 2 as 1 }))).rejects.toThrow('no backup of a cloud, or of a newer program')
})

test('a backup of a newer program is refused before anything is replaced', async () => {
  mkdirSync(path.join(dataDirectory, 'postgres'), { recursive: true })
  writeFileSync(path.join(dataDirectory, 'postgres.password'), 'secret')
  await expect(restore(await pack({ migrations: ['20991231235959'] }), { reset: true })).rejects.toThrow(
    'has the migration 20991231235959, which this program has not',
  )
  expect(existsSync(path.join(dataDirectory, 'postgres'))).toBe(true)
})

test('a data directory with a database is kept unless it is to be replaced', async () => {
  mkdirSync(path.join(dataDirectory, 'postgres'), { recursive: true })
  writeFileSync(path.join(dataDirectory, 'postgres.password'), 'secret')
  await expect(restore(await pack())).rejects.toThrow('Add --reset to replace it')
  expect(readFileSync(path.join(dataDirectory, 'postgres.password'), 'utf8')).toBe('secret')
})

test('nothing is restored under a cloud that runs', async () => {
  const lock = lockDirectory(dataDirectory, 'cloud')
  await expect(restore(await pack(), { reset: true })).rejects.toThrow('is in use by process')
  lock.release()
})

test('what a failed restore unpacked is gone', async () => {
  await expect(restore(await pack({ dataSha256: 'a'.repeat(64) }))).rejects.toThrow()
  await expect(restore(path.join(folder, 'nothing.tar'))).rejects.toThrow('reading a backup failed')
  expect(readdirSync(dataDirectory).filter((name) => name.startsWith('.restore-'))).toEqual([])
})
