import { createHash, type X509Certificate } from 'node:crypto'
import type { SignatureReport, VerificationVerdict, VerifiedLevel } from '../../shared/domain/verification-report.ts'
import { buildCertificateChain, type CertificateChain } from './certificate-chain.ts'
import { summarizeCertificate } from './certificate-summary.ts'
import { checkSigner } from './check-signer.ts'
import { checkTimestamp } from './check-timestamp.ts'
import { objectIdentifier } from './object-identifiers.ts'
import { type DigestName, parseSignedData, type SignedData } from './parse-signed-data.ts'
import type { EmbeddedSignature } from './read-signatures.ts'
import { DerError, readDer } from './strict-der.ts'

/** What is held against a signature. */
export interface SignatureTerms {
  readonly anchors: readonly X509Certificate[]
  readonly at: Date
}

interface Finding {
  readonly level: VerifiedLevel
  readonly signer: X509Certificate | null
  readonly chain: CertificateChain | null
  readonly provenTime: Date | null
  readonly reasons: readonly string[]
}

/** Checks one signature of a PDF by itself; what was appended after it is judged elsewhere. Never throws: a defect is INVALID. */
export function checkSignature(bytes: Uint8Array, embedded: EmbeddedSignature, terms: SignatureTerms): SignatureReport {
  try {
    return describeFinding(bytes, embedded, terms, examine(bytes, embedded, terms))
  } catch (error) {
    const detail = error instanceof DerError ? `${error.message} was found` : 'it is damaged'
    const reasons = [...embedded.reasons, `The signature cannot be read: ${detail}.`]
    return describeFinding(bytes, embedded, terms, { ...nothingFound, reasons })
  }
}

const nothingFound = { level: 'unknown', signer: null, chain: null, provenTime: null } as const

function describeFinding(
  bytes: Uint8Array,
  embedded: EmbeddedSignature,
  terms: SignatureTerms,
  finding: Finding,
): SignatureReport {
  const trusted = finding.chain?.trusted ?? false
  const verdict: VerificationVerdict = finding.reasons.length > 0 ? 'INVALID' : trusted ? 'VALID' : 'UNTRUSTED'
  return {
    fieldName: embedded.fieldName,
    verdict,
    level: finding.level,
    signer: finding.signer === null ? null : summarizeCertificate(finding.signer.raw),
    chain: (finding.chain?.certificates ?? []).map((certificate) => summarizeCertificate(certificate.raw)),
    trusted,
    coversWholeFile: embedded.coveredBytes === bytes.length,
    coveredBytes: embedded.coveredBytes,
    claimedTime: embedded.claimedTime,
    provenTime: finding.provenTime?.toISOString() ?? null,
    reasons:
      verdict === 'UNTRUSTED' ? [untrustedReason(finding.chain, terms.anchors.length)] : [...new Set(finding.reasons)],
  }
}

function examine(bytes: Uint8Array, embedded: EmbeddedSignature, terms: SignatureTerms): Finding {
  const { covered, contents } = embedded
  if (covered === null || contents === null) return { ...nothingFound, reasons: embedded.reasons }
  const digestOf = (name: DigestName): Uint8Array => {
    const hash = createHash(name)
    for (const { start, end } of covered) hash.update(bytes.subarray(start, end))
    return hash.digest()
  }
  const der = withoutPadding(contents)
  const found =
    embedded.subFilter === 'ETSI.RFC3161'
      ? examineTimestamp(der, digestOf, terms)
      : examineSignature(parseSignedData(der), embedded.subFilter, digestOf, terms)
  return { ...found, reasons: [...embedded.reasons, ...found.reasons] }
}

/** /Contents is longer than its signature and filled up with zeros; anything else there is data that nobody signed. */
function withoutPadding(contents: Uint8Array): Uint8Array {
  const { encoded } = readDer(contents)
  if (contents.subarray(encoded.length).some((byte) => byte !== 0)) throw new DerError('data behind the signature')
  return encoded
}

function examineSignature(
  signed: SignedData,
  subFilter: string | null,
  digestOf: (name: DigestName) => Uint8Array,
  terms: SignatureTerms,
): Finding {
  const reasons: string[] = []
  // A signature that lost its field is still read as what this program makes.
  if (subFilter !== null && subFilter !== 'ETSI.CAdES.detached') {
    reasons.push(`The signature is of the kind ${subFilter}; only PAdES signatures are accepted.`)
  }
  if (signed.contentType !== objectIdentifier.data || signed.content !== null) {
    reasons.push('The signature brings its own content instead of signing the file.')
  }
  if (signed.signedAttributes.has(objectIdentifier.signingTime)) {
    reasons.push('The signature states a signing time, which a PAdES signature may not.')
  }
  const check = checkSigner(signed, digestOf(signed.digest))
  reasons.push(...check.reasons)

  const { token, unknown } = timestampToken(signed)
  if (unknown) reasons.push('The signature carries data that it does not protect.')
  const timestamp =
    token === null
      ? null
      : checkTimestamp(token, (name) => createHash(name).update(signed.signature).digest(), terms.anchors, terms.at)
  if (timestamp !== null) reasons.push(...timestamp.reasons)
  const isProven = timestamp !== null && timestamp.reasons.length === 0 && timestamp.chain?.trusted === true
  const provenTime = isProven ? timestamp.time : null
  const level: VerifiedLevel = isProven ? 'B-T' : 'B-B'
  if (check.certificate === null) return { level, signer: null, chain: null, provenTime, reasons }

  const chain = buildCertificateChain(check.certificate, check.others, terms.anchors, provenTime ?? terms.at)
  const used = new Set(chain.certificates.map((certificate) => certificate.fingerprint256))
  // Certificates are not protected by the signature; one that takes no part is a place to hide data.
  if (chain.trusted && check.others.some((other) => !used.has(other.fingerprint256) && !isRoot(other))) {
    reasons.push('The signature encloses a certificate that has no part in it.')
  }
  return { level, signer: check.certificate, chain, provenTime, reasons: [...reasons, ...chain.reasons] }
}

/** Enclosing the root is idle and common; it is whole when its own signature holds. */
function isRoot(certificate: X509Certificate): boolean {
  return certificate.checkIssued(certificate) && certificate.verify(certificate.publicKey)
}

function timestampToken(signed: SignedData): { token: Uint8Array | null; unknown: boolean } {
  const token = signed.unsignedAttributes.get(objectIdentifier.signatureTimestamp)?.encoded ?? null
  return { token, unknown: signed.unsignedAttributes.size > (token === null ? 0 : 1) }
}

function examineTimestamp(
  der: Uint8Array,
  digestOf: (name: DigestName) => Uint8Array,
  { anchors, at }: SignatureTerms,
): Finding {
  const { authority, chain, time, reasons } = checkTimestamp(der, digestOf, anchors, at)
  const isProven = reasons.length === 0 && chain?.trusted === true
  return { level: 'timestamp', signer: authority, chain, provenTime: isProven ? time : null, reasons }
}

function untrustedReason(chain: CertificateChain | null, anchorCount: number): string {
  if (anchorCount === 0) return 'No trust anchor was given, so nobody vouches for who signed.'
  const top = chain?.certificates.at(-1)
  const issuer = top === undefined ? 'its issuer' : summarizeCertificate(top.raw).issuerCommonName
  return `The certificate was issued by ${issuer}, which is not among the trust anchors.`
}
