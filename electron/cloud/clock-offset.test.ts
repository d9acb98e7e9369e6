import { expect, test } from 'vitest'
import { createClockOffset } from './clock-offset.ts'

test('a cloud that is less than half a millisecond behind has an offset of 0, and not of minus 0', () => {
  const now = '2026-11-29T12:00:00.001Z'
  const offset = createClockOffset({ now: () => now } as Parameters<typeof createClockOffset>[0])
  // Half of the time on the way is taken off one millisecond, and 0.4 are left.
  const exchange = { milliseconds: 1.2, dateOffsetMilliseconds: -0.4 } as Parameters<typeof offset.measure>[1]
  offset.estimate(exchange)
  expect(offset.milliseconds()).toBe(0)
  offset.measure('2026-11-29T12:00:00.000Z', exchange)
  expect(offset.milliseconds()).toBe(0)
})
