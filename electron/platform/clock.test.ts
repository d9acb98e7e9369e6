import { expect, test } from 'vitest'
import { laterThan, systemClock } from './clock.ts'

test('now is UTC with milliseconds, in the one form that sorts as text', () => {
  expect(systemClock.now()).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/)
})

test('elapsed time never goes back', () => {
  const first = systemClock.elapsedMilliseconds()
  expect(systemClock.elapsedMilliseconds()).toBeGreaterThanOrEqual(first)
})

test('adding milliseconds crosses the end of a year', () => {
  expect(laterThan('2026-12-31T23:59:59.500Z', 30_000)).toBe('2027-01-01T00:00:29.500Z')
})
