import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const macPaths = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

const canRun = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Path of the system's Chromium: `VERIDESK_CHROMIUM`, then PATH, then where macOS keeps it. Null when there is none. */
export function findChromium(
  environment: Readonly<Record<string, string | undefined>>,
  exists: (path: string) => boolean = canRun,
): string | null {
  const given = environment.VERIDESK_CHROMIUM
  if (given) return exists(given) ? given : null
  const folders = (environment.PATH ?? '').split(delimiter).filter(Boolean)
  const candidates = [...folders.flatMap((folder) => names.map((name) => join(folder, name))), ...macPaths]
  return candidates.find(exists) ?? null
}

/** What to tell a person who has no Chromium. */
export const chromiumMissing = (environment: Readonly<Record<string, string | undefined>>): string =>
  environment.VERIDESK_CHROMIUM
    ? `Chromium host: VERIDESK_CHROMIUM names ${environment.VERIDESK_CHROMIUM}, which cannot be run. Correct it or unset it.`
    : 'Chromium host: no Chromium was found. Install it (Debian, Ubuntu: apt-get install chromium) or set VERIDESK_CHROMIUM to its path.'
