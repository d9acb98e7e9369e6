import type { SignatureLevel } from './certificate.ts'

/**
 * What a check of a signed PDF came to.
 * - `VALID`: every signature holds, leads to a trust anchor, and nothing but permitted additions follows it.
 * - `UNTRUSTED`: the signatures hold, but no given anchor vouches for a signer.
 * - `FORBIDDEN_CHANGE`: the signatures hold for what they signed, and the file was changed afterwards.
 * - `REVOKED`: a signer's certificate was withdrawn. Kept for revocation data; not yet given.
 * - `INVALID`: a signature does not hold, or cannot be read.
 * - `NO_SIGNATURE`: a PDF that nobody signed.
 */
export type VerificationVerdict = 'VALID' | 'UNTRUSTED' | 'INVALID' | 'FORBIDDEN_CHANGE' | 'REVOKED' | 'NO_SIGNATURE'

/** What a person is told of a certificate. Times are UTC instants, hexadecimal is lower case without separators. */
export interface CertificateSummary {
  readonly commonName: string
  readonly organisation: string | null
  readonly email: string | null
  /** The distinguished name on one line. */
  readonly subject: string
  readonly issuer: string
  readonly issuerCommonName: string
  readonly serialNumber: string
  readonly fingerprintSha256: string
  readonly validFrom: string
  readonly validTo: string
}

/** How strong a signature was found to be; `timestamp` is a document timestamp, `unknown` one too damaged to tell. */
export type VerifiedLevel = SignatureLevel | 'timestamp' | 'unknown'

/** One signature of the file. */
export interface SignatureReport {
  /** The name of its form field, or null when the file no longer lists the signature in a field. */
  readonly fieldName: string | null
  readonly verdict: VerificationVerdict
  readonly level: VerifiedLevel
  /** Null when the signature is too damaged to tell. */
  readonly signer: CertificateSummary | null
  /** From the signer upwards, as far as certificates were found; the last is the trust anchor when `trusted`. */
  readonly chain: readonly CertificateSummary[]
  readonly trusted: boolean
  /** Whether the signature covers the file to its last byte; otherwise something was appended. */
  readonly coversWholeFile: boolean
  /** How many bytes from the start of the file belong to the signed revision. */
  readonly coveredBytes: number
  /** The time that the signing computer claims, a UTC instant; nobody else vouches for it. */
  readonly claimedTime: string | null
  /** The time that a timestamp authority vouches for, a UTC instant. */
  readonly provenTime: string | null
  /** Why the verdict is not VALID, in plain sentences. */
  readonly reasons: readonly string[]
}

/** What a Veridesk certificate says of itself in its metadata; true only as far as the verdict is VALID. */
export interface CertificateIdentity {
  readonly certificateNumber: string
  readonly contentHash: string
  readonly batchHash: string | null
}

/** The whole answer of a check. Plain JSON. */
export interface VerificationReport {
  readonly verdict: VerificationVerdict
  /** The verdict in one plain sentence. */
  readonly summary: string
  /** SHA-256 of the whole file, lower-case hexadecimal. */
  readonly sha256: string
  readonly sizeBytes: number
  /** The instant the certificates were held against. */
  readonly checkedAt: string
  /** How many trust anchors were given. None means that no signature can be better than UNTRUSTED. */
  readonly trustAnchorCount: number
  /** Null for a PDF that is not a Veridesk certificate. */
  readonly certificate: CertificateIdentity | null
  readonly signatures: readonly SignatureReport[]
  /** Every reason of every signature, and of the file itself, once each. */
  readonly reasons: readonly string[]
}

/** The sentence that stands for each verdict. */
export const verdictSentence: Readonly<Record<VerificationVerdict, string>> = {
  VALID: 'Every signature holds and the file is as it was signed.',
  UNTRUSTED: 'The signature holds, but no trust anchor vouches for who signed.',
  INVALID: 'A signature does not hold. Do not rely on this file.',
  FORBIDDEN_CHANGE: 'The file was changed after it was signed. Do not rely on this file.',
  REVOKED: 'The certificate of a signer was withdrawn. Do not rely on this file.',
  NO_SIGNATURE: 'Nobody has signed this file.',
}
