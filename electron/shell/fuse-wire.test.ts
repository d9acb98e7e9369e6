import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { fuseFileOf, readFuses } from './fuse-wire.ts'

const folder = mkdtempSync(join(tmpdir(), 'fuse-wire-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A binary with the wire after so many other bytes. */
function binary(before: number, version: number, wire: string): string {
  const path = join(folder, `${before}-${version}-${wire}`)
  const head = Buffer.concat([
    Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'),
    Buffer.from([version, wire.length]),
    Buffer.from(wire),
  ])
  writeFileSync(path, Buffer.concat([Buffer.alloc(before, 'x'), head, Buffer.alloc(1000, 'y')]))
  return path
}

const states = {
  runAsNode: true,
  enableCookieEncryption: false,
  enableNodeOptionsEnvironmentVariable: true,
  enableNodeCliInspectArguments: true,
  enableEmbeddedAsarIntegrityValidation: false,
  onlyLoadAppFromAsar: false,
  loadBrowserProcessSpecificV8Snapshot: null,
  grantFileProtocolExtraPrivileges: null,
}

test('the wire is found wherever it stands, also across the border of two pieces', async () => {
  const piece = 4 * 1024 * 1024
  for (const before of [0, piece - 40, piece - 33, piece - 1, piece, 2 * piece + 5])
    expect(await readFuses(binary(before, 1, '101100r')), `after ${before} bytes`).toEqual(states)
})

test('a file without a wire, or with one of another version, has no fuses', async () => {
  const none = join(folder, 'none')
  writeFileSync(none, 'a program')
  expect(await readFuses(none)).toBeNull()
  expect(await readFuses(binary(10, 2, '11'))).toBeNull()
})

test('on macOS the framework carries them', () => {
  expect(fuseFileOf('/Applications/Veridesk.app/Contents/MacOS/Veridesk', 'darwin')).toBe(
    '/Applications/Veridesk.app/Contents/Frameworks/Electron Framework.framework/Electron Framework',
  )
  expect(fuseFileOf('/opt/Veridesk/veridesk', 'linux')).toBe('/opt/Veridesk/veridesk')
})
