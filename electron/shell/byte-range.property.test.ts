import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseByteRange } from './byte-range.ts'

const position = fc.integer({ min: 0, max: 10 ** 12 })

test('a single range with an end is read as it is written, and refused when it runs backwards', () => {
  fc.assert(
    fc.property(position, position, (start, end) => {
      expect(parseByteRange(`bytes=${start}-${end}`)).toEqual(end < start ? null : { start, end })
    }),
  )
})

test('a range without an end goes to the end of the file', () => {
  fc.assert(
    fc.property(position, (start) => {
      expect(parseByteRange(`bytes=${start}-`)).toEqual({ start, end: null })
    }),
  )
})

test('whatever else is written asks for the whole file', () => {
  expect(parseByteRange(null)).toBeNull()
  for (const header of [
    '',
    'bytes=',
    'bytes=-5',
    'bytes=0-1,5-6',
    'items=0-1',
    'bytes=a-b',
    'bytes=1.5-2',
    'bytes=9999999999999999-',
  ])
    expect(parseByteRange(header), header).toBeNull()
  fc.assert(
    fc.property(fc.string(), (header) => {
      const range = parseByteRange(header)
      expect(range === null || Number.isSafeInteger(range.start)).toBe(true)
    }),
  )
})
