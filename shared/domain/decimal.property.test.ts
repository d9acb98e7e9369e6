import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatHundredths, parseHundredths } from './decimal.ts'

test('what is written is read back the same', () => {
  fc.assert(
    fc.property(fc.integer({ min: -99_999_999_99, max: 99_999_999_99 }), (value) => {
      expect(parseHundredths(formatHundredths(value))).toBe(value === 0 ? 0 : value)
    }),
  )
})

test('text that is no decimal with two places is refused', () => {
  for (const text of ['', '-', '1.', '.5', '1.234', '1e3', '0x10', '1,5', '99999999999999999', 'NaN'])
    expect(parseHundredths(text), text).toBeNull()
})

test('one place and no place are read as hundredths', () => {
  expect(parseHundredths('12.5')).toBe(1250)
  expect(parseHundredths('-3')).toBe(-300)
  expect(parseHundredths('-0.00')).toBe(0)
})
