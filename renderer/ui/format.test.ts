import { describe, expect, it } from 'vitest'
import {
  formatAge,
  formatBytes,
  formatDue,
  formatHundredths,
  formatInstant,
  formatInstantInFull,
  formatNoun,
  shortHash,
} from './format.ts'

describe('formatHundredths', () => {
  it('writes hundredths with separators, two places and the unit', () => {
    expect(formatHundredths(123450, 't')).toBe('1,234.50 t')
    expect(formatHundredths(5)).toBe('0.05')
    expect(formatHundredths(0, 'kWh')).toBe('0.00 kWh')
  })

  it('keeps the sign of amounts below one', () => {
    expect(formatHundredths(-7, 't')).toBe('−0.07 t')
  })

  it('stays exact where a binary fraction would not', () => {
    expect(formatHundredths(900_719_925_474_099)).toBe('9,007,199,254,740.99')
  })
})

describe('instants', () => {
  it('are shown in the chosen zone', () => {
    expect(formatInstant('2026-11-20T21:33:00.000Z', 'Asia/Jakarta')).toBe('2026-11-21 04:33')
    expect(formatInstant('2026-11-20T21:33:00.000Z', 'UTC')).toBe('2026-11-20 21:33')
  })

  it('carry offset and UTC time in full', () => {
    expect(formatInstantInFull('2026-11-20T21:33:07.000Z', 'Asia/Jakarta')).toBe(
      '2026-11-21 04:33:07 UTC+7 (21:33:07 UTC)',
    )
    expect(formatInstantInFull('2026-11-20T21:33:07.000Z', 'UTC')).toBe('2026-11-20 21:33:07 UTC')
  })

  it('are shown as they are when they cannot be read', () => {
    expect(formatInstant('yesterday', 'UTC')).toBe('yesterday')
  })
})

describe('ages and deadlines', () => {
  const now = Date.parse('2026-11-20T12:00:00.000Z')

  it('tell how long ago in the largest whole unit', () => {
    expect(formatAge('2026-11-20T11:59:30.000Z', now)).toBe('just now')
    expect(formatAge('2026-11-20T11:15:00.000Z', now)).toBe('45 min ago')
    expect(formatAge('2026-11-20T09:00:00.000Z', now)).toBe('3 h ago')
    expect(formatAge('2026-11-08T09:00:00.000Z', now)).toBe('12 d ago')
    expect(formatAge('2026-11-20T12:10:00.000Z', now)).toBe('in 10 min')
  })

  it('say how urgent a deadline is', () => {
    expect(formatDue(null, now)).toEqual({ text: '–', urgency: 'none' })
    expect(formatDue('2026-11-19T12:00:00.000Z', now)).toEqual({ text: '1 d over', urgency: 'over' })
    expect(formatDue('2026-11-22T12:00:00.000Z', now)).toEqual({ text: '2 d', urgency: 'soon' })
    expect(formatDue('2026-12-20T12:00:00.000Z', now)).toEqual({ text: '30 d', urgency: 'none' })
  })
})

describe('short forms', () => {
  it('keep both ends of a long hash', () => {
    expect(shortHash('BATCH-1f2e3d4c5b6a79880102030405069a8b')).toBe('BATCH-1f2e3d4c…9a8b')
    expect(shortHash('ab12')).toBe('ab12')
  })

  it('never round a size up to a thousand of its unit', () => {
    expect(formatBytes(999)).toBe('999 B')
    expect(formatBytes(999_600)).toBe('1.0 MB')
    expect(formatBytes(4_200_000)).toBe('4.2 MB')
    expect(formatBytes(42_000)).toBe('42 kB')
  })

  it('choose the noun by the count', () => {
    expect(formatNoun(1, 'batch', 'batches')).toBe('1 batch')
    expect(formatNoun(2000, 'batch', 'batches')).toBe('2,000 batches')
  })
})
