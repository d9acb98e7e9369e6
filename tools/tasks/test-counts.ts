/** How many tests ran. */
export interface TestCounts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

const none: TestCounts = { passed: 0, failed: 0, skipped: 0 }
const count = (value: unknown): number => (typeof value === 'number' ? value : 0)

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

/** Reads the counts of a report that vitest's `json` reporter wrote. */
export function readVitestReport(text: string): TestCounts {
  const report: Record<string, unknown> = JSON.parse(text)
  return {
    passed: count(report.numPassedTests),
    failed: count(report.numFailedTests),
    skipped: count(report.numPendingTests) + count(report.numTodoTests),
  }
}

/** Reads the counts of a report that Playwright's `json` reporter wrote. What passed at a second try has passed; the list names it. */
export function readPlaywrightReport(text: string): TestCounts {
  const report: { readonly stats?: Record<string, unknown> } = JSON.parse(text)
  return {
    passed: count(report.stats?.expected) + count(report.stats?.flaky),
    failed: count(report.stats?.unexpected),
    skipped: count(report.stats?.skipped),
  }
}

/** The closing line. */
export const closingLine = ({ passed, failed, skipped }: TestCounts): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
