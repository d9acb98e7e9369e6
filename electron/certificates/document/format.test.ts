import { describe, expect, it } from 'vitest'
import { formatAmount, formatDay, formatInstant, formatPercent, formatSize } from './format.ts'

describe('figures and dates of a certificate', () => {
  it('group thousands and keep two places', () => {
    expect([0, 5, 100, 123_456_789, -150_000].map(formatAmount)).toEqual([
      '0.00',
      '0.05',
      '1.00',
      '1,234,567.89',
      '-1,500.00',
    ])
  })

  it('write per cents without idle zeros', () => {
    expect([500, 250, 1000, 12, 0].map(formatPercent)).toEqual(['5 %', '2.5 %', '10 %', '0.12 %', '0 %'])
  })

  it('write days and instants in one calendar and in UTC', () => {
    expect(formatDay('2026-02-03')).toBe('3 February 2026')
    expect(formatInstant('2026-12-31T23:59:59.999Z')).toBe('31 December 2026, 23:59:59 UTC')
  })

  it('refuse what is no day and no UTC instant', () => {
    for (const day of ['2026', '2026-13-01', 'soon']) expect(() => formatDay(day)).toThrow('Not a day')
    for (const instant of ['2026-12-31', '2026-12-31T23:59:59', '2026-12-31T23:59:59+02:00']) {
      expect(() => formatInstant(instant)).toThrow('Not a UTC instant')
    }
  })

  it('write sizes in decimal units', () => {
    expect([999, 1000, 84_120, 999_499, 999_500, 2_413_004].map(formatSize)).toEqual([
      '999 B',
      '1 kB',
      '84 kB',
      '999 kB',
      '1.0 MB',
      '2.4 MB',
    ])
  })
})
