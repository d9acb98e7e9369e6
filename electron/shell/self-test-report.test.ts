import { expect, test } from 'vitest'
import { ensure, NotApplicable, runChecks } from './self-test-report.ts'

test('a failed check says what is wrong and lets the others run', async () => {
  const outcomes = await runChecks([
    { name: 'first', run: async () => ({ answered: true }) },
    {
      name: 'second',
      run: async () => {
        ensure(false, 'The disk is made of cheese')
        return {}
      },
    },
    { name: 'third', run: async () => new NotApplicable('no disk') },
  ])
  expect(outcomes).toMatchObject([
    { name: 'first', outcome: 'passed', facts: { answered: true }, problem: null },
    { name: 'second', outcome: 'failed', facts: {}, problem: 'The disk is made of cheese' },
    { name: 'third', outcome: 'not applicable', facts: { reason: 'no disk' }, problem: null },
  ])
})
