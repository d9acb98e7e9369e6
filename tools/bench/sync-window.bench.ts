import { setTimeout as wait } from 'node:timers/promises'
import type { BenchRow } from './bench-row.ts'
import { countBatches, openBenchWorkspace, signInAndMirror } from './run-bench-workspace.ts'
import { watchFrames } from './watch-frames.ts'
import { watchMainProcess } from './watch-main-process.ts'

const batches = 100_000
const longestBlock = 16
const longestRunWithoutFrame = 100

/**
 * What a person at the window may have to wait for while 100,000 batches are mirrored: the longest task of the main process, and the
 * longest time in which the window drew no frame. Beside them the same program for ten seconds with nothing to do.
 */
export async function benchSyncWindow(): Promise<BenchRow[]> {
  const workspace = await openBenchWorkspace(batches)
  try {
    const { app, page } = await workspace.launch()
    const stopMain = await watchMainProcess(app)
    const stopFrames = await watchFrames(page)
    await signInAndMirror(page, workspace, 'Compliance officer')
    const [block, gap] = [await stopMain(), await stopFrames()]
    const mirrored = await countBatches(page)

    const stopIdleMain = await watchMainProcess(app)
    const stopIdleFrames = await watchFrames(page)
    await wait(10_000)
    const [idleBlock, idleGap] = [await stopIdleMain(), await stopIdleFrames()]
    await app.close()
    return [
      {
        name: `longest task of the main process, ${mirrored} batches mirrored`,
        value: block,
        unit: 'ms',
        target: longestBlock,
        better: 'lower',
        ok: block <= longestBlock,
        peer: { name: 'the same process, nothing to do', value: idleBlock, unit: 'ms' },
      },
      {
        name: `longest time without a frame, ${mirrored} batches mirrored`,
        value: gap,
        unit: 'ms',
        target: longestRunWithoutFrame,
        better: 'lower',
        ok: gap <= longestRunWithoutFrame,
        peer: { name: 'the same window, nothing to do', value: idleGap, unit: 'ms' },
      },
    ]
  } finally {
    await workspace.end()
  }
}
