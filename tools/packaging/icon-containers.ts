/** A square picture of an icon: its edge in pixels and its bytes as PNG. */
export interface IconPicture {
  readonly size: number
  readonly png: Uint8Array
}

/**
 * Windows icon with PNG pictures (ICO; Microsoft, "Icons", and PNG entries since Windows Vista).
 * Pictures larger than 256 pixels do not fit in the format.
 */
export function makeIco(pictures: readonly IconPicture[]): Buffer {
  const header = Buffer.alloc(6)
  header.writeUInt16LE(1, 2)
  header.writeUInt16LE(pictures.length, 4)
  let offset = header.length + 16 * pictures.length
  const entries = pictures.map(({ size, png }) => {
    if (size > 256) throw new RangeError(`A Windows icon holds pictures of up to 256 pixels, not ${size}.`)
    const entry = Buffer.alloc(16)
    // One byte each: 256 is written as 0.
    entry.writeUInt8(size % 256, 0)
    entry.writeUInt8(size % 256, 1)
    entry.writeUInt16LE(1, 4)
    entry.writeUInt16LE(32, 6)
    entry.writeUInt32LE(png.byteLength, 8)
    entry.writeUInt32LE(offset, 12)
    offset += png.byteLength
    return entry
  })
  return Buffer.concat([header, ...entries, ...pictures.map(({ png }) => png)])
}

/** Picture kinds of an Apple icon by edge in pixels; the second of a pair is the doubled picture of half the size. */
const icnsKinds: ReadonlyMap<number, readonly string[]> = new Map([
  [16, ['icp4']],
  [32, ['icp5', 'ic11']],
  [64, ['ic12']],
  [128, ['ic07']],
  [256, ['ic08', 'ic13']],
  [512, ['ic09', 'ic14']],
  [1024, ['ic10']],
])

/** Edges in pixels that an Apple icon is made of. */
export const icnsSizes: readonly number[] = [...icnsKinds.keys()]

/** Apple icon (ICNS): a header, then per picture its four-letter kind, its length with this head, and a PNG. */
export function makeIcns(pictures: readonly IconPicture[]): Buffer {
  const chunk = (kind: string, body: Uint8Array): Buffer => {
    const head = Buffer.alloc(8)
    head.write(kind, 'latin1')
    head.writeUInt32BE(head.length + body.byteLength, 4)
    return Buffer.concat([head, body])
  }
  const chunks = pictures.flatMap(({ size, png }) => {
    const kinds = icnsKinds.get(size)
    if (kinds === undefined) throw new RangeError(`An Apple icon has no picture of ${size} pixels.`)
    return kinds.map((kind) => chunk(kind, png))
  })
  return chunk('icns', Buffer.concat(chunks))
}
