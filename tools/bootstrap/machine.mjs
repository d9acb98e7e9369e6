/* What the bootstrap finds out about this machine. */
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { majorOf, nodePackages, programNode } from './decisions.mjs'

const canRun = (path) => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Whether a command is on PATH. */
export const isOnPath = (command) =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .filter(Boolean)
    .some((folder) => canRun(join(folder, command)))

/** JSON content of a file; null when it is not there or is not JSON. */
export function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return null
  }
}

/** Whether Electron's own binary has been downloaded. */
export function hasElectronBinary(root) {
  const folder = join(root, 'node_modules/electron')
  const pathFile = join(folder, 'path.txt')
  return existsSync(pathFile) && existsSync(join(folder, 'dist', readFileSync(pathFile, 'utf8')))
}

/** Whether windows can be shown. */
export const hasDisplay = () =>
  process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)

/** Path of a Node that can run the program's sources: this one, or the one among the packages. Null when there is none. */
export function findNode(root) {
  if (majorOf(process.versions.node) >= programNode) return process.execPath
  for (const name of nodePackages(process.platform, process.arch)) {
    const folder = join(root, 'node_modules', name)
    const manifest = readJson(join(folder, 'package.json'))
    const binary = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
    if (manifest && majorOf(manifest.version) >= programNode && canRun(binary)) return binary
  }
  return null
}
