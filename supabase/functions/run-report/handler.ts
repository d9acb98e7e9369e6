import { readBearer } from '../_shared/caller.ts'
import { callRpc, type FunctionEnvironment, putObject } from '../_shared/database.ts'
import { preflight, readObject, refuse, refuseBecause, respond } from '../_shared/respond.ts'

/** What `public.make_report` answers. */
type MadeReport =
  | { readonly state: 'done' | 'refused' }
  | {
      readonly state: 'waiting'
      readonly bucket: string
      readonly object_path: string
      readonly csv: string
      readonly row_count: number
    }

const hex = (bytes: ArrayBuffer): string =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')

/**
 * Makes one report of a subscription: `{run_id}`, with the service key. The file goes to its place before the run is ended, and
 * a second attempt replaces it, so that a run that is done always has the file whose SHA-256 it names.
 */
export const handle = async (request: Request, environment: FunctionEnvironment): Promise<Response> => {
  const early = preflight(request)
  if (early !== null) return early
  if (readBearer(request, environment) !== 'service')
    return refuse(403, 'not_allowed', 'Reports are made by the service alone.', 'Subscribe to a report instead.')
  const body = await readObject(request)
  if (body instanceof Response) return body
  const run = body.run_id
  if (typeof run !== 'string') return refuse(400, 'invalid_request', 'The request names no run.', 'Send run_id.')
  const made = await callRpc<MadeReport>(environment, 'make_report', { p_run: run }, 'service')
  if (!made.ok) return refuseBecause(made)
  if (made.value.state !== 'waiting') return respond({ success: true, state: made.value.state })
  const bytes = new TextEncoder().encode(made.value.csv)
  const stored = await putObject(environment, {
    bucket: made.value.bucket,
    name: made.value.object_path,
    bytes,
    mediaType: 'text/csv',
    upsert: true,
  })
  if (!stored.ok) return refuseBecause(stored)
  const finished = await callRpc(
    environment,
    'finish_report',
    {
      p_run: run,
      p_object_path: made.value.object_path,
      p_row_count: made.value.row_count,
      p_sha256: hex(await crypto.subtle.digest('SHA-256', bytes)),
      p_byte_size: bytes.byteLength,
    },
    'service',
  )
  if (!finished.ok) return refuseBecause(finished)
  return respond({ success: true, state: 'done', row_count: made.value.row_count })
}
