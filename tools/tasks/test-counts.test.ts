import { join } from 'node:path'
import { expect, test } from 'vitest'
import { addCounts, closingLine, readPlaywrightReport, readVitestReport } from './test-counts.ts'

const unit = {
  numPassedTests: 3,
  numFailedTests: 1,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [
    {
      name: join(process.cwd(), 'shared/sum.test.ts'),
      status: 'failed',
      assertionResults: [
        { fullName: 'adds', status: 'passed', failureMessages: [] },
        { fullName: 'waits', status: 'passed', failureMessages: ['Timed out\n  at here'] },
        {
          fullName: 'carries',
          status: 'failed',
          failureMessages: ['\u001b[31mexpected 1 to be 2\u001b[39m\n  at here'],
        },
      ],
    },
    {
      name: join(process.cwd(), 'shared/gone.test.ts'),
      status: 'failed',
      message: 'Cannot find module\nthere',
      assertionResults: [],
    },
  ],
}
const journeys = {
  stats: { expected: 2, unexpected: 1, flaky: 1, skipped: 1 },
  suites: [
    {
      specs: [
        { file: 'a.spec.ts', title: 'opens', tests: [{ status: 'expected', results: [{}] }] },
        {
          file: 'a.spec.ts',
          title: 'closes',
          tests: [{ status: 'flaky', results: [{ error: { message: 'too late\nby far' } }, {}] }],
        },
      ],
      suites: [
        {
          specs: [
            {
              file: 'b.spec.ts',
              title: 'sends',
              tests: [{ status: 'unexpected', results: [{ error: { message: 'lost' } }] }],
            },
          ],
        },
      ],
    },
  ],
}

test('reports of both runners are counted, a journey that passed at its second try as passed', () => {
  const all = [readVitestReport(JSON.stringify(unit)), readPlaywrightReport(JSON.stringify(journeys))]
  expect(addCounts(all.map(({ counts }) => counts))).toEqual({ passed: 6, failed: 2, skipped: 1 })
})

test('every test that failed, or needed its second try, is named with the first line of why', () => {
  expect(readVitestReport(JSON.stringify(unit)).remarks).toEqual([
    'passed at its second try: shared/sum.test.ts › waits: Timed out',
    'failed: shared/sum.test.ts › carries: expected 1 to be 2',
    'failed: shared/gone.test.ts: Cannot find module',
  ])
  expect(readPlaywrightReport(JSON.stringify(journeys)).remarks).toEqual([
    'passed at its second try: a.spec.ts › closes: too late',
    'failed: b.spec.ts › sends: lost',
  ])
})

test('the closing line names skipped tests only if there are some', () => {
  expect(closingLine({ passed: 2, failed: 0, skipped: 0 })).toBe('2 passed, 0 failed')
  expect(closingLine({ passed: 2, failed: 1, skipped: 3 })).toBe('2 passed, 1 failed, 3 skipped')
})
