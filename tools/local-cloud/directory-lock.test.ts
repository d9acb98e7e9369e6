import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DirectoryInUseError, findHolder, lockDirectory } from './directory-lock.ts'
import { makeTemporaryFolder, SERVER_TEST_MS } from './testing.ts'

const timeout = SERVER_TEST_MS

let folder: ReturnType<typeof makeTemporaryFolder>
let other: ChildProcess | undefined

beforeEach(() => {
  folder = makeTemporaryFolder()
})
afterEach(() => {
  other?.kill('SIGKILL')
  folder.remove()
})

const lockElsewhere = async (): Promise<ChildProcess> => {
  const script = path.join(folder.path, 'holder.ts')
  writeFileSync(
    script,
    `import { lockDirectory } from ${JSON.stringify(path.join(import.meta.dirname, 'directory-lock.ts'))}
     lockDirectory(${JSON.stringify(folder.path)}, 'cloud')
     process.on('message', () => {})
     process.send('held')`,
  )
  other = fork(script)
  await once(other, 'message')
  return other
}

test('a directory is held once, and free again after its release', () => {
  const lock = lockDirectory(folder.path, 'cloud')
  expect(() => lockDirectory(folder.path, 'cloud')).toThrow(DirectoryInUseError)
  expect(findHolder(folder.path, 'cloud')).toBe(process.pid)
  lock.release()
  lock.release()
  expect(findHolder(folder.path, 'cloud')).toBeUndefined()
  lockDirectory(folder.path, 'cloud').release()
})

test('two names in one directory do not exclude each other', () => {
  const first = lockDirectory(folder.path, 'cloud')
  lockDirectory(folder.path, 'postgres').release()
  first.release()
})

test('the holder in another process is named, and its kill frees the directory', { timeout }, async () => {
  const holder = await lockElsewhere()
  expect(() => lockDirectory(folder.path, 'cloud')).toThrow(`process ${holder.pid}`)
  holder.kill('SIGKILL')
  await once(holder, 'exit')
  lockDirectory(folder.path, 'cloud').release()
})

test('nobody holds a directory that was never used', () => {
  expect(findHolder(path.join(folder.path, 'nowhere'), 'cloud')).toBeUndefined()
})
