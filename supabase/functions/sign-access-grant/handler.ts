import { readBearer } from '../_shared/caller.ts'
import { callRpc, type FunctionEnvironment } from '../_shared/database.ts'
import { preflight, refuse, refuseBecause, respond } from '../_shared/respond.ts'
import { JOB_HEADER } from '../_shared/run-job.ts'
import { type GrantSigner, readGrantSigner } from './grant-signer.ts'

/** A grant that waits for its signature, with the text to sign. */
interface UnsignedGrant {
  readonly id: string
  readonly body: string
}

/** How many grants one call signs; what is left over has jobs of its own. */
const PER_CALL = 200

const signAll = async (environment: FunctionEnvironment, signer: GrantSigner): Promise<Response> => {
  const waiting = await callRpc<readonly UnsignedGrant[]>(
    environment,
    'unsigned_access_grants',
    { p_limit: PER_CALL },
    'service',
  )
  if (!waiting.ok) return refuseBecause(waiting)
  let signed = 0
  for (const { id, body } of waiting.value) {
    const kept = await callRpc<boolean>(
      environment,
      'store_access_grant_signature',
      { p_grant: id, p_body: body, p_key_id: signer.keyId, p_signature: await signer.sign(body) },
      'service',
    )
    if (!kept.ok) return refuseBecause(kept)
    // False: another call was first.
    if (kept.value) signed += 1
  }
  return respond({ success: true, signed })
}

/**
 * Signs every grant that waits for it, in the service's name alone. GRANT_SIGNING_KEY is an Ed25519 key (PKCS #8, base64) whose
 * public half stands in `grant_keys`; the database refuses any other.
 */
export const handle = async (request: Request, environment: FunctionEnvironment): Promise<Response> => {
  const early = preflight(request)
  if (early !== null) return early
  if (request.method !== 'POST')
    return refuse(405, 'method_not_allowed', 'This function takes POST alone.', 'Send a POST request.')
  if (readBearer(request, environment) !== 'service')
    return refuse(403, 'not_allowed', 'Only the service signs grants.', 'Leave it to the job queue.')
  const signer = await readGrantSigner(environment.GRANT_SIGNING_KEY ?? '')
  if (signer === null)
    return refuse(
      503,
      'not_configured',
      'There is no key to sign grants with.',
      'Set GRANT_SIGNING_KEY to an Ed25519 key (PKCS #8, base64) and add its public half to grant_keys.',
      // Another attempt is no use until somebody has put the key there, and nothing may be given up before.
      { [JOB_HEADER]: 'postpone' },
    )
  return await signAll(environment, signer)
}
