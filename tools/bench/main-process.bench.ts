import { setTimeout as wait } from 'node:timers/promises'
import type { BenchRow } from './bench-row.ts'
import { countBatches, openBenchWorkspace, signInAndMirror } from './run-bench-workspace.ts'
import { watchMainProcess } from './watch-main-process.ts'

const batches = 20_000
const target = 50

/**
 * The longest task of the main process while rows are mirrored: what a key press may have to wait for. Beside it, the same process for
 * as long with nothing to do.
 */
export async function benchMainProcess(): Promise<BenchRow[]> {
  const workspace = await openBenchWorkspace(batches)
  try {
    const { app, page } = await workspace.launch()
    const started = performance.now()
    const stopBusy = await watchMainProcess(app)
    await signInAndMirror(page, workspace, 'Compliance officer')
    const value = await stopBusy()
    const milliseconds = performance.now() - started
    const mirrored = await countBatches(page)

    const stopIdle = await watchMainProcess(app)
    await wait(milliseconds)
    const idle = await stopIdle()
    await app.close()
    return [
      {
        name: `longest task of the main process, ${mirrored} batches mirrored`,
        value,
        unit: 'ms',
        target,
        better: 'lower',
        ok: value < target,
        peer: { name: 'the same process, nothing to do', value: idle, unit: 'ms' },
      },
    ]
  } finally {
    await workspace.end()
  }
}
