import { expect, test } from 'vitest'
import { addCounts, closingLine, readPlaywrightReport, readVitestReport } from './test-counts.ts'

test('reports of both runners are counted, a journey that passed at its second try as passed', () => {
  const unit = readVitestReport('{"numPassedTests":3,"numFailedTests":1,"numPendingTests":0,"numTodoTests":0}')
  const journeys = readPlaywrightReport('{"stats":{"expected":2,"unexpected":0,"flaky":1,"skipped":1}}')
  expect(addCounts([unit, journeys])).toEqual({ passed: 6, failed: 1, skipped: 1 })
})

test('the closing line names skipped tests only if there are some', () => {
  expect(closingLine({ passed: 2, failed: 0, skipped: 0 })).toBe('2 passed, 0 failed')
  expect(closingLine({ passed: 2, failed: 1, skipped: 3 })).toBe('2 passed, 1 failed, 3 skipped')
})
