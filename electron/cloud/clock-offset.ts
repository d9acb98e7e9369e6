import type { CloudClock, Exchange } from './exchange.ts'

/** The cloud's clock minus this computer's, in milliseconds, as last measured; null before the first measurement. */
export interface ClockOffset {
  readonly milliseconds: () => number | null
  /** From an instant that the cloud wrote while it made the answer: half the round trip is the best guess for its age (RFC 5905, 8). */
  readonly measure: (serverTime: string, exchange: Exchange) => void
  /** From the Date header alone, which has whole seconds: taken only while nothing better is known. */
  readonly estimate: (exchange: Exchange) => void
}

/** Adding 0 makes 0 of the minus 0 that rounding may give. */
const whole = (milliseconds: number): number => Math.round(milliseconds) + 0

/** Keeps the offset of one cloud's clock. */
export function createClockOffset(clock: CloudClock): ClockOffset {
  let offset: number | null = null
  let exact = false
  return {
    milliseconds: () => offset,
    measure(serverTime, exchange) {
      const server = Date.parse(serverTime)
      if (Number.isNaN(server)) return
      offset = whole(server - (Date.parse(clock.now()) - exchange.milliseconds / 2))
      exact = true
    },
    estimate(exchange) {
      if (exact || exchange.dateOffsetMilliseconds === null) return
      offset = whole(exchange.dateOffsetMilliseconds)
    },
  }
}
