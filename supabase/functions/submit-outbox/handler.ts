import { readBearer } from '../_shared/caller.ts'
import { type Bearer, type CloudAnswer, callRpc, type FunctionEnvironment } from '../_shared/database.ts'
import { preflight, readObject, refuse, refuseBecause, respond } from '../_shared/respond.ts'
import { bytesOfBase64, LARGEST_FILE, type OutboxFile, readOutboxFile } from './read-file.ts'
import { storeCertificates } from './store-certificates.ts'

/** What `public.outbox_terms` answers. */
interface Terms {
  readonly submitter: string
  readonly key: string
  readonly public_key: string
}

/** The fate of one change, as `sync_push` has it. */
interface Fate {
  readonly mutation_id: string
  readonly status: string
  readonly code: string | null
  readonly message: string | null
  readonly action: string | null
}

/** As many changes as the database takes in one call. */
const PER_CALL = 100
/** As many as one request applies, so that it ends well within a function's time; the answer says where the next one begins. */
const PER_REQUEST = 500

const digestOf = async (text: string): Promise<string> => {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** True where the registered key signed exactly this text (Ed25519, RFC 8032). */
const isSignedBy = async (publicKey: string, file: OutboxFile): Promise<boolean> => {
  const spki = bytesOfBase64(publicKey)
  if (spki === null) return false
  const key = await crypto.subtle.importKey('spki', spki, 'Ed25519', false, ['verify'])
  return crypto.subtle.verify('Ed25519', key, file.signature, new TextEncoder().encode(file.content))
}

const applyFrom = async (
  environment: FunctionEnvironment,
  file: OutboxFile,
  handover: string,
  from: number,
): Promise<CloudAnswer<readonly Fate[]>> => {
  const fates: Fate[] = []
  const end = Math.min(file.changes.length, from + PER_REQUEST)
  for (let at = from; at < end; at += PER_CALL) {
    const applied = await callRpc<readonly Fate[]>(
      environment,
      'apply_outbox_handover',
      { p_handover: handover, p_changes: file.changes.slice(at, Math.min(end, at + PER_CALL)) },
      'service',
    )
    if (!applied.ok) return applied
    fates.push(...applied.value)
  }
  return { ok: true, value: fates }
}

const submit = async (
  environment: FunctionEnvironment,
  bearer: Bearer,
  file: OutboxFile,
  from: number,
): Promise<Response> => {
  // In the submitter's name: the database says who that is, and which registered key the file has to be signed with.
  const terms = await callRpc<Terms>(
    environment,
    'outbox_terms',
    { p_person: file.personId, p_device: file.deviceId, p_public_key: file.publicKey },
    bearer,
  )
  if (!terms.ok) return refuseBecause(terms)
  const { submitter, key, public_key: publicKey } = terms.value
  if (!(await isSignedBy(publicKey, file))) {
    await callRpc(
      environment,
      'note_refused_outbox',
      { p_submitter: submitter, p_person: file.personId, p_device: file.deviceId, p_reason: 'wrong_signature' },
      'service',
    )
    return refuse(
      422,
      'wrong_signature',
      'The signature does not fit: this file was altered after it was signed, or somebody else made it.',
      'Do not rely on it. Ask the person who made it for a new file, or for the changes themselves.',
    )
  }
  const fingerprint = await digestOf(file.content)
  const opened = await callRpc<string>(
    environment,
    'open_outbox_handover',
    {
      p_submitter: submitter,
      p_key: key,
      p_server_epoch: file.serverEpoch,
      p_fingerprint: fingerprint,
      p_made_at: file.madeAt,
      p_clock_offset_ms: file.clockOffsetMs,
      p_change_count: file.changes.length,
      p_from: from,
    },
    'service',
  )
  if (!opened.ok) return refuseBecause(opened)
  const applied = await applyFrom(environment, file, opened.value, from)
  if (!applied.ok) return refuseBecause(applied)
  const taken = new Set(
    applied.value
      .filter(({ status }) => status === 'applied' || status === 'duplicate')
      .map((fate) => fate.mutation_id),
  )
  const certificates = file.changes
    .slice(from, from + PER_REQUEST)
    .filter((change) => change.kind === 'certificate.issue' && taken.has(change.mutation_id))
  const next = from + PER_REQUEST
  return respond({
    success: true,
    fingerprint,
    results: applied.value.map(({ mutation_id, status, code, message, action }) => ({
      mutation_id,
      status,
      code,
      message,
      action,
    })),
    certificates: await storeCertificates(environment, file, certificates),
    next: next < file.changes.length ? next : null,
  })
}

/**
 * Takes an outbox file: POST with the file as body and the submitter's token. It is applied as the person whose device signed it,
 * each change once; `?from=` goes on where an answer's `next` said. Repeating any of it is safe.
 */
export const handle = async (request: Request, environment: FunctionEnvironment): Promise<Response> => {
  const early = preflight(request)
  if (early !== null) return early
  const bearer = readBearer(request, environment)
  if (bearer === null || bearer === 'service')
    return refuse(
      403,
      'not_allowed',
      'An outbox file is submitted by a person.',
      'Sign in as the one who made it, or as compliance.',
    )
  const body = await readObject(request, LARGEST_FILE)
  if (body instanceof Response) return body
  const file = readOutboxFile(body)
  const from = new URL(request.url).searchParams.get('from') ?? '0'
  if (file === null || !/^\d{1,5}$/.test(from) || Number(from) >= file.changes.length)
    return refuse(
      400,
      'invalid_request',
      'This is not a whole outbox file of a version that the cloud reads.',
      'Copy the file again from where it was made; if it stays so, make a new one there.',
    )
  return await submit(environment, bearer, file, Number(from))
}
