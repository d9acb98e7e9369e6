import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { walkRoad } from '../../e2e/road/walk-road.ts'
import { buildProgram } from './build-program.ts'

/* `npm run tour`: the auditor's road through the real window, unattended. Exit code 0 only if every check held. */

const repository = join(import.meta.dirname, '..', '..')
process.chdir(repository)

const hasDisplay = process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)
if (!hasDisplay && process.env.VERIDESK_HEADLESS !== '1') {
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

const userData = mkdtempSync(join(tmpdir(), 'veridesk-tour-'))
const report = await walkRoad({
  outDirectory: join(repository, 'out', 'tour'),
  userData,
  cloud: { dataDirectory: join(repository, '.local-cloud', 'tour') },
  tell: (line) => console.log(line),
})
rmSync(userData, { recursive: true, force: true, maxRetries: 5 })
const held = report.checks.filter(({ ok }) => ok).length
console.log(
  report.ok
    ? `The road holds: ${report.steps.length} steps, ${held} checks. Pictures, certificate and report.json are in out/tour.`
    : `The road does NOT hold: ${report.stoppedBy ?? `${report.checks.length - held} checks failed`}. See out/tour/report.json.`,
)
process.exit(report.ok ? 0 : 1)
