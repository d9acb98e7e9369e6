import { objectIdentifier } from './object-identifiers.ts'
import {
  checkDerTree,
  DerError,
  type DerNode,
  derTag,
  expectTag,
  readChildren,
  readDer,
  readObjectIdentifier,
  sameBytes,
} from './strict-der.ts'

/** The parts of a CMS SignedData with exactly one signer (RFC 5652, section 5), read strictly. */
export interface SignedData {
  /** The whole ContentInfo, without what may follow it. */
  readonly encoded: Uint8Array
  readonly contentType: string
  /** The encapsulated content; null when the signature is detached. */
  readonly content: Uint8Array | null
  /** Certificates as they stand there, DER. */
  readonly certificates: readonly Uint8Array[]
  readonly issuerDer: Uint8Array
  readonly serialDer: Uint8Array
  readonly digest: DigestName
  readonly digestAlgorithmDer: Uint8Array
  readonly signatureAlgorithm: string
  readonly signatureAlgorithmDer: Uint8Array
  /** What the signature covers: the signed attributes with the tag of a SET. */
  readonly signedAttributesDer: Uint8Array
  /** The single value of each signed attribute. */
  readonly signedAttributes: ReadonlyMap<string, DerNode>
  readonly unsignedAttributes: ReadonlyMap<string, DerNode>
  readonly signature: Uint8Array
}

/** Digests that a signature may use. */
export type DigestName = 'sha256' | 'sha384' | 'sha512'

const digests: ReadonlyMap<string, DigestName> = new Map([
  [objectIdentifier.sha256, 'sha256'],
  [objectIdentifier.sha384, 'sha384'],
  [objectIdentifier.sha512, 'sha512'],
])

/** The digest of an AlgorithmIdentifier whose parameters are absent or NULL; throws a `DerError` for any other. */
export function readDigestAlgorithm(node: DerNode | undefined): DigestName {
  const parts = readChildren(expectTag(node, derTag.sequence, 'digest algorithm'))
  if (parts.length > 2 || (parts[1] !== undefined && parts[1].tag !== derTag.nullValue)) {
    throw new DerError('parameters of a digest algorithm')
  }
  const digest = digests.get(readObjectIdentifier(parts[0]))
  if (digest === undefined) throw new DerError('a digest that is not accepted')
  return digest
}

/**
 * Reads a CMS signature. Throws a `DerError` for anything that is not DER, not this structure, has more than one signer, or
 * carries parts that no signature protects and no rule reads.
 */
export function parseSignedData(bytes: Uint8Array): SignedData {
  const outer = expectTag(readDer(bytes), derTag.sequence, 'signature container')
  const contentInfo = readChildren(outer)
  if (readObjectIdentifier(contentInfo[0]) !== objectIdentifier.signedData) throw new DerError('no signed data')
  const explicit = readChildren(expectTag(contentInfo[1], derTag.context0, 'signed data'))
  const parts = readChildren(expectTag(explicit[0], derTag.sequence, 'signed data'))
  if (contentInfo.length !== 2 || explicit.length !== 1) throw new DerError('more than one content')

  const [version, digestAlgorithms, encapsulated, certificateSet, signerInfos] = parts
  if (parts.length !== 5) throw new DerError('a signature without certificates, or with revocation lists nobody signed')
  checkDerTree(expectTag(digestAlgorithms, derTag.set, 'digest algorithms'))
  const { contentType, content } = readEncapsulated(encapsulated)
  // RFC 5652, 5.1: version 1 for plain data, 3 for any other content type.
  expectVersion(version, contentType === objectIdentifier.data ? 1 : 3)
  const certificates = readChildren(expectTag(certificateSet, derTag.context0, 'certificates')).map(
    (certificate) => expectTag(certificate, derTag.sequence, 'certificate').encoded,
  )
  const signers = readChildren(expectTag(signerInfos, derTag.set, 'signer'))
  if (signers.length !== 1) throw new DerError('not exactly one signer')
  const signer = readSignerInfo(expectTag(signers[0], derTag.sequence, 'signer'))
  const announced = readChildren(expectTag(digestAlgorithms, derTag.set, 'digest algorithms'))
  if (announced.length !== 1 || readDigestAlgorithm(announced[0]) !== signer.digest) {
    throw new DerError('a digest that is not the announced one')
  }
  return { encoded: outer.encoded, contentType, content, certificates, ...signer }
}

