import { relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

/** How many tests ran. */
export interface TestCounts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** What a runner's report says: counts, and a line for each test that failed or that passed only at its second try. */
export interface TestReport {
  readonly counts: TestCounts
  readonly remarks: readonly string[]
}

const secondTry = 'passed at its second try'
const none: TestCounts = { passed: 0, failed: 0, skipped: 0 }
const count = (value: unknown): number => (typeof value === 'number' ? value : 0)
/** Of a message as much as tells what is wrong, on one line. */
const firstLine = (message: string | undefined): string =>
  stripVTControlCharacters(message ?? '')
    .trim()
    .split('\n', 1)[0]
    ?.slice(0, 300) ?? ''

/** Adds counts up. */
export const addCounts = (all: readonly TestCounts[]): TestCounts =>
  all.reduce(
    (sum, next) => ({
      passed: sum.passed + next.passed,
      failed: sum.failed + next.failed,
      skipped: sum.skipped + next.skipped,
    }),
    none,
  )

interface VitestReport {
  readonly numPassedTests?: unknown
  readonly numFailedTests?: unknown
  readonly numPendingTests?: unknown
  readonly numTodoTests?: unknown
  readonly testResults?: readonly {
    readonly name: string
    readonly status?: string
    readonly message?: string
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: string
      readonly failureMessages?: readonly string[]
    }[]
  }[]
}

/** Reads the report that vitest's `json` reporter wrote. A file that could not be run at all is named as well. */
export function readVitestReport(text: string): TestReport {
  const report: VitestReport = JSON.parse(text)
  const remarks = (report.testResults ?? []).flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(process.cwd(), name)
    const named = assertionResults.flatMap((each) => {
      const why = each.failureMessages?.[0]
      const fate = each.status === 'failed' ? 'failed' : each.status === 'passed' && why ? secondTry : null
      return fate === null ? [] : [`${fate}: ${file} › ${each.fullName}: ${firstLine(why)}`]
    })
    const silent = status === 'failed' && !assertionResults.some((each) => each.status === 'failed')
    return silent ? [...named, `failed: ${file}: ${firstLine(message)}`] : named
  })
  return {
    counts: {
      passed: count(report.numPassedTests),
      failed: count(report.numFailedTests),
      skipped: count(report.numPendingTests) + count(report.numTodoTests),
    },
    remarks,
  }
}

interface PlaywrightSuite {
  readonly suites?: readonly PlaywrightSuite[]
  readonly specs?: readonly {
    readonly file: string
    readonly title: string
    readonly tests: readonly {
      readonly status: string
      readonly results: readonly { readonly error?: { readonly message?: string } }[]
    }[]
  }[]
}

function* specsOf(suites: readonly PlaywrightSuite[]): Generator<NonNullable<PlaywrightSuite['specs']>[number]> {
  for (const suite of suites) {
    yield* suite.specs ?? []
    yield* specsOf(suite.suites ?? [])
  }
}

const words: Readonly<Record<string, string>> = { unexpected: 'failed', flaky: secondTry }

/** Reads the report that Playwright's `json` reporter wrote. What passed at a second try has passed; the remarks name it. */
export function readPlaywrightReport(text: string): TestReport {
  const report: PlaywrightSuite & { readonly stats?: Record<string, unknown> } = JSON.parse(text)
  const remarks = [...specsOf(report.suites ?? [])].flatMap(({ file, title, tests }) =>
    tests
      .filter(({ status }) => status in words)
      .map(({ status, results }) => {
        const message = results.find(({ error }) => error !== undefined)?.error?.message
        return `${words[status]}: ${file} › ${title}: ${firstLine(message)}`
      }),
  )
  return {
    counts: {
      passed: count(report.stats?.expected) + count(report.stats?.flaky),
      failed: count(report.stats?.unexpected),
      skipped: count(report.stats?.skipped),
    },
    remarks,
  }
}

/** The closing line. */
export const closingLine = ({ passed, failed, skipped }: TestCounts): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
