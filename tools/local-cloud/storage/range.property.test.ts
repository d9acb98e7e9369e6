import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readRange } from './download.ts'
import { StorageError } from './storage-error.ts'

const size = fc.integer({ min: 1, max: 1_000_000 })

test('a range never leaves the file', () => {
  fc.assert(
    fc.property(size, fc.nat(2_000_000), fc.nat(2_000_000), (bytes, first, last) => {
      try {
        const range = readRange(`bytes=${first}-${last}`, bytes)
        expect(range).toEqual({ start: first, end: Math.min(last, bytes - 1) })
      } catch (error) {
        expect(error).toBeInstanceOf(StorageError)
        expect(first >= bytes || first > last).toBe(true)
      }
    }),
  )
})

test('an open range reaches to the end, a suffix begins before it', () => {
  fc.assert(
    fc.property(size, fc.integer({ min: 1, max: 2_000_000 }), (bytes, count) => {
      expect(readRange(`bytes=${bytes - 1}-`, bytes)).toEqual({ start: bytes - 1, end: bytes - 1 })
      expect(readRange(`bytes=-${count}`, bytes)).toEqual({ start: Math.max(bytes - count, 0), end: bytes - 1 })
    }),
  )
})

test('anything else asks for the whole file', () => {
  for (const header of [null, '', 'bytes=-', 'bytes=1-2,4-5', 'lines=1-2', 'bytes=a-b']) {
    expect(readRange(header, 10)).toBeUndefined()
  }
})
