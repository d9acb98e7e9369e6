/** A stretch of a file: `start` is its first byte, `end` the one after its last. */
export interface Stretch {
  readonly start: number
  readonly end: number
}

/** What a /ByteRange was found to cover. */
export interface CheckedByteRange {
  readonly covered: readonly [Stretch, Stretch] | null
  readonly coveredBytes: number
  readonly contents: Uint8Array | null
  readonly reasons: readonly string[]
}

const refused = (reason: string): CheckedByteRange => ({
  covered: null,
  coveredBytes: 0,
  contents: null,
  reasons: [reason],
})

/**
 * Holds a /ByteRange to the only form that leaves nothing unsigned (ISO 32000-2, 12.8.1): it starts at the first byte, its one
 * gap is exactly the hexadecimal string of /Contents, and it ends inside the file. Hexadecimal digits of one case and no white
 * space are asked for, so that not even the spelling of the gap can be changed.
 */
export function checkByteRange(bytes: Uint8Array, range: readonly number[]): CheckedByteRange {
  const [start, firstLength, secondStart, secondLength] = range
  if (
    range.length !== 4 ||
    start === undefined ||
    firstLength === undefined ||
    secondStart === undefined ||
    secondLength === undefined ||
    !range.every((number) => Number.isSafeInteger(number) && number >= 0)
  ) {
    return refused('The byte range of the signature is not four whole numbers.')
  }
  const end = secondStart + secondLength
  if (start !== 0) return refused('The signature does not cover the start of the file.')
  if (secondStart <= firstLength) return refused('The byte range of the signature overlaps itself.')
  if (end > bytes.length) return refused('The file is cut off: the signature covers more bytes than there are.')

  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const gap = buffer.toString('latin1', firstLength, secondStart)
  const before = buffer.toString('latin1', Math.max(0, firstLength - 32), firstLength)
  const isHexadecimal = /^<(?:[0-9a-f]*|[0-9A-F]*)>$/.test(gap) && gap.length % 2 === 0
  if (!isHexadecimal || !/\/Contents\s*$/.test(before)) {
    return refused('The signature leaves out more of the file than its own place: there is a hole in what it covers.')
  }
  return {
    covered: [
      { start: 0, end: firstLength },
      { start: secondStart, end },
    ],
    coveredBytes: end,
    contents: Buffer.from(gap.slice(1, -1), 'hex'),
    reasons: [],
  }
}
