import type { Clock } from '../platform/clock.ts'

/** Looks so often; a gap is noticed at most this long after it ended. */
const lookEveryMilliseconds = 5_000
/** A busy thread or a slow disk holds a timer up for seconds; longer than this nothing ran at all. */
const leastGapMilliseconds = 30_000

/** What a watch for sleep needs. */
export interface SleepWatchOptions {
  readonly clock: Clock
  /** The computer slept, or the clock was set ahead, which looks the same from here. */
  readonly onWake: (gapMilliseconds: number) => void
  readonly lookEveryMilliseconds?: number | undefined
}

/**
 * Notices that this computer slept by what no host has to tell: a timer that came far too late. Both clocks are looked at, because
 * the one that never jumps stands still during sleep on Linux and runs on elsewhere. Answers with what ends the watch.
 */
export function watchForSleep({ clock, onWake, ...options }: SleepWatchOptions): () => void {
  const period = options.lookEveryMilliseconds ?? lookEveryMilliseconds
  const look = () => ({ wall: Date.parse(clock.now()), elapsed: clock.elapsedMilliseconds() })
  let last = look()
  const timer = setInterval(() => {
    const now = look()
    const gap = Math.max(now.wall - last.wall, now.elapsed - last.elapsed) - period
    last = now
    if (gap >= leastGapMilliseconds) onWake(gap)
  }, period)
  // Watching alone is no reason for a process to go on.
  timer.unref()
  return () => clearInterval(timer)
}
