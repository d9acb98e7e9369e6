import { setTimeout as wait } from 'node:timers/promises'
import type { ElectronApplication } from '@playwright/test'
import type { BenchRow } from './bench-row.ts'
import { countBatches, openBenchWorkspace, signInAndMirror } from './run-bench-workspace.ts'

const batches = 20_000
const target = 50

/** Longest and usual delay of the event loop, in milliseconds. */
interface Delays {
  readonly longest: number
  readonly usual: number
}

/** Begins to watch the event loop of the program's main process. */
const watch = (app: ElectronApplication): Promise<void> =>
  app.evaluate(() => {
    const { monitorEventLoopDelay } = process.getBuiltinModule('node:perf_hooks')
    const delays = monitorEventLoopDelay({ resolution: 1 })
    delays.enable()
    Object.assign(globalThis, { delays })
  })

/** Ends watching, and gives what was seen. */
const delaysOf = (app: ElectronApplication): Promise<Delays> =>
  app.evaluate(() => {
    const { delays } = globalThis as unknown as {
      readonly delays: { disable(): void; readonly max: number; percentile(share: number): number }
    }
    delays.disable()
    // In nanoseconds; a timer of one millisecond is part of each.
    return { longest: delays.max / 1e6, usual: delays.percentile(50) / 1e6 }
  })

const tenths = (milliseconds: number): number => Math.round(milliseconds * 10) / 10

/**
 * What else the main process could not do while rows were mirrored: the longest time its event loop did not turn. Beside it, the same
 * process for as long with nothing to do, which is what this machine's own interruptions cost.
 */
export async function benchMainProcess(): Promise<BenchRow[]> {
  const workspace = await openBenchWorkspace(batches)
  try {
    const { app, page } = await workspace.launch()
    await watch(app)
    const started = performance.now()
    await signInAndMirror(page, workspace, 'Compliance officer')
    const busy = await delaysOf(app)
    const milliseconds = performance.now() - started
    const mirrored = await countBatches(page)

    await watch(app)
    await wait(milliseconds)
    const idle = await delaysOf(app)
    await app.close()
    const value = tenths(busy.longest)
    return [
      {
        name: `longest task of the main process, ${mirrored} batches mirrored`,
        value,
        unit: 'ms',
        target,
        better: 'lower',
        ok: value < target,
        peer: { name: 'the same process, nothing to do', value: tenths(idle.longest), unit: 'ms' },
      },
    ]
  } finally {
    await workspace.end()
  }
}
