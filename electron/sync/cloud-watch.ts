import type { SyncState } from '../../shared/domain/sync-state.ts'
import { type Clock, laterThan } from '../platform/clock.ts'
import type { RunOptions } from './run-once.ts'

/** Decides in which runs the cloud is asked how it is, and in which this copy is compared with it. */
export interface CloudWatch {
  /** For the run that begins now. */
  readonly forRun: () => Pick<RunOptions, 'check' | 'onHealth'>
  /** A person wants this copy compared. */
  readonly askCheck: () => void
  /** A person ended what was under way. */
  readonly forgetCheck: () => void
}

/** What the watch is made of. */
export interface CloudWatchOptions {
  readonly clock: Clock
  /** How often the cloud is asked how it is. */
  readonly healthEveryMilliseconds?: number | undefined
  readonly set: (values: Pick<SyncState, 'feedStalledSince'>) => void
}

const healthEvery = 10 * 60_000
/** Whether the daily comparison is due is looked up no oftener, so that a cloud that does not know how is not asked in every run. */
const checkEvery = 60 * 60_000

/** Makes the watch of one engine. */
export function createCloudWatch(options: CloudWatchOptions): CloudWatch {
  const { clock, set } = options
  let checkAsked = false
  let checkedAt: number | null = null
  let healthAskedAt: number | null = null
  const isOver = (since: number | null, milliseconds: number) =>
    since === null || clock.elapsedMilliseconds() - since >= milliseconds

  const checkNow = (): Pick<RunOptions, 'check'> => {
    if (checkAsked) {
      checkAsked = false
      return { check: 'now' }
    }
    if (!isOver(checkedAt, checkEvery)) return {}
    checkedAt = clock.elapsedMilliseconds()
    return { check: 'if_due' }
  }
  const onHealth: NonNullable<RunOptions['onHealth']> = ({ feedAgeSeconds }) => {
    healthAskedAt = clock.elapsedMilliseconds()
    set({ feedStalledSince: feedAgeSeconds === 0 ? null : laterThan(clock.now(), -feedAgeSeconds * 1000) })
  }
  return {
    forRun: () => ({
      ...checkNow(),
      ...(isOver(healthAskedAt, options.healthEveryMilliseconds ?? healthEvery) ? { onHealth } : {}),
    }),
    askCheck() {
      checkAsked = true
    },
    forgetCheck() {
      checkAsked = false
    },
  }
}
