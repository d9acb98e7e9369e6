import { ok, type Result } from '../../shared/result.ts'
import type { CloudSession } from './cloud-session.ts'
import { type Exchange, observe } from './exchange.ts'
import { malformedError, networkError, readRetryAfter, refusalError } from './refusal.ts'

/** What a call of an edge function needs. */
export interface EdgeFunctionDependencies {
  readonly url: string
  readonly publishableKey: string
  readonly host: string
  readonly session: CloudSession
  /** As `observedFetch` makes it. */
  readonly fetch: typeof globalThis.fetch
}

/** One call: the path below `/functions/v1/`, and a body of JSON as it is sent. */
export interface EdgeFunctionCall {
  readonly path: string
  readonly body: Uint8Array
  readonly timeoutMilliseconds: number
  readonly signal?: AbortSignal | undefined
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const textOf = (body: unknown, name: string): string | null => {
  const value: unknown =
    typeof body === 'object' && body !== null ? Object.entries(body).find(([key]) => key === name)?.[1] : null
  return typeof value === 'string' && value !== '' ? value : null
}

/** Calls an edge function with the session's token; a token refused once is renewed and the call repeated. */
export async function callEdgeFunction(
  dependencies: EdgeFunctionDependencies,
  call: EdgeFunctionCall,
): Promise<Result<{ readonly data: unknown; readonly exchange: Exchange }>> {
  const { session, host, publishableKey } = dependencies
  let token = await session.accessToken()
  for (let attempt = 0; ; attempt += 1) {
    if (!token.ok) return token
    const authorization = `Bearer ${token.value}`
    const { value, exchange } = await observe(
      { signal: call.signal, timeoutMilliseconds: call.timeoutMilliseconds },
      async () => {
        const answer = await dependencies.fetch(
          new URL(`functions/v1/${call.path}`, `${dependencies.url.replace(/\/$/, '')}/`),
          {
            method: 'POST',
            headers: { apikey: publishableKey, authorization, 'content-type': 'application/json' },
            body: Uint8Array.from(call.body),
          },
        )
        return parse(await answer.text())
      },
    )
    if (exchange.failure !== null) return { ok: false, error: networkError(exchange.failure, host) }
    const status = exchange.status ?? 0
    if (status === 401 && attempt === 0) {
      token = await session.renewAfterRefusal(token.value)
      continue
    }
    if (status >= 200 && status < 300)
      return value === undefined
        ? { ok: false, error: malformedError(call.path, 'not JSON') }
        : ok({ data: value, exchange })
    return {
      ok: false,
      error: refusalError({
        status,
        code: textOf(value, 'code'),
        message: textOf(value, 'error'),
        details: textOf(value, 'code'),
        hint: textOf(value, 'action'),
        retryAfterSeconds: readRetryAfter(exchange.headers),
      }),
    }
  }
}
