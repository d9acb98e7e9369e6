/** Codes of Supabase Storage's own error table, as far as this storage answers with them. */
export type StorageErrorCode =
  | 'AccessDenied'
  | 'EntityTooLarge'
  | 'ExpiredToken'
  | 'InternalError'
  | 'InvalidJWT'
  | 'InvalidKey'
  | 'InvalidMimeType'
  | 'InvalidRange'
  | 'InvalidRequest'
  | 'InvalidSignature'
  | 'KeyAlreadyExists'
  | 'NoSuchBucket'
  | 'NoSuchKey'

interface Facts {
  readonly status: number
  readonly error: string
  readonly message: string
}

const FACTS: Readonly<Record<StorageErrorCode, Facts>> = {
  AccessDenied: { status: 403, error: 'Unauthorized', message: 'new row violates row-level security policy' },
  EntityTooLarge: {
    status: 413,
    error: 'Payload too large',
    message: 'The object exceeded the maximum allowed size',
  },
  ExpiredToken: { status: 400, error: 'ExpiredToken', message: 'The provided token has expired.' },
  InternalError: { status: 500, error: 'InternalError', message: 'Internal server error' },
  InvalidJWT: { status: 400, error: 'InvalidJWT', message: 'Invalid JWT' },
  InvalidKey: { status: 400, error: 'InvalidKey', message: 'Invalid key' },
  InvalidMimeType: { status: 415, error: 'invalid_mime_type', message: 'mime type is not supported' },
  InvalidRange: { status: 416, error: 'invalid_range', message: 'invalid range provided' },
  InvalidRequest: { status: 400, error: 'InvalidRequest', message: 'The request is not understood' },
  InvalidSignature: { status: 400, error: 'InvalidSignature', message: 'Invalid signature' },
  KeyAlreadyExists: { status: 409, error: 'Duplicate', message: 'The resource already exists' },
  NoSuchBucket: { status: 404, error: 'Bucket not found', message: 'Bucket not found' },
  NoSuchKey: { status: 404, error: 'not_found', message: 'Object not found' },
}

/** A request that storage refuses; answered the way Supabase Storage answers (its `StorageBackendError.render`). */
export class StorageError extends Error {
  readonly code: StorageErrorCode

  constructor(code: StorageErrorCode, message?: string) {
    super(message ?? FACTS[code].message)
    this.name = 'StorageError'
    this.code = code
  }

  /** What the refusal means, whatever goes over the wire. */
  get status(): number {
    return FACTS[this.code].status
  }

  /** The real status stands in the body: on the wire every refusal is 400, and every defect 500. */
  toResponse(): Response {
    const facts = FACTS[this.code]
    return Response.json(
      { statusCode: String(facts.status), code: this.code, error: facts.error, message: this.message },
      { status: facts.status === 500 || facts.status === 416 ? facts.status : 400 },
    )
  }
}
