import { type AppError, fail, ok, type Result } from '../../shared/result.ts'
import { readCertificateFields } from './certificate-fields.ts'
import { type CertificateSummary, summarizeCertificate } from './certificate-summary.ts'

/**
 * Decides whether a certificate may sign at the instant that the computer shows: within its validity, meant for signatures
 * (RFC 5280, 4.2.1.3), and not an authority's. Checked before each signature, since a signature made too late is worth nothing.
 */
export function checkSigningCertificate(certificateDer: Uint8Array, at: Date): Result<CertificateSummary, AppError> {
  let summary: CertificateSummary
  let fields: ReturnType<typeof readCertificateFields>
  try {
    summary = summarizeCertificate(certificateDer)
    fields = readCertificateFields(certificateDer)
  } catch {
    return fail(
      'signing_key_unreadable',
      'The signing certificate cannot be read.',
      'Ask whoever issued it for a new key file.',
    )
  }
  const today = day(at.toISOString())
  const detail = { validFrom: summary.validFrom, validTo: summary.validTo, at: at.toISOString() }
  if (at < new Date(summary.validFrom)) {
    return fail(
      'signing_certificate_not_yet_valid',
      `The signing certificate of ${summary.commonName} is valid from ${day(summary.validFrom)}, and this computer shows ${today}.`,
      `If ${today} is not today's date, set the computer's clock. Otherwise wait until the certificate is valid.`,
      detail,
    )
  }
  if (at > new Date(summary.validTo)) {
    return fail(
      'signing_certificate_expired',
      `The signing certificate of ${summary.commonName} expired on ${day(summary.validTo)}, and this computer shows ${today}.`,
      `If ${today} is not today's date, set the computer's clock. Otherwise choose a key file with a renewed certificate.`,
      detail,
    )
  }
  if (fields.isAuthority) {
    return fail(
      'signing_certificate_not_for_signing',
      `The certificate of ${summary.commonName} belongs to a certificate authority, which issues certificates and signs no documents.`,
      'Choose the key file that was issued to you in person.',
    )
  }
  const usage = fields.keyUsage
  if (usage !== null && !usage.digitalSignature && !usage.nonRepudiation) {
    return fail(
      'signing_certificate_not_for_signing',
      `The certificate of ${summary.commonName} is not meant for signatures.`,
      'Choose a key file whose certificate allows digital signatures or non-repudiation.',
    )
  }
  if (usage === null) {
    return fail(
      'signing_certificate_not_for_signing',
      `The certificate of ${summary.commonName} does not say that it is meant for signatures.`,
      'Choose a key file whose certificate allows digital signatures or non-repudiation.',
    )
  }
  return ok(summary)
}

const day = (instant: string): string => instant.slice(0, 10)
