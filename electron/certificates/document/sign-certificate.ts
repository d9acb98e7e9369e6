import { type AppError, ok, type Result } from '../../../shared/result.ts'
import { signPdf } from '../../signing/sign-pdf.ts'
import type { Signer } from '../../signing/signer.ts'
import { buildCertificatePdf } from './build-certificate-pdf.ts'
import type { CertificateData } from './certificate-data.ts'
import type { CertificateFonts } from './certificate-fonts.ts'

/** A finished certificate and the figures that the ledger keeps of it. */
export interface SignedCertificate {
  readonly pdf: Uint8Array
  /** SHA-256 of the file. */
  readonly sha256: string
  /** SHA-256 over the signature's byte range. */
  readonly byteRangeDigest: string
}

/**
 * Sets and signs a certificate (PAdES B-B), offline. Fails as `buildCertificatePdf` does; whether the signer's certificate may
 * sign today is to be asked before, with `checkSigningCertificate`.
 */
export async function signCertificate(
  data: CertificateData,
  signer: Signer,
  fonts: CertificateFonts,
): Promise<Result<SignedCertificate, AppError>> {
  const built = await buildCertificatePdf(data, fonts)
  if (!built.ok) return built
  const { pdf, sha256Hex, byteRangeDigestSha256Hex } = await signPdf(built.value, signer)
  return ok({ pdf, sha256: sha256Hex, byteRangeDigest: byteRangeDigestSha256Hex })
}
