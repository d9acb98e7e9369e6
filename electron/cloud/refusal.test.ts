import { describe, expect, it } from 'vitest'
import { passesByItself, type Refusal, readRetryAfter, refusalError } from './refusal.ts'

const refusal = (changes: Partial<Refusal>): Refusal => ({
  status: 400,
  code: null,
  message: null,
  details: null,
  hint: null,
  ...changes,
})

describe('a refusal of the cloud', () => {
  it.each([
    [{ status: 403, code: 'PT403', details: 'account_pending' }, 'account_pending'],
    [{ status: 403, code: 'PT403', details: 'account_rejected' }, 'account_rejected'],
    [{ status: 403, code: 'PT403', details: 'account_suspended' }, 'account_suspended'],
    [{ status: 403, code: 'PT403', details: 'scope_not_held' }, 'not_allowed'],
    [{ status: 403, code: 'PT403', details: 'device_revoked' }, 'device_revoked'],
    [{ status: 403, code: 'PT403', details: 'device_not_trusted' }, 'device_revoked'],
    [{ status: 401, code: 'PT401' }, 'session_expired'],
    [{ status: 401, code: 'PT401', details: 'session_ended' }, 'session_expired'],
    [{ status: 426, code: 'PT426', details: 'protocol_version' }, 'cloud_incompatible'],
    [{ status: 404, code: 'PGRST202' }, 'cloud_incompatible'],
    [{ status: 404 }, 'not_found'],
    [{ status: 409, code: 'PT409', details: 'cursor_ahead' }, 'stale'],
    [{ status: 400, code: 'PT400', details: 'invalid_cursor' }, 'stale'],
    [{ status: 400, code: 'PT400' }, 'cloud_refused'],
    [{ status: 500, code: '40001' }, 'cloud_unreachable'],
    [{ status: 400, code: '40P01' }, 'cloud_unreachable'],
    [{ status: 429 }, 'cloud_unreachable'],
    [{ status: 503 }, 'cloud_unreachable'],
  ] as const)('%j becomes %s', (changes, code) => {
    const error = refusalError(refusal(changes))
    expect(error.code).toBe(code)
    expect(error.message).toMatch(/\.$/)
  })

  it("says the cloud's own plain words where it has some", () => {
    const error = refusalError(
      refusal({
        status: 403,
        details: 'account_rejected',
        message: 'This account was not approved: no licence.',
        hint: 'Ask an administrator what is missing.',
      }),
    )
    expect(error).toMatchObject({
      message: 'This account was not approved: no licence.',
      action: 'Ask an administrator what is missing.',
    })
  })

  it('passes by itself when others were in the way, and not when it is for good', () => {
    expect(passesByItself(refusal({ code: '40001' }))).toBe(true)
    expect(passesByItself(refusal({ code: '23505' }))).toBe(false)
  })

  it('that asks to wait says for how long', () => {
    const error = refusalError(refusal({ status: 429, details: 'rate_limited', retryAfterSeconds: 12 }))
    expect(error).toMatchObject({
      code: 'cloud_unreachable',
      detail: { reason: 'rate_limited', retry_after_seconds: 12 },
    })
  })

  it.each([
    ['12', 12],
    ['999999', 3600],
    ['Fri, 20 Nov 2026 21:33:00 GMT', null],
    ['-5', null],
    ['', null],
  ])('a Retry-After of %j is %s seconds', (text, seconds) => {
    expect(readRetryAfter(new Headers(text === '' ? {} : { 'retry-after': text }))).toBe(seconds)
  })

  it('of a device says what becomes of the work on it', () => {
    expect(refusalError(refusal({ status: 403, details: 'device_revoked' })).action).toMatch(/kept, encrypted/)
  })
})
