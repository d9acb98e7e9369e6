import { describe, expect, it } from 'vitest'
import { passesByItself, type Refusal, refusalError } from './refusal.ts'

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
    [{ status: 401, code: 'PT401' }, 'session_expired'],
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
})
