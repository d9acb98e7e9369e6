import { expect, test } from 'vitest'
import { testClock } from '../database/testing.ts'
import { createCloudWatch } from './cloud-watch.ts'

const minutes = (count: number) => count * 60_000

test('the comparison is looked up once an hour, and made at once when a person asks', () => {
  const clock = testClock()
  const watch = createCloudWatch({ clock, set: () => {} })
  expect(watch.forRun().check).toBe('if_due')
  expect(watch.forRun().check).toBeUndefined()
  watch.askCheck()
  expect(watch.forRun().check).toBe('now')
  expect(watch.forRun().check, 'asked once, made once').toBeUndefined()
  watch.askCheck()
  watch.forgetCheck()
  expect(watch.forRun().check).toBeUndefined()
  clock.advance(minutes(60))
  expect(watch.forRun().check).toBe('if_due')
})

test('the cloud is asked how it is until it says so, then every ten minutes', () => {
  const clock = testClock()
  const told: unknown[] = []
  const watch = createCloudWatch({ clock, set: (values) => told.push(values) })
  expect(watch.forRun().onHealth).toBeDefined()
  watch.forRun().onHealth?.({ feedAgeSeconds: 90 })
  expect(watch.forRun().onHealth).toBeUndefined()
  clock.advance(minutes(10))
  watch.forRun().onHealth?.({ feedAgeSeconds: 0 })
  expect(told).toEqual([{ feedStalledSince: '2026-11-20T08:58:30.000Z' }, { feedStalledSince: null }])
})
