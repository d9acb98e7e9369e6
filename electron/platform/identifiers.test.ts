import { expect, test } from 'vitest'
import type { BatchId } from '../../shared/domain/ids.ts'
import { newId, sha256Hex } from './identifiers.ts'

test('ids are random UUIDs', () => {
  const ids = new Set(Array.from({ length: 100 }, () => newId<BatchId>()))
  expect(ids.size).toBe(100)
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

test('SHA-256 agrees with the published test vectors, for text and for bytes', () => {
  const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
  expect(sha256Hex('abc')).toBe(abc)
  expect(sha256Hex(new Uint8Array([97, 98, 99]))).toBe(abc)
  expect(sha256Hex('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
})
