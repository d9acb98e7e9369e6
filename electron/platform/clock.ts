import { performance } from 'node:perf_hooks'
import type { Instant } from '../../shared/domain/ids.ts'

/** Where time comes from. Use cases never ask the system themselves, so that a test can say what time it is. */
export interface Clock {
  /** This computer's idea of now: UTC with milliseconds. A claim, never an order. */
  readonly now: () => Instant
  /** Milliseconds since some fixed moment; never goes back when somebody sets the clock. */
  readonly elapsedMilliseconds: () => number
}

/** The computer's own clock. */
export const systemClock: Clock = {
  now: () => new Date().toISOString(),
  elapsedMilliseconds: () => performance.now(),
}

/** The instant that lies so many milliseconds after another one. */
export const laterThan = (instant: Instant, milliseconds: number): Instant =>
  new Date(Date.parse(instant) + milliseconds).toISOString()
