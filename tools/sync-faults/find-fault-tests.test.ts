import path from 'node:path'
import { expect, it } from 'vitest'
import { faultTable, findFaultTests, testsIn, untested } from './find-fault-tests.ts'

const named = (fault: string) => `fault ${fault}: it holds`

it('each of the 25 faults has a test that names it, and none names a fault that there is not', () => {
  const tests = findFaultTests(path.join(import.meta.dirname, '../..'))
  expect(untested(tests), faultTable(tests)).toEqual([])
  expect(tests.flatMap(({ faults }) => faults).filter((fault) => fault < 1 || fault > 25)).toEqual([])
})

it('names in any quotes count, one with several faults for each, and one that is switched off for none', () => {
  const text = [
    `it('${named('3')}', () => {})`,
    `it.each([1])(\n  "${named('4, fault 12')}", () => {})`,
    `test.skip('${named('5')}', () => {})`,
    `// a comment about fault 6: nothing`,
  ].join('\n')
  expect(testsIn(text).map(({ faults }) => faults)).toEqual([[3], [4, 12]])
})

it('a fault without a test is in the table as such', () => {
  expect(untested([])).toHaveLength(25)
  expect(faultTable([]).split('\n')[6]).toMatch(/^fault {2}7 {2}power loss +0 {2}NO TEST$/)
})
