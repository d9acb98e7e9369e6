import { createHash, X509Certificate } from 'node:crypto'
import type { PDFDocument } from 'pdf-lib'
import {
  type CertificateIdentity,
  type SignatureReport,
  type VerificationReport,
  type VerificationVerdict,
  verdictSentence,
} from '../../shared/domain/verification-report.ts'
import { readCertificateIdentity } from './certificate-identity.ts'
import { checkSignature } from './check-signature.ts'
import { findForbiddenChanges } from './difference-analysis.ts'
import { type EmbeddedSignature, listSignatures, loadForReading } from './read-signatures.ts'

/** What a PDF is held against. */
export interface VerificationTerms {
  /** Certificates that vouch for signers, DER. Without any, no verdict is better than UNTRUSTED. */
  readonly trustAnchors: readonly Uint8Array[]
  /** The instant at which certificates must be valid; a trusted timestamp takes its place. */
  readonly at: Date
}

/**
 * Checks every signature of a PDF and everything that was appended after each. Never throws for what is in the file: a file that
 * cannot be read is INVALID.
 */
export async function verifyPdf(bytes: Uint8Array, terms: VerificationTerms): Promise<VerificationReport> {
  const anchors = terms.trustAnchors.map((der) => new X509Certificate(der))
  let document: PDFDocument
  let embedded: EmbeddedSignature[]
  let certificate: CertificateIdentity | null
  try {
    document = await loadForReading(bytes)
    embedded = listSignatures(document, bytes)
    certificate = readCertificateIdentity(document)
  } catch {
    return report('INVALID', bytes, terms, null, [], ['The file is damaged, encrypted, or not a PDF at all.'])
  }
  const signatures: SignatureReport[] = []
  for (const signature of embedded) {
    const checked = checkSignature(bytes, signature, { anchors, at: terms.at })
    signatures.push(await withLaterChanges(bytes, checked))
  }
  const verdict = worst(signatures.map((signature) => signature.verdict))
  const reasons = [...new Set(signatures.flatMap((signature) => signature.reasons))]
  return report(verdict, bytes, terms, certificate, signatures, reasons)
}

async function withLaterChanges(bytes: Uint8Array, signature: SignatureReport): Promise<SignatureReport> {
  if (signature.verdict === 'INVALID' || signature.coversWholeFile) return signature
  let changes: string[]
  try {
    changes = await findForbiddenChanges(bytes, signature.coveredBytes)
  } catch {
    return { ...signature, verdict: 'INVALID', reasons: ['What was appended to the file cannot be read.'] }
  }
  if (changes.length === 0) return signature
  return { ...signature, verdict: 'FORBIDDEN_CHANGE', reasons: [...changes, ...signature.reasons] }
}

/** From the least to the most that a reader must be warned of. */
const gravity: readonly VerificationVerdict[] = ['VALID', 'UNTRUSTED', 'FORBIDDEN_CHANGE', 'REVOKED', 'INVALID']

function worst(verdicts: readonly VerificationVerdict[]): VerificationVerdict {
  if (verdicts.length === 0) return 'NO_SIGNATURE'
  return verdicts.reduce((left, right) => (gravity.indexOf(right) > gravity.indexOf(left) ? right : left))
}

function report(
  verdict: VerificationVerdict,
  bytes: Uint8Array,
  terms: VerificationTerms,
  certificate: CertificateIdentity | null,
  signatures: readonly SignatureReport[],
  reasons: readonly string[],
): VerificationReport {
  return {
    verdict,
    summary: verdictSentence[verdict],
    sha256: createHash('sha256').update(bytes).digest('hex'),
    sizeBytes: bytes.length,
    checkedAt: terms.at.toISOString(),
    trustAnchorCount: terms.trustAnchors.length,
    certificate,
    signatures,
    reasons,
  }
}
