import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { watchForSleep } from './sleep-watch.ts'

const period = 5_000
let wall: number
let elapsed: number
let gaps: number[]
let end: () => void
beforeEach(() => {
  vi.useFakeTimers()
  wall = Date.parse('2026-03-01T08:00:00.000Z')
  elapsed = 0
  gaps = []
  end = watchForSleep({
    clock: { now: () => new Date(wall).toISOString(), elapsedMilliseconds: () => elapsed },
    onWake: (gap) => gaps.push(gap),
  })
})
afterEach(() => {
  end()
  vi.useRealTimers()
})

/** A timer comes after so much time on each clock. */
const look = (wallMilliseconds: number, elapsedMilliseconds: number) => {
  wall += wallMilliseconds
  elapsed += elapsedMilliseconds
  vi.advanceTimersByTime(period)
}

it('says nothing while timers come about when they should', () => {
  for (const late of [0, 1_000, 20_000]) look(period + late, period + late)
  expect(gaps).toEqual([])
})

it.each([
  ['stands still during sleep', 0],
  ['goes on during sleep', 3_600_000],
])('notices sleep once where the clock that never jumps %s', (_, slept) => {
  look(3_600_000 + period, slept + period)
  look(period, period)
  expect(gaps).toEqual([3_600_000])
})

it('takes a clock that is set back for no sleep, and notices the next one', () => {
  look(-86_400_000, period)
  expect(gaps).toEqual([])
  look(60_000 + period, period)
  expect(gaps).toEqual([60_000])
})

it('ends', () => {
  end()
  look(3_600_000, 3_600_000)
  expect(gaps).toEqual([])
})
