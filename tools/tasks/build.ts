import { join } from 'node:path'
import { buildProgram } from './build-program.ts'

/* Builds main, preload and window into `out/`; does nothing when they are up to date. */

const repository = join(import.meta.dirname, '..', '..')
process.chdir(repository)
process.exit((await buildProgram(repository)) ? 0 : 1)
