import { createHash, createPrivateKey, createPublicKey } from 'node:crypto'
import * as asn1js from 'asn1js'
import { BasicConstraints, Certificate, Extension, getRandomValues, RelativeDistinguishedNames, Time } from 'pkijs'
import { objectIdentifier } from '../object-identifiers.ts'

/** A certificate with its private key. Made for demonstrations and tests; the program itself never issues one. */
export interface IssuedCertificate {
  /** DER. */
  readonly certificateDer: Uint8Array
  /** PKCS#8, DER. */
  readonly privateKeyDer: Uint8Array
  readonly algorithm: 'rsa' | 'ec'
}

/** What a certificate is to say. */
export interface CertificateRequest {
  readonly commonName: string
  readonly organisation?: string
  readonly email?: string
  readonly algorithm: 'rsa' | 'ec'
  readonly validFrom: Date
  readonly validTo: Date
  /** Bits of the key usage extension (RFC 5280, 4.2.1.3); an empty list leaves the extension out. */
  readonly usage: readonly KeyUsageBit[]
  /** Null for a certificate that may not issue others. */
  readonly authority: { readonly pathLength: number | null } | null
  /** Purposes as object identifiers, critical. */
  readonly purposes?: readonly string[]
  /** Absent for a root, which signs itself. */
  readonly issuer?: IssuedCertificate
  /** Keeps the key and the serial number of an earlier certificate, as no authority should. */
  readonly renewalOf?: IssuedCertificate
}

/** The bits that these certificates use, by their value in the first octet of the extension. */
export type KeyUsageBit =
  | 'digitalSignature'
  | 'nonRepudiation'
  | 'keyEncipherment'
  | 'certificateSigning'
  | 'crlSigning'

const usageBits: Readonly<Record<KeyUsageBit, number>> = {
  digitalSignature: 0x80,
  nonRepudiation: 0x40,
  keyEncipherment: 0x20,
  certificateSigning: 0x04,
  crlSigning: 0x02,
}

const keyParameters = {
  rsa: { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1), hash: 'SHA-256' },
  ec: { name: 'ECDSA', namedCurve: 'P-256' },
} as const

/** Makes a key pair and a certificate for it (X.509 version 3, SHA-256). */
export async function issueCertificate(request: CertificateRequest): Promise<IssuedCertificate> {
  const keys = await makeKeys(request)
  const certificate = new Certificate()
  certificate.version = 2
  certificate.serialNumber =
    request.renewalOf === undefined
      ? randomSerialNumber()
      : Certificate.fromBER(copy(request.renewalOf.certificateDer)).serialNumber
  certificate.notBefore = time(request.validFrom)
  certificate.notAfter = time(request.validTo)
  certificate.subject = distinguishedName(request)
  await certificate.subjectPublicKeyInfo.importKey(keys.publicKey)

  const { issuer } = request
  const issuerCertificate = issuer === undefined ? certificate : Certificate.fromBER(copy(issuer.certificateDer))
  certificate.issuer = issuerCertificate.subject
  certificate.extensions = makeExtensions(request, keyIdentifier(certificate), keyIdentifier(issuerCertificate))
  const signingKey = issuer === undefined ? keys.privateKey : await importPrivateKey(issuer)
  await certificate.sign(signingKey, 'SHA-256')

  return {
    certificateDer: new Uint8Array(certificate.toSchema(true).toBER()),
    privateKeyDer: new Uint8Array(await crypto.subtle.exportKey('pkcs8', keys.privateKey)),
    algorithm: request.algorithm,
  }
}

