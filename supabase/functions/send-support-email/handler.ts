import { readBearer } from '../_shared/caller.ts'
import { callRpc, type FunctionEnvironment } from '../_shared/database.ts'
import { preflight, readObject, refuse, refuseBecause, respond } from '../_shared/respond.ts'
import { JOB_HEADER } from '../_shared/run-job.ts'
import { type Mail, readMailSettings, sendMail } from './send-mail.ts'

/** How long a mail waits before its settings are looked for again, in seconds. */
const LOOK_AGAIN_SECONDS = 300
/** A message of 20,000 characters, each at most four bytes and escaped. */
const LARGEST_REQUEST = 160 * 1024

const record = (environment: FunctionEnvironment, mail: string, state: string, error: string | null) =>
  callRpc(environment, 'record_mail', { p_mail: mail, p_state: state, p_error: error }, 'service')

const send = async (environment: FunctionEnvironment, id: string, isLastAttempt: boolean): Promise<Response> => {
  const found = await callRpc<Mail | null>(environment, 'begin_mail', { p_mail: id }, 'service')
  if (!found.ok) return refuseBecause(found)
  const mail = found.value
  if (mail === null || mail.state === 'sent') return respond({ success: true, state: mail?.state ?? 'gone' })
  const settings = readMailSettings(environment)
  if (typeof settings === 'string') {
    await record(environment, id, 'waiting_for_settings', settings)
    return refuse(503, 'waiting_for_settings', settings, 'Set the mail server; the mail is kept until then.', {
      [JOB_HEADER]: 'postpone',
      'retry-after': String(LOOK_AGAIN_SECONDS),
    })
  }
  const sent = await sendMail(settings, mail)
  if (sent.ok) {
    const recorded = await record(environment, id, 'sent', null)
    return recorded.ok ? respond({ success: true, state: 'sent' }) : refuseBecause(recorded)
  }
  await record(environment, id, sent.final || isLastAttempt ? 'failed' : 'queued', sent.error)
  const headers = sent.final ? { [JOB_HEADER]: 'dead' } : {}
  return refuse(502, 'mail_refused', sent.error, 'See that the mail server takes mail.', headers)
}

/**
 * `POST { user_id, subject, message, priority }`: asks for a mail, from a person about themselves to support, or from
 * an administrator or the service to a person. It is queued, five in an hour for each person. From a job, with
 * `mail_id`: hands it to the mail server.
 */
export const handle = async (request: Request, environment: FunctionEnvironment): Promise<Response> => {
  const early = preflight(request)
  if (early !== null) return early
  const bearer = readBearer(request, environment)
  if (bearer === null) return refuse(401, 'not_signed_in', 'Nobody is signed in.', 'Sign in again.')
  const body = await readObject(request, LARGEST_REQUEST)
  if (body instanceof Response) return body
  if (bearer === 'service' && typeof body.mail_id === 'string')
    return send(environment, body.mail_id, body.last_attempt === true)
  const queued = await callRpc<{ readonly mail_id: string; readonly state: string }>(
    environment,
    'request_support_email',
    {
      p_user_id: body.user_id ?? null,
      p_subject: body.subject ?? null,
      p_message: body.message ?? null,
      p_priority: body.priority ?? 'medium',
    },
    bearer,
  )
  return queued.ok ? respond({ success: true, ...queued.value }, 202) : refuseBecause(queued)
}
