import { ok, type Result } from '../../shared/result.ts'
import { readRefusal } from './call-function.ts'
import { type ObjectDependencies, statusOfObjectRefusal } from './download-object.ts'
import { observe } from './exchange.ts'
import { networkError } from './refusal.ts'
import { pieceBytes, uploadInPieces } from './upload-in-pieces.ts'
import { afterRefusal, type Uploaded, type UploadRequest } from './upload-request.ts'

/**
 * Puts a file into the cloud once, a large one in pieces that go on where they stopped. Repeating it is safe: where an object of the name
 * lies already, its bytes are read back and compared by hash; the same bytes count as done, others are a `conflict` and nothing is
 * overwritten.
 */
export async function uploadObject(
  dependencies: ObjectDependencies,
  request: UploadRequest,
): Promise<Result<Uploaded>> {
  if (request.byteSize > pieceBytes) return uploadInPieces(dependencies, request)
  const bytes = await request.read(0, request.byteSize)
  if (!bytes.ok) return bytes
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
          .upload(request.objectPath, bytes.value, { contentType: request.mediaType, upsert: false }),
    )
    if (exchange.failure !== null) return { ok: false, error: networkError(exchange.failure, host) }
    if (value.error === null) return ok('sent')
    if (exchange.status === 401 && attempt === 0) {
      token = await session.renewAfterRefusal(token.value)
      continue
    }
    const refusal = readRefusal(exchange.status ?? 0, value.error)
    const status = statusOfObjectRefusal(refusal.status, value.error.statusCode)
    return afterRefusal(dependencies, request, { ...refusal, status })
  }
}
