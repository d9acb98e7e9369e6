import { createHash } from 'node:crypto'
import * as asn1js from 'asn1js'
import { readCertificateFields } from './certificate-fields.ts'
import { objectIdentifier } from './object-identifiers.ts'
import type { Signer } from './signer.ts'

type Element = asn1js.BaseBlock

/**
 * Makes the CMS SignedData of a PAdES baseline B-B signature (ETSI EN 319 142-1, 6.3; RFC 5652): detached, SHA-256, with the
 * signed attributes content type, message digest, signing certificate v2 (RFC 5035) and algorithm protection (RFC 6211). The
 * signing time is left to the PDF's own /M entry, as PAdES asks.
 * @param digest SHA-256 of the bytes that the signature covers.
 * @returns DER.
 */
export async function buildSignedData(digest: Uint8Array, signer: Signer): Promise<Uint8Array> {
  const { issuerDer, serialDer } = readCertificateFields(signer.certificateDer)
  const attributes = sortDer([
    attribute(objectIdentifier.contentType, new asn1js.ObjectIdentifier({ value: objectIdentifier.data })),
    attribute(objectIdentifier.messageDigest, octets(digest)),
    attribute(objectIdentifier.signingCertificateV2, signingCertificate(signer.certificateDer, issuerDer, serialDer)),
    attribute(objectIdentifier.algorithmProtection, algorithmProtection(signer.algorithm)),
  ])
  // What is signed carries the tag of a SET; what is stored carries [0] in its place (RFC 5652, 5.4).
  const signature = await signer.sign(encode(new asn1js.Set({ value: attributes })))
  const signerInfo = sequence(
    integer(1),
    sequence(raw(issuerDer), raw(serialDer)),
    digestAlgorithm(),
    contextConstructed(0, attributes),
    signatureAlgorithm(signer.algorithm),
    octets(signature),
  )
  const signedData = sequence(
    integer(1),
    new asn1js.Set({ value: [digestAlgorithm()] }),
    sequence(new asn1js.ObjectIdentifier({ value: objectIdentifier.data })),
    contextConstructed(0, sortDer([signer.certificateDer, ...signer.chainDer].map(raw))),
    new asn1js.Set({ value: [signerInfo] }),
  )
  return encode(
    sequence(new asn1js.ObjectIdentifier({ value: objectIdentifier.signedData }), contextConstructed(0, [signedData])),
  )
}

/** ESSCertIDv2 with its default hash, SHA-256, which DER therefore leaves out, and with issuer and serial number. */
function signingCertificate(certificateDer: Uint8Array, issuerDer: Uint8Array, serialDer: Uint8Array): Element {
  const hash = createHash('sha256').update(certificateDer).digest()
  const generalNames = sequence(contextConstructed(4, [raw(issuerDer)]))
  return sequence(sequence(sequence(octets(hash), sequence(generalNames, raw(serialDer)))))
}

function algorithmProtection(algorithm: Signer['algorithm']): Element {
  return sequence(digestAlgorithm(), contextConstructed(1, signatureAlgorithm(algorithm).valueBlock.value))
}

function digestAlgorithm(): asn1js.Sequence {
  return sequence(new asn1js.ObjectIdentifier({ value: objectIdentifier.sha256 }))
}

function signatureAlgorithm(algorithm: Signer['algorithm']): asn1js.Sequence {
  return algorithm === 'rsa'
    ? sequence(new asn1js.ObjectIdentifier({ value: objectIdentifier.rsaWithSha256 }), new asn1js.Null())
    : sequence(new asn1js.ObjectIdentifier({ value: objectIdentifier.ecdsaWithSha256 }))
}

function attribute(identifier: string, value: Element): Element {
  return sequence(new asn1js.ObjectIdentifier({ value: identifier }), new asn1js.Set({ value: [value] }))
}

function contextConstructed(tagNumber: number, value: Element[]): Element {
  return new asn1js.Constructed({ idBlock: { tagClass: 3, tagNumber }, value })
}

const sequence = (...value: Element[]): asn1js.Sequence => new asn1js.Sequence({ value })
const integer = (value: number): Element => new asn1js.Integer({ value })
const octets = (bytes: Uint8Array): Element => new asn1js.OctetString({ valueHex: new Uint8Array(bytes).buffer })

/** Bytes that are DER already and must be kept as they are. */
function raw(der: Uint8Array): Element {
  const { result, offset } = asn1js.fromBER(der)
  if (offset === -1 || Buffer.compare(encode(result), der) !== 0) throw new Error('A certificate is not in DER form')
  return result
}

/** DER orders the elements of a SET OF by their encoding (X.690, 11.6). */
const sortDer = (elements: Element[]): Element[] =>
  elements
    .map((element) => ({ element, der: encode(element) }))
    .sort((left, right) => Buffer.compare(left.der, right.der))
    .map(({ element }) => element)

const encode = (element: Element): Uint8Array => new Uint8Array(element.toBER())
