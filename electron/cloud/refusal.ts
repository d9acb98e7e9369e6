import { type AppError, fail } from '../../shared/result.ts'
import type { NetworkFailure } from './network-failure.ts'

/** What a refused call says: PostgREST's error object, or as much of it as arrived. */
export interface Refusal {
  readonly status: number
  readonly code: string | null
  readonly message: string | null
  readonly details: string | null
  readonly hint: string | null
  /** Seconds that the cloud asks to wait, from `Retry-After` (RFC 9110, section 10.2.3); left out where it does not say. */
  readonly retryAfterSeconds?: number | null
}

const error = (...parts: Parameters<typeof fail>): AppError => fail(...parts).error

/**
 * The failure of a call that got no answer, in words that say where to look.
 * Everything but a cancellation is `cloud_unreachable`; `detail.reason` says which, for a support engineer.
 */
export function networkError(failure: NetworkFailure, host: string): AppError {
  const unreachable = (message: string, action: string) =>
    error('cloud_unreachable', message, action, { reason: failure, host })
  switch (failure) {
    case 'address_unknown':
      return unreachable(
        `No computer with the name ${host} could be found.`,
        'Check the address and the network connection.',
      )
    case 'no_network':
      return unreachable('This computer has no way to the network.', 'Connect to a network; work goes on meanwhile.')
    case 'refused':
      return unreachable(
        `${host} is there, but nothing answers at that address.`,
        'Check the address, or try again in a while.',
      )
    case 'timeout':
      return unreachable(`${host} did not answer in time.`, 'The connection may be slow; it is tried again by itself.')
    case 'not_trusted':
      return unreachable(
        `The secure connection to ${host} could not be trusted.`,
        "A sign-in page of the network may stand in between: open a browser. Otherwise check this computer's date and the address, or ask whoever runs the network.",
      )
    case 'intercepted':
      return unreachable(
        `A sign-in page of the network answers in place of ${host}.`,
        'Open a browser and sign in to the network. It is tried again by itself, and what you recorded is kept.',
      )
    case 'proxy_refused':
      return unreachable(
        `The proxy of this network does not let the connection to ${host} through, or wants a name and a password.`,
        'Ask whoever runs the network; name and password go into the address of the proxy. What you recorded is kept.',
      )
    case 'interrupted':
      return unreachable(`The connection to ${host} broke off.`, 'It is tried again by itself.')
    case 'cancelled':
      return error('cancelled', 'The transfer was cancelled.')
    default:
      return failure satisfies never
  }
}

/** SQL states of a transaction that lost against others and is simply run again (PostgreSQL, appendix A). */
const transientStates = new Set(['40001', '40P01', '55P03', '57014', '57P01', '57P02', '57P03', '53300'])

const accountCodes = ['account_pending', 'account_rejected', 'account_suspended'] as const

const accountWords = {
  account_pending: ['Your account is not approved yet.', 'An administrator of your organization approves it.'],
  account_rejected: ['Your account was not approved.', 'Ask an administrator of your organization for the reason.'],
  account_suspended: [
    'Your account is suspended. What you recorded here is kept.',
    'Ask an administrator of your organization.',
  ],
} as const

/** True for a state of HTTP or SQL that passes by itself, so that the same call may be made again. */
export const passesByItself = (refusal: Refusal): boolean =>
  refusal.status >= 500 ||
  refusal.status === 408 ||
  refusal.status === 425 ||
  refusal.status === 429 ||
  (refusal.code !== null && transientStates.has(refusal.code))

/**
 * The failure of a call that the cloud refused. This is the only place where HTTP and SQL states become codes: the cloud's own
 * `PTnnn` refusals carry one of the program's codes in `details`, and their message and hint are already plain words.
 */
export function refusalError(refusal: Refusal): AppError {
  const facts = { status: refusal.status, code: refusal.code }
  const account = accountCodes.find((code) => code === refusal.details || code === refusal.hint)
  if (account !== undefined) {
    const [message, action] = accountWords[account]
    const hint = refusal.hint === account ? null : refusal.hint
    return error(account, refusal.message ?? message, hint ?? action, facts)
  }
  if (refusal.status === 401)
    return error('session_expired', 'Your session has ended.', 'Enter your password to go on sending.', facts)
  if (refusal.details === 'device_not_trusted')
    return error(
      'device_revoked',
      refusal.message ?? 'Your organization lets in trusted devices alone, and this one is not.',
      'Ask an administrator to trust this device. What you recorded here is kept.',
      facts,
    )
  if (refusal.details === 'device_revoked')
    return error(
      'device_revoked',
      refusal.message ?? 'This device was taken out of use for this account.',
      'What you recorded here is kept, encrypted, and is sent once an administrator lets this device in again.',
      facts,
    )
  if (refusal.status === 429)
    return error(
      'cloud_unreachable',
      'The cloud asks this program to wait.',
      'It is tried again by itself; what you recorded is kept.',
      { ...facts, reason: 'rate_limited', retry_after_seconds: refusal.retryAfterSeconds ?? null },
    )
  if (refusal.details === 'protocol_version' || refusal.status === 426)
    return error(
      'cloud_incompatible',
      refusal.message ?? 'This program and the cloud speak different versions.',
      refusal.hint ?? 'Update the program, or ask whoever runs the cloud to update it.',
      facts,
    )
  if (refusal.details === 'cursor_ahead' || refusal.details === 'invalid_cursor')
    return error('stale', refusal.message ?? 'This copy no longer follows the cloud.', refusal.hint ?? undefined, facts)
  if (refusal.status === 404 && refusal.code?.startsWith('PGRST') === true)
    return error(
      'cloud_incompatible',
      'This cloud does not have the functions that the workstation needs.',
      'Ask whoever runs the cloud to install or update them.',
      facts,
    )
  if (passesByItself(refusal))
    return error('cloud_unreachable', 'The cloud is busy or being serviced.', 'It is tried again by itself.', {
      ...facts,
      reason: 'busy',
    })
  if (refusal.status === 403)
    return error(
      'not_allowed',
      refusal.message ?? 'The cloud does not allow this.',
      refusal.hint ?? 'Ask an administrator of your organization.',
      refusal.details === 'scope_not_held' ? { ...facts, reason: refusal.details } : facts,
    )
  if (refusal.status === 404) return error('not_found', 'The cloud does not have this.', undefined, facts)
  return error(
    'cloud_refused',
    refusal.message ?? 'The cloud refused the call.',
    refusal.hint ?? 'Try again; if it stays so, send the log to support.',
    facts,
  )
}

/** True for the refusal of a part of the register that the person mirrors no more: a handshake says what is left. */
export const isScopeLost = ({ code, detail }: AppError): boolean =>
  code === 'not_allowed' && detail?.reason === 'scope_not_held'

/** Longer than this nobody waits on the word of a header. */
const longestWait = 60 * 60

/** Seconds of a `Retry-After` header in its form as a number; null without one. */
export const readRetryAfter = (headers: Headers | null): number | null => {
  const text = headers?.get('retry-after') ?? ''
  return /^\d{1,9}$/.test(text) ? Math.min(longestWait, Number(text)) : null
}

/** The failure of a call whose answer is not what the protocol says. */
export const malformedError = (call: string, reason: string): AppError =>
  error(
    'cloud_incompatible',
    'The cloud gave an answer that this program does not understand.',
    'Update the program, or ask whoever runs the cloud to update it.',
    { call, reason: reason.slice(0, 500) },
  )
