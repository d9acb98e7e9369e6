import { createHash } from 'node:crypto'
import { buildSignedData } from './build-signed-data.ts'
import type { Signer } from './signer.ts'

/** Bytes kept free for the CMS in /Contents. A chain of three RSA-4096 certificates, a timestamp and its chain fit. */
export const contentsLength = 16_384

/** The name that stands in a /ByteRange until its numbers are known; ten characters hold any offset of a file below 10 GB. */
export const byteRangePlaceholder = '**********'

/** A signed PDF and the figures that a ledger keeps of it. */
export interface SignedPdf {
  readonly pdf: Uint8Array
  /** SHA-256 of the whole file. It changes when a timestamp is added to the signature in place. */
  readonly sha256Hex: string
  /** SHA-256 of the bytes that the signature covers. It never changes. */
  readonly byteRangeDigestSha256Hex: string
  /** Length of the CMS in bytes, at most `contentsLength`. */
  readonly cmsLength: number
}

/**
 * Fills the one open signature placeholder of a PDF with a PAdES B-B signature. The input is left as it is.
 * Throws when the PDF has no placeholder, or when the CMS does not fit: both are defects of the program that prepared it.
 */
export async function signPdf(prepared: Uint8Array, signer: Signer): Promise<SignedPdf> {
  const pdf = Buffer.from(prepared)
  const { byteRange, contents } = locatePlaceholder(pdf)
  const numbers = `[0 ${contents.start} ${contents.end} ${pdf.length - contents.end}]`
  pdf.write(numbers.padEnd(byteRange.end - byteRange.start, ' '), byteRange.start, 'latin1')

  const digest = createHash('sha256')
    .update(pdf.subarray(0, contents.start))
    .update(pdf.subarray(contents.end))
    .digest()
  const cms = await buildSignedData(digest, signer)
  const room = contents.end - contents.start - 2
  if (cms.length * 2 > room) throw new Error(`A signature of ${cms.length} bytes does not fit into ${room / 2}`)
  pdf.write(Buffer.from(cms).toString('hex').padEnd(room, '0'), contents.start + 1, 'latin1')

  return {
    pdf: new Uint8Array(pdf.buffer, pdf.byteOffset, pdf.length),
    sha256Hex: createHash('sha256').update(pdf).digest('hex'),
    byteRangeDigestSha256Hex: digest.toString('hex'),
    cmsLength: cms.length,
  }
}

interface Span {
  readonly start: number
  readonly end: number
}

/** Finds the array of the open /ByteRange, and the hexadecimal string of the /Contents in the same object, brackets included. */
function locatePlaceholder(pdf: Buffer): { byteRange: Span; contents: Span } {
  const placeholder = pdf.lastIndexOf(`/${byteRangePlaceholder}`)
  if (placeholder < 0) throw new Error('The PDF has no open signature placeholder')
  const byteRange = { start: pdf.lastIndexOf('[', placeholder), end: pdf.indexOf(']', placeholder) + 1 }
  const object = pdf.lastIndexOf(' obj', placeholder)
  const start = pdf.indexOf('<', pdf.indexOf('/Contents', object))
  const contents = { start, end: pdf.indexOf('>', start) + 1 }
  if (contents.end - contents.start !== contentsLength * 2 + 2) {
    throw new Error('The signature placeholder has no room of the agreed length')
  }
  return { byteRange, contents }
}
