import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { BatchData } from './batch-data.ts'
import { checkRules, confidenceOf, type RegisterFacts } from './rules.ts'

const data: BatchData = {
  standard: 'APRS',
  tons_or_kwh: 25.5,
  location: 'Jalan Kembang 4, Surabaya',
  date_submitted: '2026-10-15',
  description: 'Sorted bottles, washed and baled',
}
const facts: RegisterFacts = {
  standards: ['ACCCS', 'AEMAS', 'AMCAVS', 'APRS', 'ARCS', 'PCX'],
  today: '2026-11-21',
  project: { name: 'River', location: 'Surabaya, Indonesia', standard: 'APRS' },
  period: { start: '2026-09-01', end: '2026-09-30' },
  duplicates: 0,
}
const named = (changes: Partial<BatchData>, others: Partial<RegisterFacts> = {}): readonly string[] =>
  checkRules({ ...data, ...changes }, { ...facts, ...others }).map(({ rule }) => rule)

test('a sound batch breaks no rule', () => {
  expect(named({})).toEqual([])
  expect(confidenceOf([])).toBe(1)
})

test.each<[string, Partial<BatchData>, Partial<RegisterFacts>]>([
  ['unknown_standard', { standard: 'VCS' }, { project: null }],
  ['unknown_standard', { standard: '__proto__' }, { project: null }],
  ['quantity_not_positive', { tons_or_kwh: 0 }, {}],
  ['quantity_not_positive', { tons_or_kwh: -3 }, {}],
  ['quantity_too_precise', { tons_or_kwh: 25.505 }, {}],
  ['quantity_implausible_high', { tons_or_kwh: 25_500 }, {}],
  ['quantity_implausible_low', { tons_or_kwh: 0.01 }, {}],
  ['date_unreadable', { date_submitted: '2026-02-30' }, {}],
  ['date_unreadable', { date_submitted: 'yesterday' }, {}],
  ['date_in_future', { date_submitted: '2026-11-22' }, {}],
  ['date_too_old', { date_submitted: '2024-11-20' }, { period: null }],
  ['period_after_submission', {}, { period: { start: null, end: '2026-10-16' } }],
  ['location_missing', { location: ' ' }, {}],
  ['location_differs_from_project', { location: 'Nairobi' }, {}],
  ['standard_differs_from_project', { standard: 'PCX' }, {}],
  ['description_missing', { description: null }, {}],
  ['description_too_short', { description: 'Bottles' }, {}],
  ['possible_duplicate', {}, { duplicates: 2 }],
])('%s is found', (rule, changes, others) => {
  expect(named(changes, others)).toEqual([rule])
})

test('limits themselves are allowed: today, and the day twenty-four months ago', () => {
  expect(named({ date_submitted: '2026-11-21' })).toEqual([])
  expect(named({ date_submitted: '2024-11-21' }, { period: null })).toEqual([])
  expect(named({ date_submitted: '2024-02-29' }, { today: '2026-02-28', period: null })).toEqual([])
})

test('a quantity that is small for tonnes is plausible in its own unit only', () => {
  expect(named({ standard: 'AEMAS', tons_or_kwh: 25_500 }, { project: null })).toEqual([])
  expect(named({ standard: 'AEMAS', tons_or_kwh: 1 }, { project: null })).toEqual(['quantity_implausible_low'])
})

test('places are compared by their words, without accents and case', () => {
  const project = { name: 'x', location: 'São Paulo, Brasil', standard: 'APRS' }
  expect(named({ location: 'RUA A 1, SAO PAULO' }, { project })).toEqual([])
})

const anyData = fc.record<BatchData>({
  standard: fc.oneof(fc.constantFrom('APRS', 'AEMAS'), fc.string()),
  tons_or_kwh: fc.double({ noNaN: true, noDefaultInfinity: true }),
  location: fc.string(),
  date_submitted: fc.oneof(fc.constantFrom('2026-10-15', '1999-01-31', '2026-13-01'), fc.string()),
  description: fc.oneof(fc.constant(null), fc.string()),
})

test('whatever comes, the answer is the same each time and the confidence lies between 0.05 and 1 in hundredths', () => {
  fc.assert(
    fc.property(anyData, fc.nat({ max: 3 }), (any, duplicates) => {
      const found = checkRules(any, { ...facts, duplicates })
      expect(checkRules(any, { ...facts, duplicates })).toEqual(found)
      const confidence = confidenceOf(found)
      expect(confidence).toBeGreaterThanOrEqual(0.05)
      expect(confidence).toBeLessThanOrEqual(1)
      expect(Math.round(confidence * 100) / 100).toBe(confidence)
    }),
  )
})

test('what a description says changes nothing but the rules about its length', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 20 }), (text) => {
      fc.pre(text.trim().length >= 20)
      expect(named({ tons_or_kwh: 0, description: text })).toEqual(['quantity_not_positive'])
    }),
  )
})
