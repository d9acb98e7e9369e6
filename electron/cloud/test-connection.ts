import type { CloudTest } from '../../shared/contract/views.ts'
import type { AppError } from '../../shared/result.ts'
import { type CloudClock, observe, observedFetch } from './exchange.ts'
import { networkError } from './refusal.ts'

/** A cloud that is to be tried, before anybody signs in. */
export interface ConnectionTest {
  readonly url: string
  readonly publishableKey: string
  readonly fetch: typeof globalThis.fetch
  readonly clock: CloudClock
  readonly timeoutMilliseconds: number
}

const answer = (
  reachable: boolean,
  compatible: boolean,
  milliseconds: number | null,
  message: string,
  action: string | null,
): CloudTest => ({
  reachable,
  compatible,
  milliseconds: milliseconds === null ? null : Math.round(milliseconds),
  message,
  action,
})

/**
 * Finds out, without signing in, whether an address and a key lead to a cloud that this program can work with, and says in plain
 * words what is wrong. Two questions: GoTrue's public settings (is this a Supabase project, is the key right), and the handshake
 * function as nobody (are the functions there: PostgREST says 404 where they are not, 401 or 403 where only the session is missing).
 */
export async function testConnection(test: ConnectionTest): Promise<CloudTest> {
  const base = baseUrl(test.url)
  if (base === null)
    return answer(false, false, null, 'That is not a web address.', 'Type it as it is in the project, with https://.')
  const fetch = observedFetch(test.fetch, test.clock)
  const headers = { apikey: test.publishableKey, 'content-type': 'application/json' }
  const options = { timeoutMilliseconds: test.timeoutMilliseconds }

  const settings = await observe(options, () => fetch(`${base.href}auth/v1/settings`, { headers }))
  if (settings.exchange.failure !== null) return unreachable(networkError(settings.exchange.failure, base.host))
  const took = settings.exchange.milliseconds
  if (settings.exchange.status === 401 || settings.exchange.status === 403)
    return answer(true, false, took, `${base.host} does not accept this key.`, 'Copy the publishable key again.')
  if (settings.exchange.status !== null && settings.exchange.status >= 500)
    return answer(true, false, took, `${base.host} is busy or being serviced.`, 'Try again in a while.')
  if (!isGoTrueSettings(await jsonOf(settings.value)))
    return answer(
      true,
      false,
      took,
      `Something answers at ${base.host}, but it is not a Supabase project.`,
      'Check the address; it is the API address of the project, without a path.',
    )

  const handshake = await observe(options, () =>
    fetch(`${base.href}rest/v1/rpc/workstation_handshake`, { method: 'POST', headers, body: '{"p_request":{}}' }),
  )
  if (handshake.exchange.failure !== null) return unreachable(networkError(handshake.exchange.failure, base.host))
  const status = handshake.exchange.status
  const refusal = await jsonOf(handshake.value)
  // Status 401 with an SQL state is the function asking who is there; without one it is the key that is not known.
  if (status === 401 && !hasCode(refusal))
    return answer(true, false, took, `${base.host} does not accept this key.`, 'Copy the publishable key again.')
  if (status === 401 || status === 403 || status === 400 || status === 200)
    return answer(true, true, took, `${base.host} answers and is ready for this program.`, null)
  if (status === 426)
    return answer(
      true,
      false,
      took,
      'The cloud speaks another version of the protocol than this program.',
      'Update the program, or ask whoever runs the cloud to update it.',
    )
  if (status === 404)
    return answer(
      true,
      false,
      took,
      `${base.host} is a Supabase project, but Veridesk is not installed in it.`,
      "Ask whoever runs the cloud to apply Veridesk's migrations.",
    )
  return answer(true, false, took, `${base.host} is busy or being serviced.`, 'Try again in a while.')
}

const unreachable = (error: AppError): CloudTest => answer(false, false, null, error.message, error.action ?? null)

/** The address with a trailing slash, or null where it is none of HTTP or HTTPS. */
function baseUrl(text: string): URL | null {
  if (!URL.canParse(text)) return null
  const url = new URL(text.endsWith('/') ? text : `${text}/`)
  return url.protocol === 'https:' || url.protocol === 'http:' ? url : null
}

const jsonOf = async (response: Response): Promise<unknown> => {
  try {
    return await response.json()
  } catch {
    return null
  }
}

const isGoTrueSettings = (body: unknown): boolean => typeof body === 'object' && body !== null && 'external' in body

const hasCode = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && 'code' in body && typeof body.code === 'string'
