import { join } from 'node:path'
import { requireDisplay } from './display.ts'
import { electronExecutable } from './electron-executable.ts'
import { runStep } from './run-step.ts'

/* `npm run dev`: the workstation with the window reloading as its sources change. Sign in to a cloud of your own, or start one with
 * `node tools/tasks/cloud.ts start` beside it. */

process.chdir(join(import.meta.dirname, '..', '..'))
requireDisplay('npm run dev')
const outcome = await runStep('dev', 'electron-vite', ['dev', ...process.argv.slice(2)], {
  quiet: false,
  environment: { ELECTRON_EXEC_PATH: electronExecutable() },
})
process.exit(outcome.exitCode)
