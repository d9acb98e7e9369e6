import { createHash, type KeyObject, verify, X509Certificate } from 'node:crypto'
import { readCertificateFields } from './certificate-fields.ts'
import { objectIdentifier } from './object-identifiers.ts'
import { readDigestAlgorithm, type SignedData } from './parse-signed-data.ts'
import {
  DerError,
  type DerNode,
  derTag,
  expectTag,
  readChildren,
  readObjectIdentifier,
  sameBytes,
} from './strict-der.ts'

/** What the mathematics of one signature came to. */
export interface SignerCheck {
  /** The certificate that the signature names; null when it is not enclosed. */
  readonly certificate: X509Certificate | null
  /** The other enclosed certificates. */
  readonly others: readonly X509Certificate[]
  /** Plain sentences; empty when all holds. */
  readonly reasons: readonly string[]
}

/**
 * Checks one signature against the digest of its content (RFC 5652, 5.4 to 5.6): content type, message digest, the certificate
 * that it names in its ESS attribute, algorithm protection, and the signature value itself. Trust and time are not looked at.
 * Throws a `DerError` for a structure that cannot be read.
 */
export function checkSigner(signed: SignedData, contentDigest: Uint8Array): SignerCheck {
  const reasons: string[] = []
  const attributes = signed.signedAttributes
  const digest = attributes.get(objectIdentifier.messageDigest)
  if (digest === undefined || !sameBytes(expectTag(digest, derTag.octetString, 'digest').content, contentDigest)) {
    reasons.push('The signed bytes were changed: their digest is not the one that was signed.')
  }
  const type = attributes.get(objectIdentifier.contentType)
  if (type === undefined || readObjectIdentifier(type) !== signed.contentType) {
    reasons.push('The signature does not say what kind of content it signs.')
  }
  const named = signed.certificates.filter((der) => {
    const fields = readCertificateFields(der)
    return sameBytes(fields.issuerDer, signed.issuerDer) && sameBytes(fields.serialDer, signed.serialDer)
  })
  const [own] = named
  const all = signed.certificates.map((der) => new X509Certificate(der))
  if (own === undefined || named.length > 1) {
    return { certificate: null, others: all, reasons: [...reasons, 'The certificate of the signer is not enclosed.'] }
  }
  const certificate = new X509Certificate(own)
  reasons.push(...checkNamedCertificate(signed, own), ...checkAlgorithmProtection(signed))
  if (!signatureHolds(signed, certificate.publicKey)) {
    reasons.push("The signature value does not fit the signer's key.")
  }
  return { certificate, others: all.filter((other) => !sameBytes(other.raw, certificate.raw)), reasons }
}

/** The ESS attribute binds the signature to one certificate, so that no other with the same key can be put in its place (RFC 5035). */
function checkNamedCertificate(signed: SignedData, certificateDer: Uint8Array): string[] {
  const second = signed.signedAttributes.get(objectIdentifier.signingCertificateV2)
  const first = signed.signedAttributes.get(objectIdentifier.signingCertificate)
  const timestamp = signed.contentType === objectIdentifier.timestampInfo
  // Version 1 of the attribute hashes with SHA-1: timestamp authorities still send it, PAdES signatures may not.
  const attribute = second ?? (timestamp ? first : undefined)
  if (attribute === undefined) return ['The signature does not name the certificate it was made with (ESS).']
  const [certificates] = readChildren(expectTag(attribute, derTag.sequence, 'signing certificate'))
  const [identifier] = readChildren(expectTag(certificates, derTag.sequence, 'signing certificate'))
  const parts = readChildren(expectTag(identifier, derTag.sequence, 'signing certificate'))
  const [hashAlgorithm, hash, issuerSerial] =
    parts[0]?.tag === derTag.sequence ? parts : [undefined, ...(parts as readonly (DerNode | undefined)[])]
  const name =
    second === undefined ? 'sha1' : hashAlgorithm === undefined ? 'sha256' : readDigestAlgorithm(hashAlgorithm)
  const expected = createHash(name).update(certificateDer).digest()
  if (!sameBytes(expectTag(hash, derTag.octetString, 'certificate hash').content, expected)) {
    return ['The signature names another certificate than the one enclosed (ESS).']
  }
  if (issuerSerial !== undefined) {
    const [names, serial] = readChildren(expectTag(issuerSerial, derTag.sequence, 'issuer and serial number'))
    const [general] = readChildren(expectTag(names, derTag.sequence, 'issuer'))
    const [issuer] = readChildren(expectTag(general, 0xa4, 'issuer'))
    const sameIssuer = issuer !== undefined && sameBytes(issuer.encoded, signed.issuerDer)
    if (!sameIssuer || serial === undefined || !sameBytes(serial.encoded, signed.serialDer)) {
      return ['The signature names another issuer or serial number than the enclosed certificate has (ESS).']
    }
  }
  return []
}

/** RFC 6211: the algorithms that were meant, under the signature's protection. The attribute is optional for others' signatures. */
function checkAlgorithmProtection(signed: SignedData): string[] {
  const attribute = signed.signedAttributes.get(objectIdentifier.algorithmProtection)
  if (attribute === undefined) return []
  const [digest, signature] = readChildren(expectTag(attribute, derTag.sequence, 'algorithm protection'))
  const protectedSignature = Buffer.from(expectTag(signature, derTag.context1, 'protected algorithm').encoded)
  protectedSignature[0] = derTag.sequence
  const holds =
    digest !== undefined &&
    sameBytes(digest.encoded, signed.digestAlgorithmDer) &&
    sameBytes(protectedSignature, signed.signatureAlgorithmDer)
  return holds ? [] : ['The signature was made with other algorithms than it now names.']
}

const signatureDigests: ReadonlyMap<string, { key: 'rsa' | 'ec'; digest: string | null }> = new Map([
  // Plain rsaEncryption takes the digest of the signer (RFC 3370, 3.2).
  [objectIdentifier.rsaEncryption, { key: 'rsa', digest: null }],
  [objectIdentifier.rsaWithSha256, { key: 'rsa', digest: 'sha256' }],
  [objectIdentifier.rsaWithSha384, { key: 'rsa', digest: 'sha384' }],
  [objectIdentifier.rsaWithSha512, { key: 'rsa', digest: 'sha512' }],
  [objectIdentifier.ecdsaWithSha256, { key: 'ec', digest: 'sha256' }],
  [objectIdentifier.ecdsaWithSha384, { key: 'ec', digest: 'sha384' }],
  [objectIdentifier.ecdsaWithSha512, { key: 'ec', digest: 'sha512' }],
])

function signatureHolds(signed: SignedData, key: KeyObject): boolean {
  const algorithm = signatureDigests.get(signed.signatureAlgorithm)
  if (algorithm === undefined) throw new DerError('a signature algorithm that is not accepted')
  if (algorithm.digest !== null && algorithm.digest !== signed.digest) throw new DerError('two different digests')
  if (key.asymmetricKeyType !== algorithm.key) return false
  try {
    return verify(signed.digest, signed.signedAttributesDer, key, signed.signature)
  } catch {
    return false
  }
}
