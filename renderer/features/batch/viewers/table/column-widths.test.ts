import { describe, expect, it } from 'vitest'
import { columnLetters, columnWidths, isFigure } from './column-widths.ts'

describe('columns of a table', () => {
  it('are as wide as their longest cell, within reason', () => {
    expect(
      columnWidths([
        ['a', 'a'.repeat(20)],
        ['b', '', 'x'.repeat(500)],
      ]),
    ).toEqual([64, 164, 320])
    expect(columnWidths([])).toEqual([])
  })

  it('are named as in a spreadsheet', () => {
    expect([0, 25, 26, 51, 52, 701, 702].map(columnLetters)).toEqual(['A', 'Z', 'AA', 'AZ', 'BA', 'ZZ', 'AAA'])
  })

  it('set figures flush right and nothing else', () => {
    expect(['12', '-1,234.50', '88.2 %', '1 250'].every(isFigure)).toBe(true)
    expect(['', 'kg', 'A12', '2026-07-01', 'WB-03', '-'].some(isFigure)).toBe(false)
  })
})
