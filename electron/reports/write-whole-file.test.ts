import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fail, type Result } from '../../shared/result.ts'
import { type WritingDisk, writeWholeFile } from './write-whole-file.ts'

const bytes = new TextEncoder().encode('a report')

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veridesk-whole-'))
  path = join(folder, 'report.csv')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A disk that takes half of what it is given, then fails. */
const failing = (code: string): WritingDisk => ({
  open: async (...parameters) => {
    const file = await open(...parameters)
    file.writeFile = async (data) => {
      await file.write(Buffer.from(data as Uint8Array).subarray(0, 4))
      throw Object.assign(new Error('failed'), { code })
    }
    return file
  },
})

test('a file is written, or replaces the one that was there', async () => {
  expect(await writeWholeFile(path, bytes)).toEqual({ ok: true, value: null })
  expect(await writeWholeFile(path, bytes.subarray(2))).toEqual({ ok: true, value: null })
  expect(readFileSync(path, 'utf8')).toBe('report')
  expect(readdirSync(folder)).toEqual(['report.csv'])
})

test('a name as long as the file system takes is no obstacle', async () => {
  const long = join(folder, `${'x'.repeat(251)}.csv`)
  expect((await writeWholeFile(long, bytes)).ok).toBe(true)
})

test.each([
  ['ENOSPC', 'disk_full', 'Free some space'],
  ['EDQUOT', 'disk_full', 'Free some space'],
  ['EACCES', 'not_allowed', 'Choose another folder'],
  ['EIO', 'not_allowed', 'Choose another folder'],
])('a disk that fails with %s leaves what was there and no part of the new file', async (system, code, action) => {
  writeFileSync(path, 'before')
  expect(await writeWholeFile(path, bytes, { disk: failing(system) })).toMatchObject({
    ok: false,
    error: { code, action: expect.stringContaining(action) },
  })
  expect(readFileSync(path, 'utf8')).toBe('before')
  expect(readdirSync(folder)).toEqual(['report.csv'])
})

test('a place that cannot be written is said so: a folder of that name, a folder that is not there', async () => {
  mkdirSync(join(folder, 'taken', 'inside'), { recursive: true })
  for (const place of [join(folder, 'taken'), join(folder, 'nowhere', 'report.csv')])
    expect(await writeWholeFile(place, bytes)).toMatchObject({ ok: false, error: { code: 'not_allowed' } })
  expect(readdirSync(folder)).toEqual(['taken'])
})

test('the file is there only if what must happen with it did', async () => {
  const refused = fail('disk_full', 'The log is full.')
  const before = (publish: () => Result<null>): Result<null> => (refused.ok ? publish() : refused)
  const after = (publish: () => Result<null>): Result<null> => (publish().ok ? refused : publish())
  for (const commit of [before, after]) {
    expect(await writeWholeFile(path, bytes, { commit })).toEqual(refused)
    expect(readdirSync(folder)).toEqual([])
  }
})
