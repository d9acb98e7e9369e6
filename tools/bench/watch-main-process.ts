import type { ElectronApplication } from '@playwright/test'

/**
 * Watches the event loop of the program's main process; the function it gives ends that and tells the longest task in milliseconds.
 *
 * A task is what lies between two turns of a timer of one millisecond. Time in which the thread was ready to run and the system ran
 * others on the processor is taken off where the system tells it (Linux, `schedstat`): it says how busy the machine is, not the program.
 * Time that the thread spent waiting for a disk counts.
 */
export async function watchMainProcess(app: ElectronApplication): Promise<() => Promise<number>> {
  await app.evaluate(() => {
    const { closeSync, openSync, readSync } = process.getBuiltinModule('node:fs')
    // Opened once and read into one place: reading it whole a thousand times a second would make 64 KB of garbage each, and the watched
    // process would be busy with collecting that.
    const told = Buffer.alloc(128)
    let file: number | null = null
    try {
      file = openSync('/proc/self/schedstat', 'r')
    } catch {
      file = null
    }
    const readyButNotRunning = (): number =>
      file === null
        ? 0
        : Number(told.toString('latin1', 0, readSync(file, told, 0, told.length, 0)).split(' ')[1]) / 1e6
    const watched = { longest: 0, stop: () => {} }
    let last = { at: performance.now(), waited: readyButNotRunning() }
    const timer = setInterval(() => {
      const now = { at: performance.now(), waited: readyButNotRunning() }
      watched.longest = Math.max(watched.longest, now.at - last.at - (now.waited - last.waited))
      last = now
    }, 1)
    watched.stop = () => {
      clearInterval(timer)
      if (file !== null) closeSync(file)
    }
    Object.assign(globalThis, { watched })
  })
  return () =>
    app.evaluate(() => {
      const { watched } = globalThis as unknown as { readonly watched: { readonly longest: number; stop(): void } }
      watched.stop()
      return Math.round(watched.longest * 10) / 10
    })
}
