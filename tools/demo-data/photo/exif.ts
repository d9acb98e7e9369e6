/** What a camera claims about a photo. */
export interface ExifClaims {
  /** Local time at the camera, `YYYY-MM-DD` and `HH:MM:SS`. */
  readonly date: string
  readonly time: string
  /** `+07:00` */
  readonly offset: string
  /** The same instant in UTC. */
  readonly instant: string
  readonly latitude: number
  readonly longitude: number
  readonly make: string
  readonly model: string
}

type Entry = { readonly tag: number } & (
  | { readonly type: 'ascii'; readonly text: string }
  | { readonly type: 'short'; readonly value: number }
  | { readonly type: 'long'; readonly value: number }
  | { readonly type: 'bytes'; readonly bytes: readonly number[] }
  | { readonly type: 'rationals'; readonly values: readonly (readonly [number, number])[] }
)

const typeCode = { bytes: 1, ascii: 2, short: 3, long: 4, rationals: 5 } as const

const encode = (entry: Entry): { readonly count: number; readonly data: Buffer } => {
  if (entry.type === 'ascii') {
    const data = Buffer.from(`${entry.text}\0`, 'latin1')
    return { count: data.length, data }
  }
  if (entry.type === 'bytes') return { count: entry.bytes.length, data: Buffer.from(entry.bytes) }
  if (entry.type === 'short') {
    const data = Buffer.alloc(2)
    data.writeUInt16BE(entry.value)
    return { count: 1, data }
  }
  if (entry.type === 'long') {
    const data = Buffer.alloc(4)
    data.writeUInt32BE(entry.value)
    return { count: 1, data }
  }
  const data = Buffer.alloc(entry.values.length * 8)
  for (const [index, [numerator, denominator]] of entry.values.entries()) {
    data.writeUInt32BE(numerator, index * 8)
    data.writeUInt32BE(denominator, index * 8 + 4)
  }
  return { count: entry.values.length, data }
}

/** One image file directory that starts `offset` bytes into the TIFF block (TIFF 6.0, section 2). */
const directory = (entries: readonly Entry[], offset: number): Buffer => {
  const sorted = [...entries].sort((a, b) => a.tag - b.tag)
  const head = Buffer.alloc(2 + sorted.length * 12 + 4)
  head.writeUInt16BE(sorted.length, 0)
  const tail: Buffer[] = []
  let free = offset + head.length
  for (const [index, entry] of sorted.entries()) {
    const at = 2 + index * 12
    const { count, data } = encode(entry)
    head.writeUInt16BE(entry.tag, at)
    head.writeUInt16BE(typeCode[entry.type], at + 2)
    head.writeUInt32BE(count, at + 4)
    if (data.length <= 4) data.copy(head, at + 8)
    else {
      head.writeUInt32BE(free, at + 8)
      const padded = data.length % 2 === 0 ? data : Buffer.concat([data, Buffer.alloc(1)])
      tail.push(padded)
      free += padded.length
    }
  }
  return Buffer.concat([head, ...tail])
}

const degrees = (value: number): readonly (readonly [number, number])[] => {
  const total = Math.round(Math.abs(value) * 3600 * 100)
  return [
    [Math.floor(total / 360_000), 1],
    [Math.floor((total % 360_000) / 6000), 1],
    [total % 6000, 100],
  ]
}

/** The APP1 segment that carries the claims (CIPA DC-008, Exif 2.32), marker included. */
export const exifSegment = (claims: ExifClaims): Buffer => {
  const stamp = `${claims.date.replaceAll('-', ':')} ${claims.time}`
  const utc = claims.instant
  const capture: readonly Entry[] = [
    { tag: 0x9000, type: 'ascii', text: '023' },
    { tag: 0x9003, type: 'ascii', text: stamp },
    { tag: 0x9004, type: 'ascii', text: stamp },
    { tag: 0x9010, type: 'ascii', text: claims.offset },
    { tag: 0x9011, type: 'ascii', text: claims.offset },
  ]
  const place: readonly Entry[] = [
    { tag: 0x0000, type: 'bytes', bytes: [2, 3, 0, 0] },
    { tag: 0x0001, type: 'ascii', text: claims.latitude < 0 ? 'S' : 'N' },
    { tag: 0x0002, type: 'rationals', values: degrees(claims.latitude) },
    { tag: 0x0003, type: 'ascii', text: claims.longitude < 0 ? 'W' : 'E' },
    { tag: 0x0004, type: 'rationals', values: degrees(claims.longitude) },
    {
      tag: 0x0007,
      type: 'rationals',
      values: [utc.slice(11, 13), utc.slice(14, 16), utc.slice(17, 19)].map((part) => [Number(part), 1] as const),
    },
    { tag: 0x001d, type: 'ascii', text: utc.slice(0, 10).replaceAll('-', ':') },
  ]
  const main = (captureAt: number, placeAt: number): readonly Entry[] => [
    { tag: 0x010f, type: 'ascii', text: claims.make },
    { tag: 0x0110, type: 'ascii', text: claims.model },
    { tag: 0x0112, type: 'short', value: 1 },
    { tag: 0x0132, type: 'ascii', text: stamp },
    { tag: 0x8769, type: 'long', value: captureAt },
    { tag: 0x8825, type: 'long', value: placeAt },
  ]
  const captureAt = 8 + directory(main(0, 0), 8).length
  const captureBlock = directory(capture, captureAt)
  const placeAt = captureAt + captureBlock.length
  const header = Buffer.from([0x4d, 0x4d, 0x00, 0x2a, 0x00, 0x00, 0x00, 0x08])
  const tiff = Buffer.concat([header, directory(main(captureAt, placeAt), 8), captureBlock, directory(place, placeAt)])
  const marker = Buffer.from([0xff, 0xe1, 0, 0])
  marker.writeUInt16BE(tiff.length + 8, 2)
  return Buffer.concat([marker, Buffer.from('Exif\0\0', 'latin1'), tiff])
}

/** The JPEG with the claims as its first segment; a JFIF segment that the encoder wrote is replaced. */
export const withExif = (jpeg: Uint8Array, claims: ExifClaims): Buffer => {
  const start = jpeg[2] === 0xff && jpeg[3] === 0xe0 ? 4 + (((jpeg[4] ?? 0) << 8) | (jpeg[5] ?? 0)) : 2
  return Buffer.concat([jpeg.subarray(0, 2), exifSegment(claims), jpeg.subarray(start)])
}
