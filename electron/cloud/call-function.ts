import type { SupabaseClient } from '@supabase/supabase-js'
import { ok, type Result } from '../../shared/result.ts'
import type { CloudSession } from './cloud-session.ts'
import { type Exchange, observe, type Traffic } from './exchange.ts'
import { malformedError, networkError, type Refusal, readRetryAfter, refusalError } from './refusal.ts'

/** Options of one call. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined
  /** What the call takes on the wire is added to this. */
  readonly traffic?: Traffic | undefined
}

const textOrNull = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)

/** Reads PostgREST's or the storage's error object, whatever of it is there. */
export function readRefusal(status: number, body: unknown): Refusal {
  const fields: Record<string, unknown> = typeof body === 'object' && body !== null ? { ...body } : {}
  return {
    status,
    code: textOrNull(fields.code) ?? textOrNull(fields.statusCode),
    message: textOrNull(fields.message),
    details: textOrNull(fields.details),
    hint: textOrNull(fields.hint),
  }
}

/**
 * Calls a function of the database with the token of the session; a token refused once is renewed and the call repeated. `list`: name
 * of a list of many rows in the answer, which is left in the exchange where it can be.
 */
export type CallFunction = (
  name: string,
  parameters: Readonly<Record<string, unknown>>,
  options?: CallOptions & { readonly list?: string },
) => Promise<Result<{ readonly data: unknown; readonly exchange: Exchange }>>

/** Makes the caller. `clientFor` gives a client that sends the given token. */
export function createCallFunction(dependencies: {
  readonly host: string
  readonly session: CloudSession
  readonly clientFor: (token: string) => SupabaseClient
  readonly timeoutMilliseconds: number
}): CallFunction {
  const { session, clientFor, host } = dependencies
  return async (name, parameters, options = {}) => {
    let token = await session.accessToken()
    for (let attempt = 0; ; attempt += 1) {
      if (!token.ok) return token
      const client = clientFor(token.value)
      const { value, exchange } = await observe(
        { ...options, timeoutMilliseconds: dependencies.timeoutMilliseconds },
        () => client.rpc(name, parameters).retry(false),
      )
      if (exchange.failure !== null) return { ok: false, error: networkError(exchange.failure, host) }
      if (value.error === null) return ok({ data: value.data as unknown, exchange })
      if (exchange.status === 401 && attempt === 0) {
        token = await session.renewAfterRefusal(token.value)
        continue
      }
      const status = exchange.status ?? 0
      // An answer that was cut off, or is no JSON, though the cloud meant it to be one.
      if (status >= 200 && status < 300) return { ok: false, error: malformedError(name, 'not JSON') }
      const retryAfterSeconds = readRetryAfter(exchange.headers)
      return { ok: false, error: refusalError({ ...readRefusal(status, value.error), retryAfterSeconds }) }
    }
  }
}
