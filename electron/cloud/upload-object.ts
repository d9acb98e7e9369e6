import { createHash } from 'node:crypto'
import { fail, ok, type Result } from '../../shared/result.ts'
import { readRefusal } from './call-function.ts'
import { downloadObject, type ObjectDependencies, statusOfObjectRefusal } from './download-object.ts'
import { observe, type Traffic } from './exchange.ts'
import { networkError, refusalError } from './refusal.ts'

/** A file that is to lie in the cloud under a name of its own, never to be replaced. */
export interface UploadRequest {
  readonly bucket: string
  readonly objectPath: string
  readonly mediaType: string
  readonly bytes: Uint8Array
  /** SHA-256 of the bytes, hexadecimal. */
  readonly sha256: string
  readonly signal?: AbortSignal | undefined
  readonly traffic?: Traffic | undefined
}

/** How an upload ended: sent now, or found to lie there already. */
export type Uploaded = 'sent' | 'already_there'

/**
 * Puts a file into the cloud once. Repeating it is safe: where an object of the name lies already, its bytes are read back and
 * compared by hash; the same bytes count as done, others are a `conflict` and nothing is overwritten.
 */
export async function uploadObject(
  dependencies: ObjectDependencies,
  request: UploadRequest,
): Promise<Result<Uploaded>> {
  const { session, clientFor, host } = dependencies
  let token = await session.accessToken()
  for (let attempt = 0; ; attempt += 1) {
    if (!token.ok) return token
    const client = clientFor(token.value)
    const { value, exchange } = await observe(
      { signal: request.signal, traffic: request.traffic, timeoutMilliseconds: dependencies.stallMilliseconds * 4 },
      () =>
        client.storage
          .from(request.bucket)
          .upload(request.objectPath, request.bytes, { contentType: request.mediaType, upsert: false }),
    )
    if (exchange.failure !== null) return { ok: false, error: networkError(exchange.failure, host) }
    if (value.error === null) return ok('sent')
    if (exchange.status === 401 && attempt === 0) {
      token = await session.renewAfterRefusal(token.value)
      continue
    }
    const refusal = readRefusal(exchange.status ?? 0, value.error)
    const status = statusOfObjectRefusal(refusal.status, value.error.statusCode)
    // Where one may add a file but not see others, an existing name may also be refused as forbidden: look before giving up.
    if (status === 409 || status === 403) {
      const existing = await hashOfObject(dependencies, request)
      if (existing.ok && existing.value === request.sha256) return ok('already_there')
      if (existing.ok)
        return fail('conflict', 'Another file lies in the cloud under this name.', 'Send the log to support.', {
          bucket: request.bucket,
        })
      if (status === 409) return existing
    }
    if (status === 413)
      return fail('file_too_large', 'The file is larger than the cloud takes.', 'Ask whoever runs the cloud.')
    return { ok: false, error: refusalError({ ...refusal, status }) }
  }
}

async function hashOfObject(dependencies: ObjectDependencies, request: UploadRequest): Promise<Result<string>> {
  const download = await downloadObject(dependencies, {
    bucket: request.bucket,
    objectPath: request.objectPath,
    from: 0,
    signal: request.signal,
    traffic: request.traffic,
  })
  if (!download.ok) return download
  const hash = createHash('sha256')
  for await (const chunk of download.value.chunks) hash.update(chunk)
  const failure = download.value.failure()
  return failure === null ? ok(hash.digest('hex')) : { ok: false, error: failure }
}
