import { StorageError } from './storage-error.ts'

/** An upload as its request describes it. */
export interface UploadBody {
  readonly bytes: AsyncIterable<Uint8Array>
  /** Media type without parameters. What the client says; the bytes are looked at as they are stored. */
  readonly mediaType: string
  readonly cacheControl: string
  readonly userMetadata: Readonly<Record<string, unknown>> | null
}

const DEFAULT_TYPE = 'application/octet-stream'

/** The bytes of a request. `ended` gives up on one whose sender is not there any more. */
export async function* readStream(
  stream: ReadableStream<Uint8Array> | null,
  ended?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  if (stream === null) return
  const reader = stream.getReader()
  ended?.addEventListener('abort', () => void reader.cancel(ended.reason).catch(() => {}), { once: true })
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    yield value
  }
}

/** What the uploader says of the file, as JSON. */
export const parseMetadata = (text: string | null): UploadBody['userMetadata'] => {
  if (text === null) return null
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return { ...parsed }
  } catch {
    // Answered below.
  }
  throw new StorageError('InvalidRequest', 'The metadata must be a JSON object')
}

/** The text of a header that travels in base64; null where it is left out. */
export const fromBase64 = (text: string | null): string | null =>
  text === null ? null : Buffer.from(text, 'base64').toString('utf8')

/** Collects at most `limit` bytes and drops the rest, so that a form cannot fill the memory. */
const collect = async (stream: ReadableStream<Uint8Array> | null, limit: number): Promise<Uint8Array<ArrayBuffer>> => {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of readStream(stream)) {
    size += chunk.byteLength
    if (size <= limit) chunks.push(chunk)
  }
  if (size > limit) throw new StorageError('EntityTooLarge')
  return Uint8Array.from(Buffer.concat(chunks))
}

const textOf = (value: FormDataEntryValue | null): string | null => (typeof value === 'string' ? value : null)

/** A form's own overhead, on top of the file in it. */
const FORM_OVERHEAD = 64 * 1024

const readForm = async (request: Request, type: string, limit: number): Promise<UploadBody> => {
  const body = await collect(request.body, limit + FORM_OVERHEAD)
  const form = await new Response(body, { headers: { 'content-type': type } }).formData()
  // storage-js sends a Blob in a field without a name.
  const file = form.get('') ?? form.get('file')
  if (file === null || typeof file === 'string') throw new StorageError('InvalidRequest', 'The form holds no file')
  return {
    bytes: readStream(file.stream()),
    mediaType: withoutParameters(file.type),
    cacheControl: `max-age=${textOf(form.get('cacheControl')) ?? '3600'}`,
    userMetadata: parseMetadata(textOf(form.get('metadata'))),
  }
}

const withoutParameters = (type: string): string => type.split(';', 1)[0]?.trim() || DEFAULT_TYPE

/** Reads an upload in either of the forms that storage-js sends: bytes with headers, or a form with a file. */
export const readUpload = async (request: Request, limit: number): Promise<UploadBody> => {
  const type = request.headers.get('content-type') ?? DEFAULT_TYPE
  if (type.toLowerCase().startsWith('multipart/form-data')) return readForm(request, type, limit)
  return {
    bytes: readStream(request.body),
    mediaType: withoutParameters(type),
    cacheControl: request.headers.get('cache-control') ?? 'no-cache',
    userMetadata: parseMetadata(fromBase64(request.headers.get('x-metadata'))),
  }
}
