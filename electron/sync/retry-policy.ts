import type { AppError, ErrorCode } from '../../shared/result.ts'

/** What a failed try is followed by. */
export type Retry =
  /** Try again by itself, after so many milliseconds. */
  | { readonly kind: 'after'; readonly milliseconds: number }
  /** Nothing changes by itself: wait for the person. */
  | { readonly kind: 'wait_for_person' }
  /** Nothing went wrong that a repetition would mend; the next regular try is soon enough. */
  | { readonly kind: 'regular' }

const firstDelay = 2_000
const longestDelay = 5 * 60_000
/** The cloud is not the one this program knows, or does not let the person in: asked again, but rarely. */
const rareDelay = 10 * 60_000

/**
 * When to try again after a failure: doubling from 2 seconds to 5 minutes, half of it by chance, so that workstations that lost the
 * cloud together do not come back together. Never before the cloud said that it would answer again. Pure: `random` is in [0, 1).
 */
export function retryAfter(error: Pick<AppError, 'code' | 'detail'>, failures: number, random: number): Retry {
  const retry = retryAfterCode(error.code, failures, random)
  const asked = error.detail?.retry_after_seconds
  if (retry.kind !== 'after' || typeof asked !== 'number') return retry
  // A little later than asked, each by another little.
  return { kind: 'after', milliseconds: Math.max(retry.milliseconds, Math.round(asked * 1000 * (1 + random / 10))) }
}

function retryAfterCode(code: ErrorCode, failures: number, random: number): Retry {
  switch (code) {
    case 'session_expired':
    case 'wrong_password':
    case 'too_many_attempts':
    case 'not_signed_in':
      return { kind: 'wait_for_person' }
    case 'cancelled':
      return { kind: 'regular' }
    case 'account_pending':
    case 'account_rejected':
    case 'account_suspended':
    case 'device_revoked':
    case 'cloud_incompatible':
      return { kind: 'after', milliseconds: Math.round(rareDelay * (0.75 + random / 2)) }
    default: {
      const full = Math.min(longestDelay, firstDelay * 2 ** Math.min(20, Math.max(0, failures - 1)))
      return { kind: 'after', milliseconds: Math.round(full / 2 + (full / 2) * random) }
    }
  }
}
