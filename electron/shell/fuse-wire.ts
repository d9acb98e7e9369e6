import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Electron's fuses in the order of their wire (Electron, "Electron Fuses", wire version 1). */
const fuseNames = [
  'runAsNode',
  'enableCookieEncryption',
  'enableNodeOptionsEnvironmentVariable',
  'enableNodeCliInspectArguments',
  'enableEmbeddedAsarIntegrityValidation',
  'onlyLoadAppFromAsar',
  'loadBrowserProcessSpecificV8Snapshot',
  'grantFileProtocolExtraPrivileges',
] as const

/** A switch that is set in Electron's binary when the program is packaged. */
export type FuseName = (typeof fuseNames)[number]

/** State of each fuse; null where the binary does not have it (any more). */
export type FuseStates = Readonly<Record<FuseName, boolean | null>>

/** How the packaged program has to be: the same as `electronFuses` in electron-builder.yml. */
export const packagedFuses: Readonly<Record<FuseName, boolean>> = {
  runAsNode: true,
  enableCookieEncryption: true,
  enableNodeOptionsEnvironmentVariable: false,
  enableNodeCliInspectArguments: false,
  enableEmbeddedAsarIntegrityValidation: true,
  onlyLoadAppFromAsar: true,
  loadBrowserProcessSpecificV8Snapshot: false,
  grantFileProtocolExtraPrivileges: false,
}

/** Stands before the wire in the binary; then come the wire's version, its length, and a character for each fuse. */
const sentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'
const chunkBytes = 4 * 1024 * 1024

/** The file that carries the fuses of the running executable: on macOS the framework inside the bundle. */
export const fuseFileOf = (executable: string, platform: NodeJS.Platform): string =>
  platform === 'darwin'
    ? join(dirname(executable), '..', 'Frameworks', 'Electron Framework.framework', 'Electron Framework')
    : executable

/** Reads the fuses of Electron's binary; null when the file has none. The binary is large and is read in pieces. */
export async function readFuses(path: string): Promise<FuseStates | null> {
  const file = await open(path, 'r')
  try {
    // A piece overlaps the one before it by as much as sentinel and wire can be cut at its end.
    const overlap = sentinel.length + 2 + 255
    const buffer = Buffer.alloc(chunkBytes + overlap)
    for (let position = 0; ; position += chunkBytes) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, position)
      const piece = buffer.subarray(0, bytesRead)
      const found = piece.indexOf(sentinel, 0, 'latin1')
      if (found >= 0 && found < chunkBytes) return readWire(piece.subarray(found + sentinel.length))
      if (bytesRead < buffer.length) return null
    }
  } finally {
    await file.close()
  }
}

function readWire(wire: Buffer): FuseStates | null {
  const [version, length = 0] = wire
  if (version !== 1) return null
  const stateAt = (index: number): boolean | null => {
    const character = index < length ? String.fromCharCode(wire[2 + index] ?? 0) : ''
    return character === '1' ? true : character === '0' ? false : null
  }
  return Object.fromEntries(fuseNames.map((name, index) => [name, stateAt(index)])) as FuseStates
}
