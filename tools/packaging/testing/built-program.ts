import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { DirectoryInUseError, lockDirectory } from '../../local-cloud/directory-lock.ts'
import { buildProgram } from '../../tasks/build-program.ts'

/** Builds the program into `out` of a checkout unless it is up to date. Waits while another test does so. */
export async function ensureBuilt(repository: string): Promise<void> {
  for (;;)
    try {
      const lock = lockDirectory(join(repository, 'out'), 'build')
      try {
        if (!(await buildProgram(repository))) throw new Error('The program could not be built')
        return
      } finally {
        lock.release()
      }
    } catch (error) {
      if (!(error instanceof DirectoryInUseError)) throw error
      await wait(200)
    }
}
