import { readFileSync } from 'node:fs'

/** Milliseconds that the main thread was ready to run while the system ran others; 0 where the system does not tell (it does on Linux). */
function readyButNotRunning(): number {
  try {
    return Number(readFileSync('/proc/self/schedstat', 'latin1').split(' ')[1]) / 1e6
  } catch {
    return 0
  }
}

/**
 * Milliseconds that some work takes on the main thread, without the time in which the system ran others on its processor: that says how
 * busy the machine is, not the program. Time spent waiting for a disk counts. Garbage of before is collected first, where that can be asked.
 */
export async function ownMilliseconds(work: () => unknown): Promise<number> {
  globalThis.gc?.()
  const started = { at: performance.now(), waited: readyButNotRunning() }
  await work()
  return performance.now() - started.at - (readyButNotRunning() - started.waited)
}
