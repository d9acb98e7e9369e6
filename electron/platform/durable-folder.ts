import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs'
import path from 'node:path'

/** Makes a folder, and those above it, for their owner alone, so that a power loss afterwards leaves all of them there. */
export function makeDurableFolder(directory: string): void {
  const first = mkdirSync(directory, { recursive: true, mode: 0o700 })
  if (first === undefined) return
  // Each new folder is a name in the one above it.
  const end = path.dirname(path.resolve(first))
  for (let above = path.dirname(path.resolve(directory)); ; above = path.dirname(above)) {
    syncFolder(above)
    if (above === end || above === path.dirname(above)) return
  }
}

/** Puts on the disk which names a folder holds: a file that was made or renamed there is found after a power loss from then on. */
export function syncFolder(directory: string): void {
  // Windows has no such call and orders names by itself.
  if (process.platform === 'win32') return
  const descriptor = openSync(directory, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
