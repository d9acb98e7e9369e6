import fc from 'fast-check'
import { expect, it } from 'vitest'
import { retryAfter } from './retry-policy.ts'

const random = fc.double({ min: 0, max: 0.999999, noNaN: true })

it('a lost connection is tried again soon, then later and later, and never later than five minutes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), random, (failures, chance) => {
      const retry = retryAfter({ code: 'cloud_unreachable' }, failures, chance)
      const full = Math.min(300_000, 2_000 * 2 ** Math.min(20, failures - 1))
      expect(retry).toEqual({ kind: 'after', milliseconds: expect.any(Number) })
      if (retry.kind !== 'after') return
      expect(retry.milliseconds).toBeGreaterThanOrEqual(full / 2 - 1)
      expect(retry.milliseconds).toBeLessThanOrEqual(full)
    }),
  )
})

it('chance spreads the workstations of one office over half the delay', () => {
  const delays = [0, 0.5, 0.99].map((chance) => retryAfter({ code: 'cloud_unreachable' }, 5, chance))
  expect(new Set(delays.map((delay) => JSON.stringify(delay))).size).toBe(3)
})

it('what only the password mends is not tried again', () => {
  expect(retryAfter({ code: 'session_expired' }, 1, 0.5)).toEqual({ kind: 'wait_for_person' })
})

it('a suspended account and another protocol are asked about again, but rarely', () => {
  for (const code of ['account_suspended', 'cloud_incompatible'] as const) {
    const retry = retryAfter({ code }, 1, 0)
    expect(retry.kind === 'after' && retry.milliseconds).toBeGreaterThanOrEqual(7 * 60_000)
  }
})

it('the cloud is not asked again before it said that it would answer', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3600 }),
      fc.integer({ min: 1, max: 30 }),
      random,
      (seconds, failures, chance) => {
        const error = { code: 'cloud_unreachable', detail: { retry_after_seconds: seconds } } as const
        const retry = retryAfter(error, failures, chance)
        expect(retry.kind === 'after' && retry.milliseconds).toBeGreaterThanOrEqual(seconds * 1000)
      },
    ),
  )
})

it('a revoked device asks rarely, and a locked sign-in not at all', () => {
  const revoked = retryAfter({ code: 'device_revoked' }, 1, 0)
  expect(revoked.kind === 'after' && revoked.milliseconds).toBeGreaterThanOrEqual(7 * 60_000)
  expect(retryAfter({ code: 'too_many_attempts' }, 1, 0.5)).toEqual({ kind: 'wait_for_person' })
})