type SignerPart = Omit<SignedData, 'encoded' | 'contentType' | 'content' | 'certificates'>

function readSignerInfo(node: DerNode): SignerPart {
  const [version, identifier, digestAlgorithm, signed, signatureAlgorithm, signature, unsigned, ...rest] =
    readChildren(node)
  expectVersion(version, 1)
  const [issuer, serial] = readChildren(expectTag(identifier, derTag.sequence, 'issuer and serial number'))
  const attributes = expectTag(signed, derTag.context0, 'signed attributes')
  const asSet = Buffer.from(attributes.encoded)
  asSet[0] = derTag.set
  const algorithm = expectTag(signatureAlgorithm, derTag.sequence, 'signature algorithm')
  if (rest.length > 0) throw new DerError('more than a signer holds')
  return {
    issuerDer: expectTag(issuer, derTag.sequence, 'issuer').encoded,
    serialDer: expectTag(serial, derTag.integer, 'serial number').encoded,
    digest: readDigestAlgorithm(digestAlgorithm),
    digestAlgorithmDer: expectTag(digestAlgorithm, derTag.sequence, 'digest algorithm').encoded,
    signatureAlgorithm: readSignatureAlgorithm(algorithm),
    signatureAlgorithmDer: algorithm.encoded,
    signedAttributesDer: asSet,
    signedAttributes: readAttributes(readDer(asSet)),
    unsignedAttributes:
      unsigned === undefined ? new Map() : readAttributes(expectTag(unsigned, derTag.context1, 'unsigned attributes')),
    signature: expectTag(signature, derTag.octetString, 'signature').content,
  }
}

function readSignatureAlgorithm(node: DerNode): string {
  const [identifier, parameters, ...rest] = readChildren(node)
  if (rest.length > 0 || (parameters !== undefined && parameters.tag !== derTag.nullValue)) {
    throw new DerError('parameters of a signature algorithm')
  }
  return readObjectIdentifier(identifier)
}

function readEncapsulated(node: DerNode | undefined): Pick<SignedData, 'contentType' | 'content'> {
  const [type, explicit, ...rest] = readChildren(expectTag(node, derTag.sequence, 'content'))
  if (rest.length > 0) throw new DerError('more than one content')
  const contentType = readObjectIdentifier(type)
  if (explicit === undefined) return { contentType, content: null }
  const [value] = readChildren(expectTag(explicit, derTag.context0, 'content'))
  return { contentType, content: expectTag(value, derTag.octetString, 'content').content }
}

/** Attributes each occur once and have one value (RFC 5652, 11; RFC 5035, 3). */
function readAttributes(node: DerNode): Map<string, DerNode> {
  const attributes = new Map<string, DerNode>()
  for (const attribute of readChildren(node)) {
    checkDerTree(attribute)
    const [identifier, values, ...rest] = readChildren(expectTag(attribute, derTag.sequence, 'attribute'))
    const [value, ...more] = readChildren(expectTag(values, derTag.set, 'attribute value'))
    const name = readObjectIdentifier(identifier)
    if (value === undefined || more.length > 0 || rest.length > 0 || attributes.has(name)) {
      throw new DerError('an attribute that does not have one value')
    }
    attributes.set(name, value)
  }
  return attributes
}

function expectVersion(node: DerNode | undefined, version: number): void {
  if (!sameBytes(expectTag(node, derTag.integer, 'version').content, Uint8Array.of(version))) {
    throw new DerError('an unknown version')
  }
}
