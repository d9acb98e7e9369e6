/** Part of a file: first byte, and last byte included; a null end means to the end of the file. */
export interface ByteRange {
  readonly start: number
  readonly end: number | null
}

/**
 * Reads a `Range` header (RFC 9110, section 14.2). Null asks for the whole file: the header is absent, is not understood, or asks
 * for several parts or the last bytes, which a server may answer with the whole.
 */
export function parseByteRange(header: string | null): ByteRange | null {
  const match = /^bytes=(\d{1,15})-(\d{1,15})?$/.exec(header?.trim() ?? '')
  if (!match) return null
  const start = Number(match[1])
  const end = match[2] === undefined ? null : Number(match[2])
  return end !== null && end < start ? null : { start, end }
}
