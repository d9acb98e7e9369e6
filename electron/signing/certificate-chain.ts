import type { X509Certificate } from 'node:crypto'
import { type CertificateFields, readCertificateFields } from './certificate-fields.ts'

/** A path from a signer to a trust anchor, or as far as it leads. */
export interface CertificateChain {
  /** From the signer upwards. */
  readonly certificates: readonly X509Certificate[]
  readonly trusted: boolean
  /** Why the path does not hold, in plain sentences. A missing anchor is not among them: `trusted` says that. */
  readonly reasons: readonly string[]
}

/** Longer paths than this are not built: real ones have two or three steps, and a loop must end. */
const longestChain = 8

/**
 * Builds the path from a signer to one of the anchors (RFC 5280, section 6) and holds each certificate against `at`: validity,
 * issuer's signature, authority flag, path length, key usage, and no critical extension that is not understood.
 */
export function buildCertificateChain(
  signer: X509Certificate,
  enclosed: readonly X509Certificate[],
  anchors: readonly X509Certificate[],
  at: Date,
): CertificateChain {
  const certificates: X509Certificate[] = []
  const reasons: string[] = []
  let current = signer
  while (certificates.length < longestChain) {
    certificates.push(current)
    reasons.push(...checkOne(current, certificates.length - 1, at))
    if (anchors.some((anchor) => anchor.fingerprint256 === current.fingerprint256)) {
      return { certificates, trusted: true, reasons }
    }
    const issuer =
      anchors.find((candidate) => isIssuedBy(current, candidate)) ??
      enclosed.find((candidate) => !certificates.includes(candidate) && isIssuedBy(current, candidate))
    if (issuer === undefined) return { certificates, trusted: false, reasons }
    current = issuer
  }
  return { certificates, trusted: false, reasons: [...reasons, 'The chain of certificates does not end.'] }
}

/** By name and signature alone: whether the issuer was allowed to is a reason of its own, and said. */
function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.issuer === issuer.subject && certificate.verify(issuer.publicKey)
}

/** @param depth 0 is the signer; an authority has `depth - 1` authorities between itself and the signer. */
function checkOne(certificate: X509Certificate, depth: number, at: Date): string[] {
  const name = /(?:^|\n)CN=(.*)/.exec(certificate.subject)?.[1] ?? certificate.subject
  const fields = readCertificateFields(certificate.raw)
  const reasons: string[] = []
  // A date that cannot be read is neither before nor after, and must not pass for valid.
  if (Number.isNaN(certificate.validFromDate.getTime()) || Number.isNaN(certificate.validToDate.getTime())) {
    return [`The certificate of ${name} does not say how long it is valid.`]
  }
  if (at < certificate.validFromDate) {
    reasons.push(
      `The certificate of ${name} is valid from ${day(certificate.validFromDate)}, after the time of this check.`,
    )
  }
  if (at > certificate.validToDate) {
    reasons.push(
      `The certificate of ${name} expired on ${day(certificate.validToDate)}, and no timestamp proves that it was used before.`,
    )
  }
  for (const extension of fields.unknownCriticalExtensions) {
    reasons.push(`The certificate of ${name} carries a condition that this program does not know (${extension}).`)
  }
  return [...reasons, ...(depth === 0 ? checkSignerUse(name, fields) : checkAuthority(name, fields, depth - 1))]
}

function checkSignerUse(name: string, { keyUsage }: CertificateFields): string[] {
  const allowed = keyUsage === null || keyUsage.digitalSignature || keyUsage.nonRepudiation
  return allowed ? [] : [`The certificate of ${name} is not meant for signatures.`]
}

function checkAuthority(name: string, fields: CertificateFields, authoritiesBelow: number): string[] {
  const reasons: string[] = []
  if (!fields.isAuthority) reasons.push(`${name} is not a certificate authority and may issue no certificates.`)
  else if (fields.keyUsage !== null && !fields.keyUsage.certificateSigning) {
    reasons.push(`The certificate of ${name} may not sign certificates.`)
  } else if (fields.pathLength !== null && authoritiesBelow > fields.pathLength) {
    reasons.push(`More authorities follow below ${name} than it allows.`)
  }
  return reasons
}

const day = (instant: Date): string => instant.toISOString().slice(0, 10)
