import { randomUUID } from 'node:crypto'
import { readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeTemporaryFolder } from '../testing.ts'
import { type ObjectFiles, openObjectFiles } from './object-files.ts'

let folder: ReturnType<typeof makeTemporaryFolder>
let files: ObjectFiles

beforeEach(() => {
  folder = makeTemporaryFolder()
  files = openObjectFiles(folder.path)
})
afterEach(() => folder.remove())

async function* chunks(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}

async function* breaking(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('half')
  throw new Error('the line went dead')
}

const everything = (): readonly string[] =>
  readdirSync(folder.path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)

test('bytes that were kept are read back, whole and in part', async () => {
  const received = await files.receive(chunks('weigh', 'bridge'), 100)
  await received.keep()
  expect(received.size).toBe(11)
  expect(await files.size(received.version)).toBe(11)
  expect(await new Response(files.read(received.version, 0, 10)).text()).toBe('weighbridge')
  expect(await new Response(files.read(received.version, 5, 7)).text()).toBe('bri')
})

test('an upload that breaks off leaves nothing', async () => {
  await expect(files.receive(breaking(), 100)).rejects.toThrow('the line went dead')
  expect(everything()).toEqual([])
})

test('an upload over the limit is refused and leaves nothing', async () => {
  await expect(files.receive(chunks('12345', '67890'), 9)).rejects.toMatchObject({ code: 'EntityTooLarge' })
  expect(everything()).toEqual([])
})

test('a sweep removes what no row names, and half-received files', async () => {
  const named = await files.receive(chunks('named'), 100)
  const unnamed = await files.receive(chunks('unnamed'), 100)
  await named.keep()
  await unnamed.keep()
  writeFileSync(path.join(folder.path, '.incoming', randomUUID()), 'half')
  expect(files.sweep((version) => version === named.version)).toBe(2)
  expect(everything()).toEqual([named.version])
})

test('discarding takes back bytes that were already kept', async () => {
  const received = await files.receive(chunks('x'), 100)
  await received.keep()
  await received.discard()
  expect(await files.size(received.version)).toBeUndefined()
})

test('a name that is not a version never reaches the disk', async () => {
  await expect(files.remove('../../etc/passwd')).rejects.toMatchObject({ code: 'InternalError' })
})
