import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { icnsSizes, makeIcns, makeIco } from './icon-containers.ts'

const folder = join(import.meta.dirname, '..', '..', 'resources', 'build')

/** Edges of a PNG in pixels, from its header (RFC 2083, 4.1.1). */
const pngSize = (png: Uint8Array): number[] => {
  const view = new DataView(png.buffer, png.byteOffset)
  expect(view.getUint32(0)).toBe(0x89504e47)
  return [view.getUint32(16), view.getUint32(20)]
}

/** Pictures of a Windows icon by the size its directory states. */
function readIco(ico: Buffer): [number, Buffer][] {
  expect([ico.readUInt16LE(0), ico.readUInt16LE(2)]).toEqual([0, 1])
  return Array.from({ length: ico.readUInt16LE(4) }, (_, index) => {
    const entry = ico.subarray(6 + 16 * index)
    const start = entry.readUInt32LE(12)
    return [entry.readUInt8(0) || 256, ico.subarray(start, start + entry.readUInt32LE(8))]
  })
}

/** Pictures of an Apple icon by kind. */
function readIcns(icns: Buffer): [string, Buffer][] {
  expect([icns.toString('latin1', 0, 4), icns.readUInt32BE(4)]).toEqual(['icns', icns.length])
  const pictures: [string, Buffer][] = []
  for (let at = 8; at < icns.length; at += icns.readUInt32BE(at + 4))
    pictures.push([icns.toString('latin1', at, at + 4), icns.subarray(at + 8, at + icns.readUInt32BE(at + 4))])
  return pictures
}

test('what is put into a container comes out of it', () => {
  const pictures = [16, 32, 256].map((size) => ({ size, png: Buffer.from(`picture of ${size}`) }))
  expect(readIco(makeIco(pictures)).map(([size, png]) => [size, png.toString()])).toEqual([
    [16, 'picture of 16'],
    [32, 'picture of 32'],
    [256, 'picture of 256'],
  ])
  expect(readIcns(makeIcns(pictures)).map(([kind, png]) => [kind, png.toString()])).toEqual([
    ['icp4', 'picture of 16'],
    ['icp5', 'picture of 32'],
    ['ic11', 'picture of 32'],
    ['ic08', 'picture of 256'],
    ['ic13', 'picture of 256'],
  ])
})

test('a size that a container cannot hold is refused', () => {
  expect(() => makeIco([{ size: 512, png: Buffer.alloc(1) }])).toThrow('up to 256')
  expect(() => makeIcns([{ size: 48, png: Buffer.alloc(1) }])).toThrow('no picture of 48')
})

test('the icon is there for Windows, macOS and Linux in every size, as PNG of that size', () => {
  const windows = readIco(readFileSync(join(folder, 'icon.ico')))
  expect(windows.map(([size]) => size)).toEqual([16, 24, 32, 48, 64, 128, 256])
  for (const [size, png] of windows) expect(pngSize(png)).toEqual([size, size])
  const apple = readIcns(readFileSync(join(folder, 'icon.icns'))).map(([, png]) => pngSize(png)[0])
  expect([...new Set(apple)]).toEqual(icnsSizes)
  const linux = readdirSync(join(folder, 'icons'))
  expect(linux).toHaveLength(8)
  for (const name of linux) {
    const size = Number.parseInt(name, 10)
    expect(pngSize(readFileSync(join(folder, 'icons', name)))).toEqual([size, size])
  }
})
