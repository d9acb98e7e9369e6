import { deflateRawSync } from 'node:zlib'

/** Why a reading was stopped from outside, or ended by itself over its heap; not what a reader says of a file that it could read. */
export const outOfBounds = /^(took too (long|much memory)|ended with )/

/** A ZIP file (APPNOTE 6.3) with one deflated entry and no checksum: enough for a workbook that inflates without end. */
export function zipOf(name: string, contents: Buffer): Uint8Array {
  const packed = deflateRawSync(contents, { level: 1 })
  const common = Buffer.alloc(26)
  common.writeUInt16LE(20, 0)
  common.writeUInt16LE(8, 4)
  common.writeUInt32LE(packed.length, 14)
  common.writeUInt32LE(contents.length, 18)
  common.writeUInt16LE(name.length, 22)
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), packed])
  const central = Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), common, Buffer.alloc(14), Buffer.from(name)])
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 0, 'latin1')
  end.writeUInt16LE(1, 8)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(local.length, 16)
  return new Uint8Array(Buffer.concat([local, central, end]))
}
