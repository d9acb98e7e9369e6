import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { syncFaults } from './sync-faults.ts'

/** A test that names one or several faults. */
export interface FaultTest {
  readonly file: string
  readonly name: string
  readonly faults: readonly number[]
}

const testFiles = '{electron,migrations,shared,supabase,tools,e2e,renderer}/**/*.{test,spec}.ts'
/** The name of a test that runs: one that is switched off is no evidence. */
const named = /(?<!\.(?:skip|todo)\(\s*)(['"`])((?:fault \d+(?:, )?)+: .+?)\1/g

/** All tests of the repository that name a fault, in the order of their files. */
export function findFaultTests(repository: string): readonly FaultTest[] {
  return globSync(testFiles, { cwd: repository, exclude: ['**/node_modules/**'] })
    .sort()
    .flatMap((file) => testsIn(readFileSync(path.join(repository, file), 'utf8')).map((test) => ({ ...test, file })))
}

/** The tests in the text of one file that name a fault. */
export const testsIn = (text: string): readonly Omit<FaultTest, 'file'>[] =>
  [...text.matchAll(named)].map(([, , name = '']) => ({
    name,
    faults: [...name.slice(0, name.indexOf(':')).matchAll(/\d+/g)].map(([digits]) => Number(digits)),
  }))

/** Numbers of the faults that no test names. */
export const untested = (tests: readonly FaultTest[]): readonly number[] =>
  Object.keys(syncFaults)
    .map(Number)
    .filter((fault) => !tests.some(({ faults }) => faults.includes(fault)))

/** One line for each fault: its number, what it is, how many tests it has and in which files. */
export function faultTable(tests: readonly FaultTest[]): string {
  const width = Math.max(...Object.values(syncFaults).map(({ length }) => length))
  return Object.entries(syncFaults)
    .map(([fault, title]) => {
      const of = tests.filter(({ faults }) => faults.includes(Number(fault)))
      const files = [...new Set(of.map(({ file }) => file))].join(' ')
      return `fault ${fault.padStart(2)}  ${title.padEnd(width)}  ${String(of.length).padStart(2)}  ${files || 'NO TEST'}`
    })
    .join('\n')
}
