import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { findPostgres, otherVersions } from '../local-cloud/postgres-versions.ts'
import { faultTable, findFaultTests } from '../sync-faults/find-fault-tests.ts'
import { runStep, type StepOutcome } from './run-step.ts'
import {
  addCounts,
  closingLine,
  readPlaywrightReport,
  readVitestReport,
  type TestCounts,
  type TestReport,
} from './test-counts.ts'

/*
 * `npm test`: every check there is, all of them even when one fails, and a closing line with the counts. `npm test -- unit` runs the
 * part that is named: static, unit, journeys, or cloud or sync, which are the parts of unit that `npm run test:cloud` and
 * `npm run test:sync` name.
 * The cloud's schema is tried on other versions of PostgreSQL too, where they can be had; `--postgres 18` tries that one alone.
 */

const repository = join(import.meta.dirname, '..', '..')
process.chdir(repository)
const parts = ['static', 'unit', 'journeys', 'cloud', 'sync'] as const
const { values, positionals: asked } = parseArgs({
  allowPositionals: true,
  options: { postgres: { type: 'string' } },
})
const versions = otherVersions.filter((major) => values.postgres === undefined || values.postgres === String(major))
if (versions.length === 0) {
  console.error(`No such version: ${values.postgres}. Versions: ${otherVersions.join(', ')}.`)
  process.exit(2)
}
const unknown = asked.filter((name) => !parts.some((part) => part === name))
if (unknown.length > 0) {
  console.error(`No such part: ${unknown.join(', ')}. Parts: ${parts.join(', ')}.`)
  process.exit(2)
}
const partsOfUnit: readonly string[] = ['cloud', 'sync']
const runs = (part: (typeof parts)[number]): boolean =>
  asked.includes(part) || (asked.length === 0 && !partsOfUnit.includes(part))

const outDirectory = join(repository, 'out')
mkdirSync(outDirectory, { recursive: true })
const counts: TestCounts[] = []
/** A line for each test that failed or needed a second try, said again at the end, where a long log is read first. */
const remarks: string[] = []

function report(outcome: StepOutcome): void {
  const passed = outcome.exitCode === 0
  console.log(`${passed ? 'ok  ' : 'FAIL'}  ${outcome.name} (${outcome.seconds.toFixed(1)} s)`)
  if (!passed && outcome.output !== '') console.log(outcome.output)
}

async function check(name: string, command: string, commandArguments: readonly string[]): Promise<void> {
  const outcome = await runStep(name, command, commandArguments, { quiet: true })
  report(outcome)
  countStep(outcome)
}

/** Counts a step that is passed or failed as a whole. */
function countStep({ name, exitCode }: StepOutcome): void {
  counts.push({ passed: exitCode === 0 ? 1 : 0, failed: exitCode === 0 ? 0 : 1, skipped: 0 })
  if (exitCode !== 0) remarks.push(`failed: ${name}`)
}

const nothing: TestReport = { counts: { passed: 0, failed: 0, skipped: 0 }, remarks: [] }

/** Runs a test runner and takes its counts from its report; a runner that failed without naming a test counts as one failure. */
async function suite(
  name: string,
  command: string,
  commandArguments: readonly string[],
  reportFile: string,
  readReport: (text: string) => TestReport,
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  rmSync(reportFile, { force: true })
  const outcome = await runStep(name, command, commandArguments, { quiet: false, environment })
  report(outcome)
  const read = existsSync(reportFile) ? readReport(readFileSync(reportFile, 'utf8')) : nothing
  const silent = (outcome.exitCode !== 0 && read.counts.failed === 0) || read.counts.passed + read.counts.failed === 0
  counts.push(silent ? { ...read.counts, failed: read.counts.failed + 1 } : read.counts)
  remarks.push(
    ...read.remarks,
    ...(silent ? [`failed: ${name}: the runner itself (exit code ${outcome.exitCode})`] : []),
  )
}

if (runs('static')) {
  await Promise.all([
    check('types', 'tsc', ['--noEmit']),
    check('lint and format', 'biome', ['ci', '--error-on-warnings', '--colors=off']),
  ])
  await Promise.all([
    check('import table', 'depcruise', [
      '--config',
      '.dependency-cruiser.cjs',
      'electron',
      'renderer',
      'shared',
      'migrations',
      'supabase',
      'tools',
      'e2e',
    ]),
    check('dead code', 'knip', []),
  ])
}
let built = true
if (runs('unit') || runs('journeys')) {
  // Once, before anything that starts the built program: two builds at a time would overwrite each other.
  const build = await runStep('build', process.execPath, [join(import.meta.dirname, 'build.ts')], { quiet: true })
  report(build)
  built = build.exitCode === 0
  countStep(build)
}
if (runs('unit')) {
  const file = join(outDirectory, 'unit.json')
  await suite(
    'unit, property and cloud tests',
    'vitest',
    ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
    file,
    readVitestReport,
  )
}
/** What holds of the schema on every version: it can be made, a batch goes all its way, the feed is true, and the rules are kept. */
const everyVersion = ['migrations', 'main-road', 'feed', 'push-rules', 'lint'].map(
  (name) => `supabase/tests/${name}.test.ts`,
)
async function otherServers(): Promise<void> {
  for (const major of versions) {
    const binaries = findPostgres(major)
    const name = `cloud tests on PostgreSQL ${major}`
    if (typeof binaries === 'string') {
      console.log(`skip  ${name}: ${binaries}`)
      counts.push({ passed: 0, failed: 0, skipped: 1 })
      continue
    }
    const file = join(outDirectory, `cloud-${major}.json`)
    await suite(
      name,
      'vitest',
      ['run', ...everyVersion, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
      file,
      readVitestReport,
      { VERIDESK_POSTGRES_BIN: dirname(binaries.postgres) },
    )
  }
}
if (runs('cloud') && values.postgres === undefined) {
  const file = join(outDirectory, 'cloud.json')
  await suite(
    'cloud tests',
    'vitest',
    ['run', 'supabase/', 'tools/local-cloud/', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
    file,
    readVitestReport,
  )
}
/** What keeps mirror and outbox true: the workstation's side, the cloud's side, and both under schedules of faults. */
const synchronization = [
  'electron/sync/',
  'electron/outbox/',
  'electron/workspace/',
  'electron/database/',
  'electron/platform/vault/',
  'migrations/',
  'tools/sync-faults/',
  'tools/sync-oracle/',
  'tools/power-loss/',
  'tools/cloud-operations/restore-drill.test.ts',
  ...[
    'feed',
    'feed-schedule',
    'feed-retention',
    'tenancy-feed',
    'push-ledger',
    'push-rules',
    'concurrency',
    'restore',
  ].map((name) => `supabase/tests/${name}.test.ts`),
]
if (runs('sync')) {
  const file = join(outDirectory, 'sync.json')
  await suite(
    'synchronization',
    'vitest',
    ['run', ...synchronization, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
    file,
    readVitestReport,
  )
  console.log(faultTable(findFaultTests(repository)))
}
if (runs('cloud') || runs('unit')) await otherServers()
if (runs('journeys') && built) {
  const file = join(outDirectory, 'e2e.json')
  await suite('journeys', 'playwright', ['test'], file, readPlaywrightReport)
}

for (const remark of remarks) console.log(remark)
const total = addCounts(counts)
console.log(closingLine(total))
process.exit(total.failed === 0 ? 0 : 1)
