import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { runStep } from './run-step.ts'

/*
 * `npm run dist`: installers for this platform, or with `-- --dir` a folder that starts. Needs Electron's binary, which
 * electron-builder fetches; on a machine that cannot reach it, `ELECTRON_DIST` names a folder that holds it unpacked.
 */

const repository = join(import.meta.dirname, '..', '..')
process.chdir(repository)
const build = await runStep('build', process.execPath, [join(import.meta.dirname, 'build.ts')], { quiet: false })
if (build.exitCode !== 0) process.exit(build.exitCode)

const given = process.env.ELECTRON_DIST
const local = join(repository, 'node_modules', 'electron', 'dist')
const electronDist = given ?? (existsSync(local) ? local : null)
if (given !== undefined && !existsSync(given)) {
  console.error(
    `ELECTRON_DIST names ${given}, which is not there. Unpack Electron's release for this platform into it.`,
  )
  process.exit(1)
}
const packed = await runStep(
  'package',
  'electron-builder',
  [
    ...process.argv.slice(2),
    '--publish',
    'never',
    ...(electronDist === null ? [] : [`-c.electronDist=${electronDist}`]),
  ],
  { quiet: false },
)
if (packed.exitCode !== 0)
  console.error(
    electronDist === null
      ? "Packaging failed. If Electron's binary could not be fetched: unpack it into a folder and set ELECTRON_DIST to it."
      : 'Packaging failed; the lines above say where.',
  )
process.exit(packed.exitCode)
