import { describe, expect, it } from 'vitest'
import { nameOfPeriod, periodOf } from './periods.ts'

describe('periodOf', () => {
  it('takes whole months, leap years and turns of the year included', () => {
    expect(periodOf('this_month', '2028-02-10')).toEqual({ from: '2028-02-01', to: '2028-02-29' })
    expect(periodOf('last_month', '2026-01-31')).toEqual({ from: '2025-12-01', to: '2025-12-31' })
  })

  it('takes whole quarters and years', () => {
    expect(periodOf('this_quarter', '2026-11-20')).toEqual({ from: '2026-10-01', to: '2026-12-31' })
    expect(periodOf('this_year', '2026-11-20')).toEqual({ from: '2026-01-01', to: '2026-12-31' })
  })

  it('finds its name again', () => {
    expect(nameOfPeriod({ from: '2026-10-01', to: '2026-12-31' }, '2026-11-20')).toBe('this_quarter')
    expect(nameOfPeriod({ from: '2026-10-02', to: '2026-12-31' }, '2026-11-20')).toBeNull()
  })
})