/** A certificate as PEM text. */
export function toPem(certificateDer: Uint8Array): string {
  const lines =
    Buffer.from(certificateDer)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

async function makeKeys({ algorithm, renewalOf }: CertificateRequest): Promise<CryptoKeyPair> {
  const parameters = keyParameters[algorithm]
  if (renewalOf === undefined) return crypto.subtle.generateKey(parameters, true, ['sign', 'verify'])
  const privateKey = await crypto.subtle.importKey('pkcs8', copy(renewalOf.privateKeyDer), parameters, true, ['sign'])
  const publicDer = createPublicKey(
    createPrivateKey({ key: Buffer.from(renewalOf.privateKeyDer), format: 'der', type: 'pkcs8' }),
  ).export({ format: 'der', type: 'spki' })
  return { privateKey, publicKey: await crypto.subtle.importKey('spki', copy(publicDer), parameters, true, ['verify']) }
}

function importPrivateKey({ privateKeyDer, algorithm }: IssuedCertificate): Promise<CryptoKey> {
  return crypto.subtle.importKey('pkcs8', copy(privateKeyDer), keyParameters[algorithm], false, ['sign'])
}

/** One attribute to each relative name: X.520 organisation and common name, PKCS#9 e-mail address. */
function distinguishedName({ commonName, organisation, email }: CertificateRequest): RelativeDistinguishedNames {
  const part = (type: string, value: asn1js.BaseBlock) =>
    new asn1js.Set({
      value: [new asn1js.Sequence({ value: [new asn1js.ObjectIdentifier({ value: type }), value] })],
    })
  const value = [
    ...(organisation === undefined ? [] : [part('2.5.4.10', new asn1js.Utf8String({ value: organisation }))]),
    part('2.5.4.3', new asn1js.Utf8String({ value: commonName })),
    ...(email === undefined ? [] : [part('1.2.840.113549.1.9.1', new asn1js.IA5String({ value: email }))]),
  ]
  return RelativeDistinguishedNames.fromBER(new asn1js.Sequence({ value }).toBER())
}

function makeExtensions(request: CertificateRequest, ownKey: Uint8Array, issuerKey: Uint8Array): Extension[] {
  const { authority, usage, purposes } = request
  const list = [
    extension(
      objectIdentifier.basicConstraints,
      true,
      new BasicConstraints({
        cA: authority !== null,
        ...(authority?.pathLength == null ? {} : { pathLenConstraint: authority.pathLength }),
      }).toSchema(),
    ),
    extension('2.5.29.14', false, new asn1js.OctetString({ valueHex: copy(ownKey) })),
    extension(
      '2.5.29.35',
      false,
      new asn1js.Sequence({
        value: [new asn1js.Primitive({ idBlock: { tagClass: 3, tagNumber: 0 }, valueHex: copy(issuerKey) })],
      }),
    ),
  ]
  if (usage.length > 0) list.push(extension(objectIdentifier.keyUsage, true, usageBitString(usage)))
  if (purposes !== undefined) {
    const value = purposes.map((purpose) => new asn1js.ObjectIdentifier({ value: purpose }))
    list.push(extension(objectIdentifier.extendedKeyUsage, true, new asn1js.Sequence({ value })))
  }
  return list
}

function usageBitString(usage: readonly KeyUsageBit[]): asn1js.BitString {
  const octet = usage.reduce((sum, bit) => sum | usageBits[bit], 0)
  // DER ends a named bit list at its last set bit.
  const unusedBits = Math.log2(octet & -octet)
  return new asn1js.BitString({ valueHex: Uint8Array.of(octet).buffer, unusedBits })
}

function extension(extnID: string, critical: boolean, value: asn1js.BaseBlock): Extension {
  return new Extension({ extnID, critical, extnValue: value.toBER() })
}

/** RFC 5280, 4.2.1.2: SHA-1 of the public key, a name for the key and no protection. */
function keyIdentifier(certificate: Certificate): Uint8Array {
  const key = createPublicKey({
    key: Buffer.from(certificate.subjectPublicKeyInfo.toSchema().toBER()),
    format: 'der',
    type: 'spki',
  })
  return createHash('sha1')
    .update(key.export({ format: 'der', type: 'spki' }))
    .digest()
}

/** Sixteen random octets, positive and without a leading zero (RFC 5280, 4.1.2.2). */
function randomSerialNumber(): asn1js.Integer {
  const octets = getRandomValues(new Uint8Array(16))
  octets[0] = ((octets[0] ?? 0) & 0x7f) | 0x40
  return new asn1js.Integer({ valueHex: copy(octets) })
}

/** RFC 5280, 4.1.2.5: UTCTime until 2049, GeneralizedTime afterwards; whole seconds. */
function time(instant: Date): Time {
  const value = new Date(Math.floor(instant.getTime() / 1000) * 1000)
  return new Time({ type: value.getUTCFullYear() < 2050 ? 0 : 1, value })
}

const copy = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer
