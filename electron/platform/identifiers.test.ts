import { expect, test } from 'vitest'
import type { BatchId } from '../../shared/domain/ids.ts'
import { newId, newIdAt, sha256Hex } from './identifiers.ts'

test('ids are random UUIDs', () => {
  const ids = new Set(Array.from({ length: 100 }, () => newId<BatchId>()))
  expect(ids.size).toBe(100)
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

test('ids of an instant are different UUIDs that begin with it', () => {
  const of = (instant: string) => Array.from({ length: 100 }, () => newIdAt<BatchId>(instant))
  const ids = [...of('2026-11-20T09:00:00.000Z'), ...of('2026-11-20T09:00:00.001Z')]
  expect(new Set(ids).size).toBe(200)
  for (const id of ids) expect(id).toMatch(/^01a1f82f-1e8[01]-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(Number.parseInt((ids[0] ?? '').replaceAll('-', '').slice(0, 12), 16)).toBe(Date.UTC(2026, 10, 20, 9))
})

test('a clock that stands before 1970 still gives UUIDs', () => {
  expect(newIdAt<BatchId>('1969-12-31T23:59:59.000Z')).toMatch(
    /^00000000-0000-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  )
})

test('SHA-256 agrees with the published test vectors, for text and for bytes', () => {
  const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
  expect(sha256Hex('abc')).toBe(abc)
  expect(sha256Hex(new Uint8Array([97, 98, 99]))).toBe(abc)
  expect(sha256Hex('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
})
