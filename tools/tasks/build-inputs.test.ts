import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { hashBuildInputs } from './build-inputs.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'build-inputs-'))
  mkdirSync(join(root, 'shared/domain'), { recursive: true })
  writeFileSync(join(root, 'shared/domain/batch.ts'), 'one')
  writeFileSync(join(root, 'package.json'), '{}')
})
afterEach(() => rmSync(root, { recursive: true }))

test('the same content gives the same hash, whenever it was written', () => {
  const before = hashBuildInputs(root)
  writeFileSync(join(root, 'shared/domain/batch.ts'), 'one')
  expect(hashBuildInputs(root)).toBe(before)
})

test('a changed, added or renamed file gives another hash', () => {
  const hashes = new Set([hashBuildInputs(root)])
  writeFileSync(join(root, 'shared/domain/batch.ts'), 'two')
  hashes.add(hashBuildInputs(root))
  writeFileSync(join(root, 'shared/domain/finding.ts'), '')
  hashes.add(hashBuildInputs(root))
  rmSync(join(root, 'shared/domain/finding.ts'))
  writeFileSync(join(root, 'shared/domain/score.ts'), '')
  hashes.add(hashBuildInputs(root))
  expect(hashes.size).toBe(4)
})

test('a test is no part of the bundles', () => {
  const before = hashBuildInputs(root)
  writeFileSync(join(root, 'shared/domain/batch.test.ts'), 'test')
  expect(hashBuildInputs(root)).toBe(before)
})
