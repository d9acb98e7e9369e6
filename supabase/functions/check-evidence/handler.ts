import { readBearer } from '../_shared/caller.ts'
import { createContentInspector, isOfType } from '../_shared/content-type.ts'
import { callRpc, type FunctionEnvironment, getObject, selectRows } from '../_shared/database.ts'
import { preflight, readObject, refuse, refuseBecause, respond } from '../_shared/respond.ts'

interface EvidenceRow {
  readonly bucket: string
  readonly object_path: string
  readonly media_type: string
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

const hexOf = (bytes: ArrayBuffer): string =>
  [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('')

const isMissing = (status: number, code: string): boolean => status === 404 || /not_found|NoSuchKey/i.test(code)

/**
 * Fetches a file of evidence and compares size, SHA-256 and kind with its row: `{evidence_file_id}` to `{success, verdict}`.
 * For the job `evidence.check` alone. A file that is not there yet is asked for again: 409 `file_missing`.
 */
export const handle = async (request: Request, environment: FunctionEnvironment): Promise<Response> => {
  const early = preflight(request)
  if (early !== null) return early
  if (readBearer(request, environment) !== 'service')
    return refuse(403, 'not_allowed', 'This function is for jobs.', 'Nothing is to be done here.')
  const body = await readObject(request)
  if (body instanceof Response) return body
  const id = body.evidence_file_id
  if (typeof id !== 'string' || !UUID.test(id))
    return refuse(400, 'invalid_request', 'The request names no file of evidence.', 'Send evidence_file_id.', {
      'veridesk-job': 'dead',
    })
  const found = await selectRows<EvidenceRow>(
    environment,
    'evidence_files',
    `select=bucket,object_path,media_type&id=eq.${id}`,
    'service',
  )
  if (!found.ok) return refuseBecause(found)
  const row = found.value[0]
  if (row === undefined)
    return refuse(404, 'not_found', 'There is no such file of evidence.', 'Check the id.', { 'veridesk-job': 'dead' })

  const file = await getObject(environment, row.bucket, row.object_path)
  if (!file.ok && !isMissing(file.status, file.code)) return refuseBecause(file)
  const inspector = createContentInspector()
  if (file.ok) inspector.add(file.value)
  const type = inspector.find()
  const verdict = await callRpc<string>(
    environment,
    'record_evidence_check',
    file.ok
      ? {
          p_evidence_file: id,
          p_found_size: file.value.byteLength,
          p_found_sha256: hexOf(await crypto.subtle.digest('SHA-256', file.value)),
          p_found_type: type,
          p_type_matches: isOfType(row.media_type, type),
        }
      : {
          p_evidence_file: id,
          p_found_size: null,
          p_found_sha256: null,
          p_found_type: null,
          p_type_matches: null,
        },
    'service',
  )
  if (!verdict.ok) return refuseBecause(verdict)
  if (verdict.value === 'missing')
    return refuse(409, 'file_missing', 'The file has not been uploaded yet.', 'It is looked for again.')
  return respond({ success: true, verdict: verdict.value })
}
