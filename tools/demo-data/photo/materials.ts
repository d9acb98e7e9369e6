import {
  type Canvas,
  type Color,
  fillEllipse,
  fillParallelogram,
  fillRectangle,
  plain,
  type Shade,
} from '../raster/canvas.ts'
import { cloudAt, hashAt, noiseAt } from '../raster/noise.ts'

/** What a bale or heap is made of: the colors seen in it. */
export type Material = 'pet' | 'rigid' | 'film' | 'mixed' | 'char'

const palettes: Readonly<Record<Material, readonly Color[]>> = {
  pet: [
    [196, 212, 218],
    [168, 192, 204],
    [222, 228, 226],
    [112, 150, 126],
    [112, 142, 170],
    [148, 120, 86],
  ],
  rigid: [
    [214, 216, 210],
    [172, 84, 72],
    [84, 108, 146],
    [206, 178, 96],
    [98, 134, 100],
    [236, 232, 222],
  ],
  film: [
    [216, 218, 220],
    [188, 194, 198],
    [230, 228, 222],
    [150, 168, 178],
    [70, 72, 74],
    [206, 196, 172],
  ],
  mixed: [
    [198, 186, 164],
    [160, 132, 96],
    [160, 84, 74],
    [92, 116, 140],
    [206, 208, 204],
    [96, 120, 74],
  ],
  char: [
    [38, 37, 36],
    [54, 52, 50],
    [28, 28, 28],
    [70, 67, 63],
    [46, 45, 44],
    [33, 32, 31],
  ],
}

const TILE_WIDTH = 320
const TILE_HEIGHT = 240

/** A tile of crushed pieces with dark gaps: 22 pieces across, 16 down. Brightness is that of full light. */
const bakeTile = (material: Material, variant: number): Float32Array => {
  const palette = palettes[material]
  const tile = new Float32Array(TILE_WIDTH * TILE_HEIGHT * 3)
  for (let y = 0; y < TILE_HEIGHT; y += 1) {
    for (let x = 0; x < TILE_WIDTH; x += 1) {
      const u = (x / TILE_WIDTH) * 22
      const v = (y / TILE_HEIGHT) * 16
      const cellX = Math.floor(u + noiseAt(u * 1.7, v * 1.7, variant + 3) * 1.3)
      const cellY = Math.floor(v + noiseAt(u * 2, v * 2, variant + 5) * 1.3)
      const color = palette[Math.floor(hashAt(cellX, cellY, variant) * palette.length)] ?? [128, 128, 128]
      const crease = cloudAt(u * 2.4, v * 2.4, variant + 7, 3)
      const tone =
        (crease < 0.34 ? 0.42 : 1) * (0.5 + 0.72 * crease) * (0.86 + 0.28 * hashAt(cellX, cellY, variant + 8))
      const at = (y * TILE_WIDTH + x) * 3
      for (const [channel, value] of color.entries()) tile[at + channel] = value * tone
    }
  }
  return tile
}

const tiles = new Map<string, Float32Array>()

/** The surface of compressed or loose material, `columns` by `rows` pieces across the shape. */
export const crushed = (material: Material, seed: number, light: number, columns: number, rows: number): Shade => {
  const key = `${material}:${seed % 3}`
  const tile = tiles.get(key) ?? bakeTile(material, 500 + (seed % 3))
  tiles.set(key, tile)
  const left = Math.floor(hashAt(seed, 1, 21) * TILE_WIDTH)
  const top = Math.floor(hashAt(seed, 2, 21) * TILE_HEIGHT)
  const scaleX = (columns / 22) * TILE_WIDTH * (hashAt(seed, 3, 21) < 0.5 ? -1 : 1)
  const scaleY = (rows / 16) * TILE_HEIGHT
  return (out, u, v, x, y) => {
    const column = (((left + Math.floor(u * scaleX)) % TILE_WIDTH) + TILE_WIDTH) % TILE_WIDTH
    const row = (top + Math.floor(v * scaleY)) % TILE_HEIGHT
    const at = (row * TILE_WIDTH + column) * 3
    const tone = light * (0.97 + 0.1 * hashAt(x, y, seed))
    out[0] = (tile[at] ?? 0) * tone
    out[1] = (tile[at + 1] ?? 0) * tone
    out[2] = (tile[at + 2] ?? 0) * tone
  }
}

