import { objectIdentifier } from './object-identifiers.ts'
import { type DerNode, derTag, expectTag, readChildren, readDer, readObjectIdentifier } from './strict-der.ts'

/** What `node:crypto` does not tell of an X.509 certificate (RFC 5280, section 4). */
export interface CertificateFields {
  /** The issuer's Name, DER. */
  readonly issuerDer: Uint8Array
  /** The serial number, DER INTEGER. */
  readonly serialDer: Uint8Array
  /** Null where the certificate does not restrict the use of its key. */
  readonly keyUsage: KeyUsage | null
  readonly isAuthority: boolean
  /** How many more authorities may follow below this one; null is no limit. */
  readonly pathLength: number | null
  /** Purposes as object identifiers; null where the extension is absent. */
  readonly extendedKeyUsage: readonly string[] | null
  /** Critical extensions that this program does not understand, and therefore must refuse. */
  readonly unknownCriticalExtensions: readonly string[]
}

/** The bits of the key usage extension that a verifier of signatures looks at. */
export interface KeyUsage {
  readonly digitalSignature: boolean
  readonly nonRepudiation: boolean
  readonly certificateSigning: boolean
}

/** Extensions whose meaning is applied here, or does not bear on a signature checked against a pinned anchor. */
const understood = new Set<string>([
  objectIdentifier.keyUsage,
  objectIdentifier.basicConstraints,
  objectIdentifier.extendedKeyUsage,
  '2.5.29.14', // subject key identifier
  '2.5.29.35', // authority key identifier
  '2.5.29.17', // subject alternative name
  '2.5.29.32', // certificate policies: no policy is asked for, so none can fail
])

/** Reads the fields of a DER certificate; throws a `DerError` when it is not one. */
export function readCertificateFields(der: Uint8Array): CertificateFields {
  const certificate = readChildren(expectTag(readDer(der), derTag.sequence, 'certificate'))
  const all = readChildren(expectTag(certificate[0], derTag.sequence, 'certificate body'))
  // The version is [0] EXPLICIT and absent in version 1.
  const fields = all[0]?.tag === derTag.context0 ? all.slice(1) : all
  const serial = expectTag(fields[0], derTag.integer, 'serial number')
  const issuer = expectTag(fields[2], derTag.sequence, 'issuer')
  const extensions = all.find((field) => field.tag === derTag.context3)
  return {
    issuerDer: issuer.encoded,
    serialDer: serial.encoded,
    ...readExtensions(extensions === undefined ? [] : readChildren(readDer(extensions.content))),
  }
}

function readExtensions(extensions: readonly DerNode[]): Omit<CertificateFields, 'issuerDer' | 'serialDer'> {
  let keyUsage: KeyUsage | null = null
  let isAuthority = false
  let pathLength: number | null = null
  let extendedKeyUsage: readonly string[] | null = null
  const unknownCriticalExtensions: string[] = []
  for (const extension of extensions) {
    const parts = readChildren(extension)
    const identifier = readObjectIdentifier(parts[0])
    const critical = parts[1]?.tag === derTag.boolean && parts[1].content[0] === 0xff
    const value = readDer(expectTag(parts.at(-1), derTag.octetString, 'extension value').content)
    if (identifier === objectIdentifier.keyUsage) keyUsage = readKeyUsage(value)
    else if (identifier === objectIdentifier.basicConstraints) {
      const [first, second] = readChildren(value)
      isAuthority = first?.tag === derTag.boolean && first.content[0] === 0xff
      const length = first?.tag === derTag.integer ? first : second
      pathLength = length === undefined ? null : Number.parseInt(Buffer.from(length.content).toString('hex'), 16)
    } else if (identifier === objectIdentifier.extendedKeyUsage) {
      extendedKeyUsage = readChildren(value).map(readObjectIdentifier)
    }
    if (critical && !understood.has(identifier)) unknownCriticalExtensions.push(identifier)
  }
  return { keyUsage, isAuthority, pathLength, extendedKeyUsage, unknownCriticalExtensions }
}

function readKeyUsage(value: DerNode): KeyUsage {
  // The first octet of a BIT STRING counts its unused bits; bit 0 is the highest bit of the second.
  const bits = expectTag(value, derTag.bitString, 'key usage').content[1] ?? 0
  return {
    digitalSignature: (bits & 0x80) !== 0,
    nonRepudiation: (bits & 0x40) !== 0,
    certificateSigning: (bits & 0x04) !== 0,
  }
}
