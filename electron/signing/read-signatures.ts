import { PDFArray, PDFDict, PDFDocument, PDFHexString, PDFName, PDFNumber, PDFRef, PDFString } from 'pdf-lib'
import { checkByteRange, type Stretch } from './check-byte-range.ts'

/** A signature as it stands in a PDF, before anything of it has been believed. */
export interface EmbeddedSignature {
  /** The full name of its field; null when no field of the document refers to it any more. */
  readonly fieldName: string | null
  /** `/SubFilter`: how `contents` is to be read. */
  readonly subFilter: string | null
  /** `/M`, the time that the signing computer claims, a UTC instant. */
  readonly claimedTime: string | null
  /** The end of the revision that was signed, in bytes from the start of the file; 0 when the range makes no sense. */
  readonly coveredBytes: number
  /** The two covered stretches, as offsets; null when the range makes no sense. */
  readonly covered: readonly [Stretch, Stretch] | null
  /** The bytes of `/Contents` with their padding; null when the range makes no sense. */
  readonly contents: Uint8Array | null
  /** What is wrong with the range, in plain sentences. */
  readonly reasons: readonly string[]
}

/** Opens a PDF to be looked at, not changed. Throws when any object of it is broken. */
export function loadForReading(bytes: Uint8Array): Promise<PDFDocument> {
  return PDFDocument.load(bytes, {
    updateMetadata: false,
    throwOnInvalidObject: true,
    parseSpeed: Number.POSITIVE_INFINITY,
  })
}

/**
 * The signatures of a PDF in the order in which they were made. Those that no field names are listed too: a signature does not
 * go away when someone takes its field out of the form. Throws when the PDF cannot be read.
 */
export async function readSignatures(bytes: Uint8Array): Promise<EmbeddedSignature[]> {
  return listSignatures(await loadForReading(bytes), bytes)
}

/** As `readSignatures`, for a document that is open already. */
export function listSignatures(document: PDFDocument, bytes: Uint8Array): EmbeddedSignature[] {
  const signatures = signatureFields(document)
    .filter(({ value }) => value !== null)
    .map(({ name, value }) => readField(name, value as PDFDict, bytes))
  const known = new Set(signatures.map((signature) => signature.covered?.[0].end))
  for (const range of scanByteRanges(bytes)) {
    const checked = checkByteRange(bytes, range)
    // Text that merely looks like a range, say in an enclosed file, does not surround a /Contents.
    if (checked.reasons.length > 0 || known.has(checked.covered?.[0].end)) continue
    signatures.push({ fieldName: null, subFilter: null, claimedTime: null, ...checked })
  }
  return signatures.sort((left, right) => left.coveredBytes - right.coveredBytes)
}

/** A signature field, signed or still empty. */
export interface SignatureField {
  readonly name: string
  readonly dictionary: PDFDict
  /** The signature dictionary; null while the field is empty. */
  readonly value: PDFDict | null
}

/** The signature fields of a document's form (ISO 32000-2, 12.7.5.5), with full names. */
export function signatureFields(document: PDFDocument): SignatureField[] {
  const form = document.catalog.lookup(PDFName.of('AcroForm'))
  if (!(form instanceof PDFDict)) return []
  const found: SignatureField[] = []
  const seen = new Set<PDFDict>()
  const visit = (kids: unknown, prefix: string, inheritedType: string | null): void => {
    if (!(kids instanceof PDFArray)) return
    for (let index = 0; index < kids.size(); index += 1) {
      const dictionary = kids.lookup(index)
      if (!(dictionary instanceof PDFDict) || seen.has(dictionary)) continue
      seen.add(dictionary)
      const partial = readText(dictionary.lookup(PDFName.of('T')))
      const name = partial === null ? prefix : prefix === '' ? partial : `${prefix}.${partial}`
      const type = readName(dictionary.lookup(PDFName.of('FT'))) ?? inheritedType
      const value = dictionary.lookup(PDFName.of('V'))
      if (type === 'Sig' && partial !== null) {
        found.push({ name, dictionary, value: value instanceof PDFDict ? value : null })
      }
      visit(dictionary.lookup(PDFName.of('Kids')), name, type)
    }
  }
  visit(form.lookup(PDFName.of('Fields')), '', null)
  return found
}

function readField(name: string, value: PDFDict, bytes: Uint8Array): EmbeddedSignature {
  const range = readNumbers(value.lookup(PDFName.of('ByteRange')))
  const contents = value.lookup(PDFName.of('Contents'))
  const checked = checkByteRange(bytes, range)
  const reasons = [...checked.reasons]
  // A dictionary may not point at another dictionary's signature.
  if (checked.contents !== null) {
    const own = contents instanceof PDFHexString ? contents.asBytes() : null
    if (own === null || Buffer.compare(own, checked.contents) !== 0) {
      reasons.push('The byte range surrounds something else than this signature.')
    }
  }
  if (value.get(PDFName.of('Contents')) instanceof PDFRef) reasons.push('The signature is not stored in its own place.')
  return {
    fieldName: name,
    subFilter: readName(value.lookup(PDFName.of('SubFilter'))),
    claimedTime: readDate(value.lookup(PDFName.of('M'))),
    ...checked,
    reasons,
  }
}

function* scanByteRanges(bytes: Uint8Array): Generator<readonly number[]> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = buffer.indexOf('/ByteRange'); at >= 0; at = buffer.indexOf('/ByteRange', at + 1)) {
    const match = /^\/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]/.exec(buffer.toString('latin1', at, at + 128))
    if (match !== null) yield match.slice(1).map(Number)
  }
}

function readNumbers(object: unknown): number[] {
  if (!(object instanceof PDFArray)) return []
  return object.asArray().map((item) => (item instanceof PDFNumber ? item.asNumber() : Number.NaN))
}

function readName(object: unknown): string | null {
  return object instanceof PDFName ? object.decodeText() : null
}

function readText(object: unknown): string | null {
  return object instanceof PDFString || object instanceof PDFHexString ? object.decodeText() : null
}

function readDate(object: unknown): string | null {
  if (!(object instanceof PDFString || object instanceof PDFHexString)) return null
  try {
    return object.decodeDate().toISOString()
  } catch {
    return null
  }
}
