import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const repository = resolve(import.meta.dirname, '../..')

/** Electron's own binary when it has been downloaded; null when not. Never downloads. */
export function electronBinary(root: string = repository): string | null {
  const folder = join(root, 'node_modules/electron')
  const pathFile = join(folder, 'path.txt')
  if (!existsSync(pathFile)) return null
  const binary = join(folder, 'dist', readFileSync(pathFile, 'utf8'))
  return existsSync(binary) ? binary : null
}

/** What runs the program: `APP_EXECUTABLE`, Electron where it is there, else Node with the system's Chromium. */
export function electronExecutable(root: string = repository): string {
  return process.env.APP_EXECUTABLE || (electronBinary(root) ?? join(root, 'tools/chromium-host/electron'))
}
