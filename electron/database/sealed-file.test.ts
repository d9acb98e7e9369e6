import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { newDatabaseKey } from '../platform/keychain.ts'
import { readSealedFile, writeSealedFile } from './sealed-file.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veridesk-sealed-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('a sealed file opens with its key alone, and not when a byte of it was changed', () => {
  const path = join(folder, 'work.sealed')
  const key = newDatabaseKey()
  writeSealedFile(path, key, 'approved by Dewi')
  expect(readdirSync(folder)).toEqual(['work.sealed'])
  expect(readFileSync(path).includes('Dewi')).toBe(false)
  expect(readSealedFile(path, key)).toBe('approved by Dewi')
  expect(() => readSealedFile(path, newDatabaseKey())).toThrow()
  const bytes = readFileSync(path)
  for (let index = 0; index < bytes.length; index++) {
    const changed = Buffer.from(bytes)
    changed.writeUInt8(changed.readUInt8(index) ^ 1, index)
    writeFileSync(path, changed)
    expect(() => readSealedFile(path, key)).toThrow()
  }
})
