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

/** Reads the counts of a report that Playwright's `json` reporter wrote. A flaky test counts as failed: it may not be relied on. */
export function readPlaywrightReport(text: string): TestCounts {
  const report: { readonly stats?: Record<string, unknown> } = JSON.parse(text)
  return {
    passed: count(report.stats?.expected),
    failed: count(report.stats?.unexpected) + count(report.stats?.flaky),
    skipped: count(report.stats?.skipped),
  }
}

/** The closing line. */
export const closingLine = ({ passed, failed, skipped }: TestCounts): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
