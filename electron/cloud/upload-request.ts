import { fail, ok, type Result } from '../../shared/result.ts'
import { compareObject } from './compare-object.ts'
import type { ObjectDependencies } from './download-object.ts'
import type { Traffic } from './exchange.ts'
import { type Refusal, refusalError } from './refusal.ts'

/** A file that is to lie in the cloud under a name of its own, never to be replaced. */
export interface UploadRequest {
  readonly bucket: string
  readonly objectPath: string
  readonly mediaType: string
  readonly byteSize: number
  /** SHA-256 of the bytes, hexadecimal. */
  readonly sha256: string
  /** Bytes `start` up to but not including `end`. */
  readonly read: (start: number, end: number) => Promise<Result<Uint8Array>>
  /** Where an earlier try was told to send the rest; null at the first. */
  readonly resumePath: string | null
  /** To be kept over a restart: where the rest goes, or null when that place is gone. */
  readonly onPlace: (resumePath: string | null) => void
  /** Bytes that the cloud is known to have, and those that were handed to the network. */
  readonly onProgress: (progress: UploadProgress) => void
  readonly signal?: AbortSignal | undefined
  readonly traffic?: Traffic | undefined
}

/** How far an upload is, in bytes. */
export interface UploadProgress {
  readonly arrived: number
  readonly handedOver: number
}

/** How an upload ended: sent now, or found to lie there already. */
export type Uploaded = 'sent' | 'already_there'

/** What a refused upload comes to: it may lie there already, from a try whose answer was lost. */
export async function afterRefusal(
  dependencies: ObjectDependencies,
  request: UploadRequest,
  refusal: Refusal,
): Promise<Result<Uploaded>> {
  // Where one may add a file but not see others, an existing name may also be refused as forbidden: look before giving up.
  if (refusal.status === 409 || refusal.status === 403) {
    const existing = await compareObject(dependencies, request)
    if (existing.ok) return ok('already_there')
    if (existing.error.code === 'conflict' || refusal.status === 409) return existing
  }
  if (refusal.status === 413)
    return fail('file_too_large', 'The file is larger than the cloud takes.', 'Ask whoever runs the cloud.')
  return { ok: false, error: refusalError(refusal) }
}
