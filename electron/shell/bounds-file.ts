import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { WindowBoundsStore } from './window.ts'
import type { WindowBounds } from './window-bounds.ts'

const isBounds = (value: unknown): value is WindowBounds =>
  typeof value === 'object' &&
  value !== null &&
  ['x', 'y', 'width', 'height'].every((key) => typeof (value as Record<string, unknown>)[key] === 'number')

/** Keeps the window's place in a small file. It is no loss if it cannot be read or written: the window opens at its first place. */
export function boundsFile(path: string): WindowBoundsStore {
  return {
    load: () => {
      try {
        const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
        return isBounds(value) ? value : null
      } catch {
        return null
      }
    },
    save: (bounds) => {
      try {
        mkdirSync(dirname(path), { recursive: true })
        writeFileSync(path, JSON.stringify(bounds))
      } catch {
        // A full disk is reported where work would be lost.
      }
    },
  }
}
