import { expect, test } from 'vitest'
import { bytesOfGigabytes, gigabytesOfBytes } from './gigabytes.ts'

test.each([
  ['10', 10_000_000_000],
  [' 2.5 ', 2_500_000_000],
  ['2,5', 2_500_000_000],
  ['0', 0],
])('%j is an amount', (text, bytes) => expect(bytesOfGigabytes(text)).toBe(bytes))

test.each(['', '-1', '1e3', '1.2345', 'ten', '1 000', '12345678'])('%j is none', (text) =>
  expect(bytesOfGigabytes(text)).toBeNull(),
)

test('what is shown is read back to within its last place', () => {
  expect(gigabytesOfBytes(10_000_000_000)).toBe('10')
  expect(bytesOfGigabytes(gigabytesOfBytes(3_141_592_653))).toBe(3_140_000_000)
})
