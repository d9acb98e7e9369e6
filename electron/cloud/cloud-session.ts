import { createClient, type Session } from '@supabase/supabase-js'
import { type AppError, fail, ok, type Result } from '../../shared/result.ts'
import { type CloudClock, type Exchange, observe } from './exchange.ts'
import { malformedError, networkError, type Refusal, readRetryAfter, refusalError } from './refusal.ts'
import type { TokenStore } from './tokens.ts'

/** The sign-in side of a cloud: who is signed in, and an access token that is good for the next call. */
export interface CloudSession {
  /** Signs in with the password and keeps the refresh token. */
  signIn(email: string, password: string): Promise<Result<{ readonly personId: string }>>
  /** A token for the next call; renewed when it is about to end. `session_expired` when only the password helps. */
  accessToken(): Promise<Result<string>>
  /** Renews though the token seems good, after the cloud refused it. `refused` is the token that it refused. */
  renewAfterRefusal(refused: string): Promise<Result<string>>
  /** Forgets the tokens here. The cloud's copy ends by itself. */
  forget(): void
}

/** What the session needs to reach the cloud. */
export interface SessionDependencies {
  readonly url: string
  readonly publishableKey: string
  readonly host: string
  readonly fetch: typeof globalThis.fetch
  readonly clock: CloudClock
  readonly tokens: TokenStore
  readonly timeoutMilliseconds: number
  /** Whose session it must be; null: anybody's. */
  readonly personId: string | null
}

/** A token this close to its end is renewed before it is used. */
const marginMilliseconds = 60_000

const expired = () =>
  fail('session_expired', 'Your session has ended.', 'Enter your password to go on sending. Work goes on meanwhile.')

interface AuthFailure {
  readonly status?: number | undefined
  readonly code?: string | undefined
  readonly message: string
}

/** GoTrue's error codes (https://supabase.com/docs/guides/auth/debugging/error-codes) at sign-in. */
function signInError(failure: AuthFailure, exchange: Exchange): AppError {
  if (failure.code === 'email_not_confirmed' || failure.code === 'phone_not_confirmed')
    return fail(
      'account_pending',
      'Your e-mail address is not confirmed yet.',
      'Follow the link in the message that you were sent.',
    ).error
  if (failure.code === 'user_banned')
    return fail('account_suspended', 'Your account is suspended.', 'Ask an administrator of your organization.').error
  if (exchange.status === 429) return lockedError(failure, exchange)
  if (exchange.status === 400 || exchange.status === 422)
    return fail('wrong_password', 'The e-mail address or the password is not right.', 'Type both again.').error
  return refusalOf(failure, exchange)
}

/** Signing in is locked, or was tried too often. The hook's own words carry the minutes where no header does. */
const lockedError = (failure: AuthFailure, exchange: Exchange): AppError => {
  const seconds = readRetryAfter(exchange.headers)
  const minutes = seconds === null ? null : Math.ceil(seconds / 60)
  const own = failure.code === 'over_request_rate_limit' ? null : failure.message
  return fail(
    'too_many_attempts',
    own ?? 'There were too many attempts to sign in.',
    minutes === null
      ? 'Wait a while and type the password again. Local work goes on meanwhile.'
      : `Wait ${minutes === 1 ? 'a minute' : `${minutes} minutes`} and type the password again. Local work goes on meanwhile.`,
    { status: 429, retry_after_seconds: seconds },
  ).error
}

const refusalOf = (failure: AuthFailure, exchange: Exchange): AppError => {
  const refusal: Refusal = {
    status: exchange.status ?? 0,
    code: failure.code ?? null,
    message: null,
    details: null,
    hint: null,
  }
  if (refusal.status === 401 || refusal.status === 403)
    return fail(
      'cloud_refused',
      "The cloud does not accept this program's key.",
      'Check the publishable key of the cloud with whoever runs it.',
      { status: refusal.status },
    ).error
  return refusalError(refusal)
}

/**
 * A session over GoTrue. The library is asked for one exchange at a time and keeps nothing: tokens live in the injected store, and
 * the end of an access token is counted on the clock that never jumps, so that a wrong wall clock neither renews for ever nor never.
 */
export function createCloudSession(dependencies: SessionDependencies): CloudSession {
  const { clock, host, tokens } = dependencies
  let current: { readonly token: string; readonly endsAt: number } | null = null
  let renewing: Promise<Result<string>> | null = null

  const auth = () =>
    createClient(dependencies.url, dependencies.publishableKey, {
      auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
      global: { fetch: dependencies.fetch },
    }).auth
  const options = { timeoutMilliseconds: dependencies.timeoutMilliseconds }

  const keep = (session: Session): string => {
    current = {
      token: session.access_token,
      endsAt: clock.elapsedMilliseconds() + session.expires_in * 1000 - marginMilliseconds,
    }
    tokens.write({
      refreshToken: session.refresh_token,
      personId: session.user.id,
      email: session.user.email ?? tokens.read()?.email ?? '',
    })
    return session.access_token
  }

  const renew = async (): Promise<Result<string>> => {
    const stored = tokens.read()
    if (stored === null) return expired()
    const { value, exchange } = await observe(options, () =>
      auth().refreshSession({ refresh_token: stored.refreshToken }),
    )
    if (exchange.failure !== null) return { ok: false, error: networkError(exchange.failure, host) }
    if (value.data.session !== null) return ok(keep(value.data.session))
    if (exchange.status !== null && (exchange.status >= 500 || exchange.status === 429))
      return {
        ok: false,
        error: refusalError({
          status: exchange.status,
          code: null,
          message: null,
          details: null,
          hint: null,
          retryAfterSeconds: readRetryAfter(exchange.headers),
        }),
      }
    if (exchange.status === 200)
      return { ok: false, error: malformedError('refreshSession', value.error?.message ?? 'no session') }
    // Only the cloud's own word ends a session: what a gateway on the way says about itself does not.
    if (exchange.headers?.get('content-type')?.includes('json') !== true)
      return { ok: false, error: networkError('intercepted', host) }
    current = null
    tokens.write(null)
    return expired()
  }

  const renewOnce = (): Promise<Result<string>> => {
    renewing ??= renew().finally(() => {
      renewing = null
    })
    return renewing
  }

  /** Work of one person must never go out in the name of another, however the session came to be theirs. */
  const isOfAnother = (): boolean => {
    const stored = tokens.read()
    return dependencies.personId !== null && stored !== null && stored.personId !== dependencies.personId
  }

  return {
    async signIn(email, password) {
      const { value, exchange } = await observe(options, () => auth().signInWithPassword({ email, password }))
      if (exchange.failure !== null) return { ok: false, error: networkError(exchange.failure, host) }
      if (value.error !== null) {
        if (exchange.status === 200)
          return { ok: false, error: malformedError('signInWithPassword', value.error.message) }
        return { ok: false, error: signInError(value.error, exchange) }
      }
      keep(value.data.session)
      return ok({ personId: value.data.user.id })
    },
    async accessToken() {
      if (isOfAnother()) return expired()
      if (current !== null && clock.elapsedMilliseconds() < current.endsAt) return ok(current.token)
      return renewOnce()
    },
    async renewAfterRefusal(refused) {
      if (isOfAnother()) return expired()
      if (current !== null && current.token !== refused) return ok(current.token)
      return renewOnce()
    },
    forget() {
      current = null
      tokens.write(null)
    },
  }
}
