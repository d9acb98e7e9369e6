import type { CertificateSummary } from './certificate-summary.ts'

/** Whatever can sign: a PKCS#12 file today, a smartcard tomorrow. The private key never leaves it. */
export interface Signer {
  /** The signing certificate, DER. */
  readonly certificateDer: Uint8Array
  /** The certificates between it and the trust anchor, nearest first, DER; the self-signed root is left out. */
  readonly chainDer: readonly Uint8Array[]
  readonly algorithm: 'rsa' | 'ec'
  /** Hashes `bytes` with SHA-256 and signs: RSASSA-PKCS1-v1_5, or ECDSA as a DER SEQUENCE of r and s. */
  sign(bytes: Uint8Array): Promise<Uint8Array>
}

/** A signer whose certificate has been read, so that a person can be shown whose key it is. */
export interface SigningKey extends Signer {
  readonly certificate: CertificateSummary
}
