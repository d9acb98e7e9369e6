import { createHash, type X509Certificate } from 'node:crypto'
import { buildCertificateChain, type CertificateChain } from './certificate-chain.ts'
import { readCertificateFields } from './certificate-fields.ts'
import { checkSigner } from './check-signer.ts'
import { objectIdentifier } from './object-identifiers.ts'
import { type DigestName, parseSignedData, readDigestAlgorithm } from './parse-signed-data.ts'
import {
  checkDerTree,
  DerError,
  type DerNode,
  derTag,
  expectTag,
  readChildren,
  readDer,
  readGeneralizedTime,
  sameBytes,
} from './strict-der.ts'

/** What a timestamp token proves. */
export interface TimestampCheck {
  /** When the authority says that it saw the data. */
  readonly time: Date
  readonly authority: X509Certificate | null
  readonly chain: CertificateChain | null
  readonly reasons: readonly string[]
}

/**
 * Checks a timestamp token (RFC 3161) over some data: its imprint, its signature, the authority's purpose and its path to an
 * anchor. Throws a `DerError` for a token that cannot be read.
 * @param digestOf The digest of the data that the token must be over, by a given algorithm.
 */
export function checkTimestamp(
  token: Uint8Array,
  digestOf: (name: DigestName) => Uint8Array,
  anchors: readonly X509Certificate[],
  at: Date,
): TimestampCheck {
  const signed = parseSignedData(token)
  if (signed.encoded.length !== token.length) throw new DerError('bytes after a timestamp')
  if (signed.contentType !== objectIdentifier.timestampInfo || signed.content === null)
    throw new DerError('no timestamp')
  const information = expectTag(readDer(signed.content), derTag.sequence, 'timestamp')
  if (information.encoded.length !== signed.content.length) throw new DerError('bytes after a timestamp')
  checkDerTree(information)
  const parts = readChildren(information)
  const time = readGeneralizedTime(parts[4])

  const check = checkSigner(signed, createHash(signed.digest).update(signed.content).digest())
  const reasons = check.reasons.map((reason) => `Timestamp: ${reason}`)
  if (!imprintFits(parts[2], digestOf)) reasons.push('The timestamp belongs to other data.')
  if (check.certificate === null) return { time, authority: null, chain: null, reasons }
  const purposes = readCertificateFields(check.certificate.raw).extendedKeyUsage
  if (purposes?.length !== 1 || purposes[0] !== objectIdentifier.timestampingPurpose) {
    reasons.push('The timestamp was made with a certificate that is not meant for timestamps.')
  }
  const chain = buildCertificateChain(check.certificate, check.others, anchors, at)
  return { time, authority: check.certificate, chain, reasons: [...reasons, ...chain.reasons] }
}

function imprintFits(node: DerNode | undefined, digestOf: (name: DigestName) => Uint8Array): boolean {
  const [algorithm, digest] = readChildren(expectTag(node, derTag.sequence, 'imprint'))
  return sameBytes(expectTag(digest, derTag.octetString, 'imprint').content, digestOf(readDigestAlgorithm(algorithm)))
}
