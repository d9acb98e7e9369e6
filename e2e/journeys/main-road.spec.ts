import { join } from 'node:path'
import { expect, test } from '../fixtures/launch.ts'
import { walkRoad } from '../road/walk-road.ts'

test('an auditor signs in, goes offline, reviews, signs, and the cloud holds decision and certificate exactly once', async ({
  userData,
}, testInfo) => {
  test.setTimeout(300_000)
  const report = await walkRoad({
    outDirectory: testInfo.outputPath('road'),
    userData,
    cloud: { dataDirectory: join(userData, 'cloud'), durable: false },
    tell: (line) => testInfo.annotations.push({ type: 'road', description: line }),
  })
  expect(report.stoppedBy).toBeNull()
  expect(report.checks.filter(({ ok }) => !ok)).toEqual([])
  expect(report.ok).toBe(true)
})
