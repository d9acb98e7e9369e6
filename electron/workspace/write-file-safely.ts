import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs'
import path from 'node:path'
import { makeDurableFolder, syncFolder } from '../platform/durable-folder.ts'

/** Writes a small file so that after a crash it is either the old one or the new one, whole; once it returned, the new one. For its owner alone. */
export function writeFileSafely(file: string, text: string): void {
  makeDurableFolder(path.dirname(file))
  const temporary = `${file}.new`
  const descriptor = openSync(temporary, 'w', 0o600)
  try {
    writeSync(descriptor, text)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  renameSync(temporary, file)
  syncFolder(path.dirname(file))
}
