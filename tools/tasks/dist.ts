import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { writeNotices } from '../packaging/write-notices.ts'
import { buildProgram } from './build-program.ts'
import { runStep } from './run-step.ts'

/*
 * `npm run dist`: installers for this platform, or with `-- --dir` a folder that starts. Needs Electron's binary and the platform's
 * installer tools, which electron-builder fetches; where Electron cannot be fetched, `ELECTRON_DIST` names a folder that holds its
 * release unpacked. What goes into the program is checked without it by `npm test` (tools/packaging).
 */

const repository = join(import.meta.dirname, '..', '..')
process.chdir(repository)

const given = process.env.ELECTRON_DIST
if (given !== undefined && !existsSync(given)) {
  console.error(
    `ELECTRON_DIST names ${given}, which is not there. Unpack Electron's release for this platform into it.`,
  )
  process.exit(1)
}
const local = join(repository, 'node_modules', 'electron', 'dist')
const electronDist = given ?? (existsSync(local) ? local : null)

if (!(await buildProgram(repository))) process.exit(1)
writeNotices(repository)
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
if (packed.exitCode === 0)
  console.log('Packaged into dist. What was installed looks at itself with: veridesk --self-test')
else
  console.error(
    electronDist === null
      ? "Packaging failed. If Electron's binary could not be fetched: unpack its release into a folder and set ELECTRON_DIST to it."
      : 'Packaging failed; the lines above say where. A tool that could not be fetched is not needed for `npm run dist -- --dir`.',
  )
process.exit(packed.exitCode)
