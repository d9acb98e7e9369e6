import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { makeDurableFolder, syncFolder } from './durable-folder.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'veridesk-folders-'))
})
afterEach(() => rmSync(root, { recursive: true }))

it('makes a folder and those above it for their owner alone, and leaves one that is there as it is', () => {
  const deep = path.join(root, 'one', 'two', 'three')
  makeDurableFolder(deep)
  makeDurableFolder(deep)
  expect(existsSync(deep)).toBe(true)
  if (process.platform !== 'win32') expect(statSync(path.join(root, 'one')).mode & 0o777).toBe(0o700)
})

it.skipIf(process.platform === 'win32')('says when a folder is not there', () => {
  expect(() => syncFolder(path.join(root, 'none'))).toThrow(/ENOENT/)
})
