/** What the bytes of a file turned out to be: a media type, or `unknown`. Any text is `text/plain`. */
export type FoundType =
  | 'application/pdf'
  | 'image/jpeg'
  | 'image/png'
  | 'image/tiff'
  | 'image/webp'
  | 'image/heif'
  | 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
  | 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'
  | 'application/zip'
  | 'text/plain'
  | 'unknown'

/** Looks at a file as its bytes go by; keeps its beginning and its end, whatever its size. */
export interface ContentInspector {
  add(chunk: Uint8Array): void
  /** What was seen so far; to be asked after the last chunk. */
  find(): FoundType
}

const HEAD_BYTES = 1024
/** The directory of an archive lies at its end (APPNOTE.TXT 6.3.10, section 4.3.6). */
const TAIL_BYTES = 64 * 1024

const startsWith = (bytes: Uint8Array, signature: readonly number[], at = 0): boolean =>
  signature.every((byte, index) => bytes[at + index] === byte)

const codesOf = (text: string): number[] => [...text].map((letter) => letter.charCodeAt(0))

const includes = (bytes: Uint8Array, text: string): boolean => {
  const wanted = codesOf(text)
  for (let at = bytes.indexOf(wanted[0] ?? 0); at !== -1; at = bytes.indexOf(wanted[0] ?? 0, at + 1))
    if (startsWith(bytes, wanted, at)) return true
  return false
}

/** Brands of still pictures in an ISO base media file (ISO/IEC 23008-12, annex B). */
const PICTURE_BRANDS = ['heic', 'heix', 'heim', 'heis', 'hevc', 'mif1', 'msf1']

/** The parts that make an archive a workbook or a document (ECMA-376 part 2), unless it carries a program. */
const readArchive = (tail: Uint8Array): FoundType => {
  if (includes(tail, 'vbaProject.bin')) return 'application/zip'
  if (includes(tail, 'xl/workbook.xml')) return 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
  if (includes(tail, 'word/document.xml'))
    return 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'
  return 'application/zip'
}

const readSignature = (head: Uint8Array, tail: Uint8Array): FoundType => {
  if (startsWith(head, codesOf('%PDF-'))) return 'application/pdf'
  if (startsWith(head, [0xff, 0xd8, 0xff])) return 'image/jpeg'
  if (startsWith(head, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return 'image/png'
  // Little- and big-endian, and the same for files over 4 GiB.
  for (const order of [
    [0x49, 0x49, 0x2a, 0],
    [0x4d, 0x4d, 0, 0x2a],
    [0x49, 0x49, 0x2b, 0],
    [0x4d, 0x4d, 0, 0x2b],
  ])
    if (startsWith(head, order)) return 'image/tiff'
  if (startsWith(head, codesOf('RIFF')) && startsWith(head, codesOf('WEBP'), 8)) return 'image/webp'
  if (startsWith(head, codesOf('ftyp'), 4) && PICTURE_BRANDS.some((brand) => startsWith(head, codesOf(brand), 8)))
    return 'image/heif'
  if (startsWith(head, [0x50, 0x4b, 0x03, 0x04])) return readArchive(tail)
  return 'unknown'
}

/** Control characters that no text has: all but tab, line feed, form feed, carriage return and escape. */
const isTextByte = (byte: number): boolean =>
  byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0c || byte === 0x0d || byte === 0x1b

const join = (one: Uint8Array, other: Uint8Array): Uint8Array => {
  const joined = new Uint8Array(one.length + other.length)
  joined.set(one)
  joined.set(other, one.length)
  return joined
}

/** Makes an inspector for one file. */
export const createContentInspector = (): ContentInspector => {
  let head = new Uint8Array()
  let tail = new Uint8Array()
  let text = true
  return {
    add(chunk) {
      if (head.length < HEAD_BYTES) head = Uint8Array.from(join(head, chunk.subarray(0, HEAD_BYTES - head.length)))
      tail = Uint8Array.from(
        chunk.length >= TAIL_BYTES ? chunk.subarray(-TAIL_BYTES) : join(tail, chunk).subarray(-TAIL_BYTES),
      )
      text &&= chunk.every(isTextByte)
    },
    find() {
      const found = readSignature(head, tail)
      if (found !== 'unknown') return found
      return text ? 'text/plain' : 'unknown'
    },
  }
}

/** Declared types and what their bytes must be found to be. Other declared types are nobody's to check. */
const EXPECTED: Readonly<Record<string, FoundType>> = {
  'application/pdf': 'application/pdf',
  'image/jpeg': 'image/jpeg',
  'image/png': 'image/png',
  'image/tiff': 'image/tiff',
  'image/webp': 'image/webp',
  'image/heic': 'image/heif',
  'image/heif': 'image/heif',
  'text/plain': 'text/plain',
  'text/csv': 'text/plain',
  'application/json': 'text/plain',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet':
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document':
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
}

/** False where the bytes of a file are not of the media type that it is said to be. */
export const isOfType = (declared: string, found: FoundType): boolean => {
  const type = declared.toLowerCase()
  const expected = Object.hasOwn(EXPECTED, type) ? EXPECTED[type] : undefined
  return expected === undefined || expected === found
}
