import { X509Certificate } from 'node:crypto'
import { type AppError, fail, ok, type Result } from '../../shared/result.ts'

/** Reads the certificates of a PEM file, or of a single DER certificate, as DER. Fails with `file_unreadable` when it holds none. */
export function readTrustAnchors(bytes: Uint8Array): Result<Uint8Array[], AppError> {
  const text = Buffer.from(bytes).toString('latin1')
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)
  try {
    const anchors = (blocks ?? [bytes]).map((block) => new Uint8Array(new X509Certificate(block).raw))
    return ok(anchors)
  } catch {
    return fail(
      'file_unreadable',
      'The trust anchor is not a certificate.',
      'Give a PEM or DER file with a certificate.',
    )
  }
}
