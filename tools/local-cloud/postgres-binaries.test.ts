import { chmodSync, existsSync, mkdirSync, readlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { majorVersion, preparePostgresBinaries, programsIn } from './postgres-binaries.ts'
import { serverAccount } from './server-account.ts'
import { makeTemporaryFolder } from './testing.ts'

let folder: ReturnType<typeof makeTemporaryFolder>
let installed: string

/** A package as npm unpacks it when install scripts do not run: the links are only a list. */
beforeEach(() => {
  folder = makeTemporaryFolder()
  chmodSync(folder.path, 0o755)
  installed = path.join(folder.path, 'package')
  mkdirSync(path.join(installed, 'native/bin'), { recursive: true })
  mkdirSync(path.join(installed, 'native/lib'))
  writeFileSync(path.join(installed, 'package.json'), '{"version": "17.0.0"}')
  writeFileSync(path.join(installed, 'native/lib/libpq.so.5.17'), 'library')
  writeFileSync(
    path.join(installed, 'native/pg-symlinks.json'),
    JSON.stringify([{ source: 'native/lib/libpq.so.5.17', target: 'native/lib/libpq.so.5' }]),
  )
})
afterEach(() => {
  chmodSync(installed, 0o755)
  folder.remove()
})

test('the links that an install script would have made are made, once', () => {
  const first = preparePostgresBinaries(folder.path, serverAccount(), installed)
  const second = preparePostgresBinaries(folder.path, serverAccount(), installed)
  expect(readlinkSync(path.join(installed, 'native/lib/libpq.so.5'))).toBe('libpq.so.5.17')
  expect(path.dirname(first.postgres)).toBe(path.join(installed, 'native/bin'))
  expect(second).toEqual(first)
})

test('the version of a server is what its program says; of a folder without one there is none', () => {
  expect(majorVersion(preparePostgresBinaries(folder.path, serverAccount()))).toBe(17)
  expect(majorVersion(programsIn(path.join(folder.path, 'nothing')))).toBeNull()
})

test.runIf(process.getuid?.() === 0)('a server below a folder that only root may enter is copied', () => {
  chmodSync(installed, 0o700)
  const binaries = preparePostgresBinaries(folder.path, serverAccount(), installed)
  const native = path.join(folder.path, 'server-17.0.0/native')
  expect(path.dirname(binaries.postgres)).toBe(path.join(native, 'bin'))
  expect(readlinkSync(path.join(native, 'lib/libpq.so.5'))).toBe('libpq.so.5.17')
  expect(existsSync(path.join(folder.path, 'server-17.0.0.unfinished'))).toBe(false)
})

test.runIf(process.platform !== 'win32' && process.getuid?.() !== 0)(
  'a server in a folder that cannot be written is copied',
  () => {
    chmodSync(path.join(installed, 'native/lib'), 0o555)
    const binaries = preparePostgresBinaries(folder.path, serverAccount(), installed)
    chmodSync(path.join(installed, 'native/lib'), 0o755)
    expect(path.dirname(binaries.postgres)).toBe(path.join(folder.path, 'server-17.0.0/native/bin'))
  },
)
