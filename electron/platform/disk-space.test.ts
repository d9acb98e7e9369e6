import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { readDiskSpace } from './disk-space.ts'

test('a folder that is not there yet has the room of the disk that it will lie on', async () => {
  const space = await readDiskSpace(path.join(tmpdir(), 'not', 'there', 'yet'))
  expect(space?.totalBytes).toBeGreaterThan(0)
  expect(space?.freeBytes).toBeLessThanOrEqual(space?.totalBytes ?? 0)
})