const strapped =
  (shade: Shade, light: number): Shade =>
  (out, u, v, x, y) => {
    shade(out, u, v, x, y)
    const near = Math.min(Math.abs(u - 0.2), Math.abs(u - 0.5), Math.abs(u - 0.8))
    if (near < 0.012) {
      out[0] = 44 * light
      out[1] = 44 * light
      out[2] = 48 * light
    } else if (near < 0.05) {
      for (let channel = 0; channel < 3; channel += 1) out[channel] = (out[channel] ?? 0) * 0.8
    }
    const edge = Math.min(u, 1 - u, v, 1 - v)
    if (edge < 0.05)
      for (let channel = 0; channel < 3; channel += 1) out[channel] = (out[channel] ?? 0) * (0.7 + 6 * edge)
  }

/** One strapped bale seen from the front left; (x, y) is the lower left corner of its front. */
export const drawBale = (
  canvas: Canvas,
  bale: {
    readonly x: number
    readonly y: number
    readonly width: number
    readonly material: Material
    readonly seed: number
    readonly light: number
    /** Whether it stands on the ground and darkens it. */
    readonly onGround: boolean
  },
): void => {
  const { x, y, width, material, seed, light } = bale
  const height = width * (0.7 + 0.05 * hashAt(1, 1, seed))
  const lean = (hashAt(2, 1, seed) - 0.5) * width * 0.05
  const depthX = width * 0.34
  const depthY = -width * 0.17
  if (bale.onGround)
    fillEllipse(canvas, [x + width * 0.62, y + 3], [width * 0.78, width * 0.06], plain([30, 28, 26]), 0.42)
  fillParallelogram(
    canvas,
    [x + lean, y - height],
    [width, 0],
    [depthX, depthY],
    crushed(material, seed + 11, light * 1.16, 13, 6),
  )
  fillParallelogram(
    canvas,
    [x + width, y],
    [depthX, depthY],
    [lean, -height],
    crushed(material, seed + 12, light * 0.58, 6, 10),
  )
  fillParallelogram(
    canvas,
    [x + lean, y - height],
    [width, 0],
    [-lean, height],
    strapped(crushed(material, seed + 10, light * 0.94, 15, 11), light),
  )
}

/** Loose material in a heap; the outline is rough. */
export const drawHeap = (
  canvas: Canvas,
  heap: {
    readonly x: number
    readonly y: number
    readonly width: number
    readonly height: number
    readonly material: Material
    readonly seed: number
    readonly light: number
  },
): void => {
  const { x, y, width, height, material, seed, light } = heap
  const surface = crushed(material, seed, light, width / 15, height / 11)
  fillEllipse(canvas, [x + width / 2, y], [width * 0.54, height * 0.08], plain([28, 26, 24]), 0.4)
  for (let column = 0; column < width; column += 1) {
    const u = column / width
    const profile =
      Math.sin(Math.PI * u) ** 0.8 * (0.72 + 0.36 * cloudAt(u * 5, 1, seed + 60, 3)) +
      0.03 * hashAt(column >> 2, 5, seed)
    const top = y - height * profile
    fillRectangle(canvas, { x: x + column, y: top, width: 1, height: y - top }, (out, _u, v, pixelX, pixelY) => {
      surface(out, u, Math.max(0, (pixelY - y + height * 1.2) / height), pixelX, pixelY)
      const shade = 0.66 + 0.5 * (1 - v) - 0.28 * u
      for (let channel = 0; channel < 3; channel += 1) out[channel] = (out[channel] ?? 0) * shade
    })
  }
}
