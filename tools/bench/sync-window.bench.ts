import { setTimeout as wait } from 'node:timers/promises'
import type { Page } from '@playwright/test'
import type { BenchRow } from './bench-row.ts'
import { countBatches, openBenchWorkspace, signInAndMirror } from './run-bench-workspace.ts'
import { watchMainProcess } from './watch-main-process.ts'

const batches = 100_000
const longestBlock = 16
const longestRunWithoutFrame = 100

/** Watches the frames of a window; the function it gives ends that and tells the longest time between two of them, in milliseconds. */
async function watchFrames(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const frames = { longest: 0, watching: true }
    let last = performance.now()
    const next = () => {
      const now = performance.now()
      frames.longest = Math.max(frames.longest, now - last)
      last = now
      if (frames.watching) requestAnimationFrame(next)
    }
    requestAnimationFrame(next)
    Object.assign(globalThis, { frames })
  })
  return () =>
    page.evaluate(() => {
      const { frames } = globalThis as unknown as { readonly frames: { longest: number; watching: boolean } }
      frames.watching = false
      return Math.round(frames.longest * 10) / 10
    })
}

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
