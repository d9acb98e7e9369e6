import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { readDatabaseIdentity } from '../local-cloud/database-identity.ts'
import { packArchive } from './archive.ts'
import { type BackupManifest, keyFiles, parts } from './backup-manifest.ts'
import { dumpData } from './dump-data.ts'

/** SHA-256 of a file, in hexadecimal. */
export const hashFile = async (file: string): Promise<string> => {
  const digest = createHash('sha256')
  for await (const chunk of createReadStream(file)) digest.update(chunk as Buffer)
  return digest.digest('hex')
}

const placeOf = (version: string): string => `${version.slice(0, 2)}/${version}`

/**
 * Writes a backup of a running cloud to `file`, complete or not at all: its rows as of one moment, the stored files they name, and
 * the cloud's keys, so that workstations find what is restored under the same key. Whoever has the file has everything.
 * `dataDirectory` has files and keys; a hosted project has neither, and its backup has the rows alone.
 */
export const writeBackup = async (options: {
  readonly databaseUrl: string
  readonly dataDirectory: string
  readonly file: string
}): Promise<BackupManifest> => {
  const { databaseUrl, dataDirectory } = options
  const file = path.resolve(options.file)
  mkdirSync(path.dirname(file), { recursive: true })
  const folder = mkdtempSync(path.join(path.dirname(file), '.backup-'))
  const client = new pg.Client({ connectionString: databaseUrl })
  try {
    await client.connect()
    const takenAt = new Date().toISOString()
    const data = path.join(folder, parts.data)
    const dumped = await dumpData(client, data)
    const { rows } = await client.query<{ version: string }>(`select current_setting('server_version') as version`)

    const objects = path.join(dataDirectory, 'objects', await readDatabaseIdentity(client))
    const present = dumped.fileVersions.filter((version) => existsSync(path.join(objects, placeOf(version))))
    const missing = dumped.fileVersions.filter((version) => !existsSync(path.join(objects, placeOf(version))))
    const names: string[] = [parts.manifest, parts.data]
    if (present.length > 0) {
      symlinkSync(objects, path.join(folder, parts.objects), 'junction')
      names.push(...present.map((version) => `${parts.objects}/${placeOf(version)}`))
    }
    for (const name of keyFiles.filter((key) => existsSync(path.join(dataDirectory, key)))) {
      copyFileSync(path.join(dataDirectory, name), path.join(folder, name))
      names.push(name)
    }
    const manifest: BackupManifest = {
      format: 'veridesk-cloud-backup',
      version: 1,
      takenAt,
      serverVersion: rows[0]?.version ?? '',
      migrations: [...dumped.migrations],
      tables: { ...dumped.rows },
      files: { count: present.length, missing },
      dataSha256: await hashFile(data),
    }
    writeFileSync(path.join(folder, parts.manifest), `${JSON.stringify(manifest, null, 2)}\n`)
    const unfinished = path.join(folder, 'archive.tar')
    packArchive(unfinished, folder, names)
    chmodSync(unfinished, 0o600)
    renameSync(unfinished, file)
    return manifest
  } finally {
    await client.end()
    rmSync(folder, { recursive: true, force: true })
  }
}
