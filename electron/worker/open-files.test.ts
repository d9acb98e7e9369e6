import { expect, test } from 'vitest'
import { bytesInMemory, createOpenFiles } from './open-files.ts'

const file = { mediaType: 'application/pdf', fileName: 'a.pdf' }
const tokenOf = ({ url }: { readonly url: string }): string => url.replace('evidence/', '')

test('an opened file is described and read by its token, a range at a time', async () => {
  const files = createOpenFiles()
  const token = tokenOf(files.open('a', file, bytesInMemory(new Uint8Array([1, 2, 3, 4]))))
  expect(files.describe(token)).toEqual({ ...file, byteSize: 4 })
  expect((await files.read(token, 1, 3))?.join()).toBe('2,3')
})

test('opening the same file again keeps its token and takes the new bytes', async () => {
  const files = createOpenFiles()
  const first = files.open('a', file, bytesInMemory(new Uint8Array([1])))
  const second = files.open('a', file, bytesInMemory(new Uint8Array([9])))
  expect(second).toEqual(first)
  expect((await files.read(tokenOf(second), 0, 1))?.join()).toBe('9')
})

test('an unknown or closed token gives nothing', async () => {
  const files = createOpenFiles()
  const token = tokenOf(files.open('a', file, bytesInMemory(new Uint8Array([1]))))
  files.closeAll()
  expect(files.describe(token)).toBeNull()
  expect(await files.read(token, 0, 1)).toBeNull()
})

test('the file opened longest ago is closed when there are too many', () => {
  const files = createOpenFiles()
  const tokens = Array.from({ length: 201 }, (_, index) =>
    tokenOf(files.open(`${index}`, file, bytesInMemory(new Uint8Array(1)))),
  )
  expect(files.describe(tokens[0] ?? '')).toBeNull()
  expect(files.describe(tokens[200] ?? '')).not.toBeNull()
})
