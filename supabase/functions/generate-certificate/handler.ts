import { readBearer } from '../_shared/caller.ts'
import { callRpc, type FunctionEnvironment, putObject } from '../_shared/database.ts'
import { preflight, readObject, refuse, refuseBecause, respond } from '../_shared/respond.ts'
import { certificatePdf } from './certificate-pdf.ts'
import { findContradictions, type RetirementFacts } from './retirement-facts.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Where the register shows a retirement: at REGISTRY_URL, or at the project itself. */
const registryUrl = (environment: FunctionEnvironment, certificateId: string): string => {
  const base = environment.REGISTRY_URL ?? environment.SUPABASE_URL ?? ''
  return `${base.replace(/\/+$/, '')}/retirements/${encodeURIComponent(certificateId)}`
}

const made = (environment: FunctionEnvironment, path: string): Response =>
  respond({ success: true, certificate_url: `${environment.SUPABASE_URL}${path}` })

/**
 * `POST { certificate_data }`: makes the PDF of a retirement once, stores it in the bucket `certificates` and answers
 * where it lies, for its buyer and for the service. The request only names the retirement: everything that is printed
 * comes from the database, and a request that says something else is refused with the names of those fields.
 */
export const handle = async (request: Request, environment: FunctionEnvironment): Promise<Response> => {
  const early = preflight(request)
  if (early !== null) return early
  const bearer = readBearer(request, environment)
  if (bearer === null) return refuse(401, 'not_signed_in', 'Nobody is signed in.', 'Sign in again.')
  const body = await readObject(request)
  if (body instanceof Response) return body
  const data: Readonly<Record<string, unknown>> =
    typeof body.certificate_data === 'object' && body.certificate_data !== null ? { ...body.certificate_data } : {}
  const { retirementId, certificateId } = data
  if (typeof retirementId !== 'string' || !uuid.test(retirementId) || typeof certificateId !== 'string')
    return refuse(
      400,
      'invalid_request',
      'The retirement is not named.',
      'Send certificate_data with retirementId and certificateId.',
    )
  const found = await callRpc<RetirementFacts>(environment, 'retirement_facts', { p_retirement: retirementId }, bearer)
  if (!found.ok) return refuseBecause(found)
  const facts = found.value
  const contradictions = findContradictions(facts, data)
  if (contradictions.length > 0)
    return refuse(
      422,
      'certificate_data_mismatch',
      `The register says something else: ${contradictions.join(', ')}.`,
      'Read the retirement again and send what it says.',
    )
  if (facts.certificate_url !== null) return made(environment, facts.certificate_url)

  const name = `retirements/${facts.buyer_id}/${facts.certificate_id}.pdf`
  const stored = await putObject(environment, {
    bucket: 'certificates',
    name,
    bytes: await certificatePdf(facts, registryUrl(environment, facts.certificate_id)),
    mediaType: 'application/pdf',
    // Two calls at once make the same bytes; whoever comes second replaces them by themselves.
    upsert: true,
  })
  if (!stored.ok) return refuseBecause(stored)
  const named = await callRpc<string>(
    environment,
    'name_certificate',
    {
      p_retirement: facts.retirement_id,
      p_certificate_url: `/storage/v1/object/authenticated/certificates/${name}`,
    },
    'service',
  )
  return named.ok ? made(environment, named.value) : refuseBecause(named)
}
