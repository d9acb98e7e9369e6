import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { walkRoad } from '../../e2e/road/walk-road.ts'
import { buildProgram } from './build-program.ts'
import { hasDisplay, isHeadless } from './display.ts'

/*
 * `npm run tour`: the auditor's road through the real window, unattended. Exit code 0 only if every check held.
 * `-- --keep-screenshots` renews the README's pictures.
 */

const repository = join(import.meta.dirname, '..', '..')
process.chdir(repository)

if (!hasDisplay && !isHeadless) {
  // A display in memory gives a real window; without that tool the pages are drawn without one.
  const inMemory = spawnSync(
    'xvfb-run',
    ['-a', '-s', '-screen 0 1600x1000x24', process.execPath, import.meta.filename, ...process.argv.slice(2)],
    { stdio: 'inherit' },
  )
  if (inMemory.error === undefined) process.exit(inMemory.status ?? 1)
  process.env.VERIDESK_HEADLESS = '1'
}
if (!(await buildProgram(repository))) process.exit(1)

/** Puts the pictures that the README shows where it looks for them. */
function keepScreenshots(tour: string): void {
  const kept = join(repository, 'docs', 'screenshots')
  mkdirSync(kept, { recursive: true })
  const files = readdirSync(tour)
  const named = { queue: /the-queue-without-a-network\.png$/, batch: /photo-1\.png$/ }
  for (const [name, pattern] of Object.entries(named)) {
    const file = files.find((candidate) => pattern.test(candidate))
    if (file !== undefined) copyFileSync(join(tour, file), join(kept, `${name}.png`))
  }
  const certificate = files.find((candidate) => candidate.endsWith('.pdf'))
  if (certificate !== undefined)
    spawnSync('pdftoppm', ['-r', '96', '-png', '-singlefile', join(tour, certificate), join(kept, 'certificate')])
}

const userData = mkdtempSync(join(tmpdir(), 'veridesk-tour-'))
const report = await walkRoad({
  outDirectory: join(repository, 'out', 'tour'),
  userData,
  cloud: { dataDirectory: join(repository, '.local-cloud', 'tour') },
  tell: (line) => console.log(line),
})
rmSync(userData, { recursive: true, force: true, maxRetries: 5 })
if (report.ok && process.argv.includes('--keep-screenshots')) keepScreenshots(join(repository, 'out', 'tour'))
const held = report.checks.filter(({ ok }) => ok).length
console.log(
  report.ok
    ? `The road holds: ${report.steps.length} steps, ${held} checks. Pictures, certificate and report.json are in out/tour.`
    : `The road does NOT hold: ${report.stoppedBy ?? `${report.checks.length - held} checks failed`}. See out/tour/report.json.`,
)
process.exit(report.ok ? 0 : 1)
