import type { Clock } from '../platform/clock.ts'
import type { ChangedBatches } from './changed-batches.ts'

/** Tells the window which batches changed, and when. */
export interface ChangeAnnouncer {
  /** A run begins: of what it brings, the first is told soon. */
  readonly begin: () => void
  /** Tells at once what was not told yet. */
  readonly now: () => void
  /** Tells it, unless that was done a short while ago. */
  readonly ifDue: () => void
}

/** What the announcer is given. `tell` gets null where there are too many to name. */
export interface ChangeAnnouncerOptions {
  readonly changed: Pick<ChangedBatches, 'take'>
  readonly clock: Pick<Clock, 'elapsedMilliseconds'>
  readonly tell: (batchIds: readonly string[] | null) => void
}

const leastMilliseconds = 250
/** Of the time since the run began. */
const share = 0.1

/**
 * Makes the announcer. What comes for long is told of more rarely, after a tenth of the time that it has been coming: the window looks
 * at its whole list each time, in the thread that writes, which takes 0.2 s at 100,000 batches.
 */
export function createChangeAnnouncer({ changed, clock, tell }: ChangeAnnouncerOptions): ChangeAnnouncer {
  let begunAt = 0
  let toldAt = 0
  const now = () => {
    toldAt = clock.elapsedMilliseconds()
    const batchIds = changed.take()
    if (batchIds !== undefined) tell(batchIds)
  }
  return {
    begin() {
      begunAt = clock.elapsedMilliseconds()
    },
    now,
    ifDue() {
      const at = clock.elapsedMilliseconds()
      if (at - toldAt > Math.max(leastMilliseconds, (at - begunAt) * share)) now()
    },
  }
}
