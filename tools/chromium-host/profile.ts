import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isRunning, thisOwner } from './owner.ts'

const prefix = 'veridesk-chromium-'
/** A profile that has no owner file yet may be one that another process is just making. */
const graceMilliseconds = 60_000

const remove = (path: string) => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 40 })

const isLeftBehind = (path: string): boolean => {
  try {
    return !isRunning(readFileSync(join(path, 'owner.json'), 'utf8'))
  } catch {
    return Date.now() - statSync(path).mtimeMs > graceMilliseconds
  }
}

/** Removes profiles whose process was killed. Another user's, or one whose browser is still ending, is left for next time. */
export function sweepProfiles(folder: string = tmpdir()): readonly string[] {
  const swept: string[] = []
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(prefix)) continue
    try {
      const path = join(folder, name)
      if (!isLeftBehind(path)) continue
      remove(path)
      swept.push(path)
    } catch {}
  }
  return swept
}

/** Makes an empty browser profile that carries its owner's name, and says how to remove it. */
export function createProfile(folder: string = tmpdir()): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(folder, prefix))
  writeFileSync(join(path, 'owner.json'), JSON.stringify(thisOwner()))
  return {
    path,
    remove: () => {
      try {
        remove(path)
      } catch {}
    },
  }
}
