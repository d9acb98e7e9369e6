import type { Page } from '@playwright/test'

/** Watches the frames of a window; the function it gives ends that and tells the longest time between two of them, in milliseconds. */
export async function watchFrames(page: Page): Promise<() => Promise<number>> {
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
