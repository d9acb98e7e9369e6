import { X509Certificate } from 'node:crypto'
import type { CertificateSummary } from '../../shared/domain/verification-report.ts'

export type { CertificateSummary }

/** What a person is told of a certificate. `der` must be a certificate; anything else throws. */
export function summarizeCertificate(der: Uint8Array): CertificateSummary {
  const certificate = new X509Certificate(der)
  const subject = readName(certificate.subject)
  const issuer = readName(certificate.issuer)
  return {
    commonName: subject.get('CN') ?? oneLine(certificate.subject),
    organisation: subject.get('O') ?? null,
    email: subject.get('emailAddress') ?? alternativeEmail(certificate),
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    issuerCommonName: issuer.get('CN') ?? oneLine(certificate.issuer),
    serialNumber: certificate.serialNumber.toLowerCase(),
    fingerprintSha256: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    validFrom: certificate.validFromDate.toISOString(),
    validTo: certificate.validToDate.toISOString(),
  }
}

/** Node writes a distinguished name as one attribute per line, in the order of the certificate. */
function readName(name: string): Map<string, string> {
  const attributes = new Map<string, string>()
  for (const line of name.split('\n')) {
    const split = line.indexOf('=')
    if (split > 0 && !attributes.has(line.slice(0, split))) attributes.set(line.slice(0, split), line.slice(split + 1))
  }
  return attributes
}

const oneLine = (name: string): string => name.split('\n').join(', ')

function alternativeEmail(certificate: X509Certificate): string | null {
  return /(?:^|, )email:([^,]+)/.exec(certificate.subjectAltName ?? '')?.[1] ?? null
}
