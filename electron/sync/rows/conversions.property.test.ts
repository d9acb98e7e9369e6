import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FieldRefused, hundredths, instant } from './conversions.ts'

const two = (most: number) => fc.nat(most).map((number) => String(number).padStart(2, '0'))

const written = fc
  .tuple(
    fc.integer({ min: 0, max: 9999 }).map((year) => String(year).padStart(4, '0')),
    two(13),
    two(32),
    two(24),
    two(60),
    two(60),
    fc.oneof(
      fc.constant(''),
      fc.integer({ min: 0, max: 999_999_999 }).map((fraction) => `.${fraction}`),
    ),
    fc.constantFrom('+00:00', 'Z', '+05:30', '-11:00', '-00:00', ''),
  )
  .map(([year, month, day, hour, minute, second, fraction, offset]) => {
    return `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}${offset}`
  })

it('an instant becomes what a date made of it says, to the millisecond', () => {
  fc.assert(
    fc.property(written, (text) => {
      const milliseconds = Date.parse(text)
      if (Number.isNaN(milliseconds)) expect(() => instant(text)).toThrow(FieldRefused)
      else expect(instant(text)).toBe(new Date(milliseconds).toISOString())
    }),
    { numRuns: 3000 },
  )
})

it('a decimal becomes its hundredths, or is refused where they are no safe integer', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 19n), max: 10n ** 19n }), (value) => {
      const digits = String(value < 0n ? -value : value).padStart(3, '0')
      const text = `${value < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
      if (Number.isSafeInteger(Number(value)) && BigInt(Number(value)) === value)
        expect(hundredths(text)).toBe(Number(value))
      else expect(() => hundredths(text)).toThrow(FieldRefused)
    }),
    { numRuns: 2000 },
  )
  expect(Object.is(hundredths('-0.00'), 0)).toBe(true)
})
