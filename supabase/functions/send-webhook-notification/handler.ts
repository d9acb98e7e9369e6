import { readBearer } from '../_shared/caller.ts'
import { callRpc, type FunctionEnvironment } from '../_shared/database.ts'
import { preflight, readObject, refuse, refuseBecause, respond } from '../_shared/respond.ts'
import { JOB_HEADER } from '../_shared/run-job.ts'
import { findTarget } from './find-target.ts'
import { signDelivery } from './sign-delivery.ts'
import type { Transport } from './transport.ts'

/** How long a receiver may take to answer, and how much of its answer is kept. */
const ANSWER_WITHIN_MS = 10_000
const KEPT_BYTES = 4096

type Delivery =
  | { readonly skip: string }
  | { readonly url: string; readonly secret: string; readonly body: { readonly event: string } }

/** What came of an attempt. */
interface Attempt {
  readonly status: number | null
  readonly body: string | null
  readonly error: string | null
  readonly final: boolean
}

const platform = async (): Promise<Transport> =>
  typeof Deno === 'undefined'
    ? (await import('./transport-node.ts')).nodeTransport
    : (await import('./transport-deno.ts')).denoTransport

/** Bytes as text that PostgreSQL takes: it has no NUL, and what is no UTF-8 is replaced, in at most `KEPT_BYTES` bytes. */
const readable = (bytes: Uint8Array): string => {
  const text = new TextDecoder().decode(bytes).replaceAll('\u0000', '')
  const encoded = new TextEncoder().encode(text)
  return encoded.byteLength <= KEPT_BYTES
    ? text
    : new TextDecoder('utf-8').decode(encoded.subarray(0, KEPT_BYTES - 3)).replace(/\uFFFD+$/, '')
}

const attempt = async (
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  environment: FunctionEnvironment,
): Promise<Attempt> => {
  const transport = await platform()
  const target = await findTarget(url, environment, transport.resolve)
  if ('refused' in target) return { status: null, body: null, error: target.refused, final: target.final }
  const signal = AbortSignal.timeout(ANSWER_WITHIN_MS)
  try {
    const answer = await transport.send(target, { headers, body, limit: KEPT_BYTES, signal })
    return { status: answer.status, body: readable(answer.body), error: null, final: answer.status === 410 }
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
    const message = signal.aborted ? 'There was no answer within ten seconds.' : `There was no answer${why}.`
    return { status: null, body: null, error: message, final: false }
  }
}

const deliver = async (environment: FunctionEnvironment, webhook: string, event: string): Promise<Response> => {
  const begun = await callRpc<Delivery>(
    environment,
    'begin_webhook_delivery',
    { p_webhook: webhook, p_event_id: event },
    'service',
  )
  if (!begun.ok) return refuseBecause(begun)
  const delivery = begun.value
  if ('skip' in delivery) return respond({ success: true, skipped: delivery.skip })
  const body = JSON.stringify(delivery.body)
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Veridesk-Webhooks/1',
    'veridesk-event': delivery.body.event,
    'veridesk-event-id': event,
    'veridesk-signature': await signDelivery(delivery.secret, Math.floor(Date.now() / 1000), body),
  }
  const started = performance.now()
  const made = await attempt(delivery.url, headers, body, environment)
  const success = made.status !== null && made.status >= 200 && made.status < 300
  const recorded = await callRpc<{ readonly disabled: boolean }>(
    environment,
    'record_webhook_delivery',
    {
      p_webhook: webhook,
      p_event_id: event,
      p_payload: delivery.body,
      p_status: made.status,
      p_body: made.body,
      p_milliseconds: Math.round(performance.now() - started),
      p_success: success,
      p_error: made.error,
    },
    'service',
  )
  if (!recorded.ok) return refuseBecause(recorded)
  if (success) return respond({ success: true, response_status: made.status })
  return refuse(
    502,
    'delivery_failed',
    made.error ?? `The receiver answered with status ${made.status}.`,
    'The deliveries of the webhook show each attempt.',
    made.final || recorded.value.disabled ? { [JOB_HEADER]: 'dead' } : {},
  )
}

/**
 * `POST { webhook_id, event, payload }`. From the service: tells one webhook of an event, through the queue. From the
 * owner of a webhook: a test of it, event `webhook.test`. From a job, with `event_id`: makes one attempt at a delivery,
 * signed, recorded, and never to an address of a private network; what fails is tried again by the queue.
 */
export const handle = async (request: Request, environment: FunctionEnvironment): Promise<Response> => {
  const early = preflight(request)
  if (early !== null) return early
  const bearer = readBearer(request, environment)
  if (bearer === null) return refuse(401, 'not_signed_in', 'Nobody is signed in.', 'Sign in again.')
  const body = await readObject(request)
  if (body instanceof Response) return body
  const { webhook_id: webhook, event, payload, event_id: eventId } = body
  if (typeof webhook !== 'string' || typeof event !== 'string')
    return refuse(
      400,
      'invalid_request',
      'The webhook and the event are missing.',
      'Send webhook_id, event and payload.',
    )
  if (bearer === 'service' && typeof eventId === 'string') return deliver(environment, webhook, eventId)
  if (bearer !== 'service' && event !== 'webhook.test')
    return refuse(403, 'not_allowed', 'People test a webhook with the event webhook.test.', 'Send that event.')
  const queued = await callRpc<{ readonly event_id: string }>(
    environment,
    bearer === 'service' ? 'queue_webhook_notification' : 'test_webhook',
    bearer === 'service'
      ? { p_webhook: webhook, p_event: event, p_payload: payload ?? null }
      : { p_webhook: webhook, p_payload: payload ?? null },
    bearer,
  )
  return queued.ok
    ? respond({ success: true, queued: true, event_id: queued.value.event_id }, 202)
    : refuseBecause(queued)
}
