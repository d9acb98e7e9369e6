import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'

const tar = (parameters: readonly string[], what: string): void => {
  const { status, stderr, error } = spawnSync('tar', [...parameters], { encoding: 'utf8', windowsHide: true })
  if (error !== undefined) throw new Error(`The program tar, which ${what} needs, could not be run: ${error.message}`)
  if (status !== 0) throw new Error(`${what} failed: ${stderr.trim()}`)
}

/** Packs files of `folder`, by their names relative to it, into a tar archive that any `tar` unpacks. */
export const packArchive = (archive: string, folder: string, names: readonly string[]): void => {
  const list = path.join(folder, 'archive.list')
  writeFileSync(list, names.map((name) => `${name}\n`).join(''))
  tar(['-cf', archive, '-C', folder, '-T', list], 'writing a backup')
}

/** Unpacks an archive into an empty folder. */
export const unpackArchive = (archive: string, folder: string): void =>
  tar(['-xf', archive, '-C', folder, '--no-same-owner'], 'reading a backup')
