import { readFileSync } from 'node:fs'
import { create, type Font } from '@cantoo/fontkit'
import type { Canvas, Color } from './canvas.ts'

/** A face that text can be drawn in. */
export type RasterFace = 'sans' | 'bold' | 'mono'

/** How much of each pixel a character covers, 0 to 255, and where it sits from the pen on the base line. */
export interface GlyphBitmap {
  readonly width: number
  readonly height: number
  readonly left: number
  readonly top: number
  readonly advance: number
  readonly coverage: Uint8Array
}

const files: Readonly<Record<RasterFace, string>> = {
  sans: 'NotoSans-Regular.ttf',
  bold: 'NotoSans-SemiBold.ttf',
  mono: 'NotoSansMono-Regular.ttf',
}

/** The bytes of a face, as the certificates use them. */
export const readFaceFile = (face: RasterFace): Uint8Array =>
  readFileSync(new URL(`../../../resources/fonts/${files[face]}`, import.meta.url))

const fonts = new Map<RasterFace, Font>()

const fontOf = (face: RasterFace): Font => {
  const known = fonts.get(face)
  if (known !== undefined) return known
  const font = create(readFaceFile(face))
  if (font === null || !('glyphForCodePoint' in font)) throw new Error(`${files[face]} is not a single font`)
  fonts.set(face, font)
  return font
}

interface Edge {
  readonly x1: number
  readonly y1: number
  readonly x2: number
  readonly y2: number
}

/** The outline as straight edges in pixels, y downward. */
const edgesOf = (
  commands: readonly { readonly command: string; readonly args: readonly number[] }[],
  scale: number,
): readonly Edge[] => {
  const edges: Edge[] = []
  let x = 0
  let y = 0
  let startX = 0
  let startY = 0
  const lineTo = (toX: number, toY: number): void => {
    if (toY !== y) edges.push({ x1: x, y1: y, x2: toX, y2: toY })
    x = toX
    y = toY
  }
  const at = (args: readonly number[], index: number): number => (args[index] ?? 0) * (index % 2 === 0 ? scale : -scale)
  for (const { command, args } of commands) {
    if (command === 'moveTo') {
      x = at(args, 0)
      y = at(args, 1)
      startX = x
      startY = y
    } else if (command === 'lineTo') lineTo(at(args, 0), at(args, 1))
    else if (command === 'quadraticCurveTo') {
      const [fromX, fromY] = [x, y]
      for (let step = 1; step <= 5; step += 1) {
        const t = step / 5
        const s = 1 - t
        lineTo(
          s * s * fromX + 2 * s * t * at(args, 0) + t * t * at(args, 2),
          s * s * fromY + 2 * s * t * at(args, 1) + t * t * at(args, 3),
        )
      }
    } else if (command === 'closePath') lineTo(startX, startY)
  }
  return edges
}

const SAMPLES = 4

/** Non-zero winding, four scan lines per pixel with exact horizontal coverage. */
const rasterize = (edges: readonly Edge[], advance: number): GlyphBitmap => {
  if (edges.length === 0) return { width: 0, height: 0, left: 0, top: 0, advance, coverage: new Uint8Array(0) }
  let minX = Infinity
  let minY = Infinity
  let maxX = -Infinity
  let maxY = -Infinity
  for (const edge of edges) {
    minX = Math.min(minX, edge.x1, edge.x2)
    maxX = Math.max(maxX, edge.x1, edge.x2)
    minY = Math.min(minY, edge.y1, edge.y2)
    maxY = Math.max(maxY, edge.y1, edge.y2)
  }
  const left = Math.floor(minX)
  const top = Math.floor(minY)
  const width = Math.ceil(maxX) - left + 1
  const height = Math.ceil(maxY) - top + 1
  const covered = new Float64Array(width * height)
  for (let line = 0; line < height * SAMPLES; line += 1) {
    const y = top + (line + 0.5) / SAMPLES
    const crossings: { x: number; turn: number }[] = []
    for (const edge of edges) {
      const turn = edge.y1 < edge.y2 ? 1 : -1
      if (Math.min(edge.y1, edge.y2) > y || Math.max(edge.y1, edge.y2) <= y) continue
      crossings.push({ x: edge.x1 + ((y - edge.y1) / (edge.y2 - edge.y1)) * (edge.x2 - edge.x1) - left, turn })
    }
    crossings.sort((a, b) => a.x - b.x)
    const row = Math.floor(line / SAMPLES) * width
    let winding = 0
    for (const [index, crossing] of crossings.entries()) {
      winding += crossing.turn
      const next = crossings[index + 1]
      if (winding === 0 || next === undefined) continue
      for (let x = Math.floor(crossing.x); x < next.x; x += 1) {
        const part = Math.min(next.x, x + 1) - Math.max(crossing.x, x)
        covered[row + x] = (covered[row + x] ?? 0) + part / SAMPLES
      }
    }
  }
  return {
    width,
    height,
    left,
    top,
    advance,
    coverage: Uint8Array.from(covered, (part) => Math.min(255, Math.round(part * 255))),
  }
}

const bitmaps = new Map<string, GlyphBitmap>()

/** The bitmap of one character at a size in pixels. */
export const glyphBitmap = (face: RasterFace, size: number, character: string): GlyphBitmap => {
  const key = `${face}:${size}:${character}`
  const known = bitmaps.get(key)
  if (known !== undefined) return known
  const font = fontOf(face)
  const glyph = font.glyphForCodePoint(character.codePointAt(0) ?? 0x20)
  if (glyph === null) throw new RangeError(`${files[face]} has no glyph for ${character}`)
  const scale = size / font.unitsPerEm
  const bitmap = rasterize(edgesOf(glyph.path.commands, scale), glyph.advanceWidth * scale)
  bitmaps.set(key, bitmap)
  return bitmap
}

/** Width of a line of text in pixels. */
export const textWidth = (face: RasterFace, size: number, text: string): number => {
  let width = 0
  for (const character of text) width += glyphBitmap(face, size, character).advance
  return width
}

/** Calls `plot` for each pixel that a line of text covers; (x, y) is the pen on the base line. */
export const plotText = (
  face: RasterFace,
  size: number,
  text: string,
  x: number,
  y: number,
  plot: (x: number, y: number, coverage: number) => void,
): void => {
  let pen = x
  for (const character of text) {
    const glyph = glyphBitmap(face, size, character)
    const originX = Math.round(pen) + glyph.left
    const originY = Math.round(y) + glyph.top
    for (let row = 0; row < glyph.height; row += 1) {
      for (let column = 0; column < glyph.width; column += 1) {
        const coverage = glyph.coverage[row * glyph.width + column] ?? 0
        if (coverage > 0) plot(originX + column, originY + row, coverage)
      }
    }
    pen += glyph.advance
  }
}

/** Draws a line of text on a picture. */
export const drawText = (
  canvas: Canvas,
  text: string,
  options: {
    readonly face: RasterFace
    readonly size: number
    readonly x: number
    readonly y: number
    readonly color: Color
  },
): void => {
  plotText(options.face, options.size, text, options.x, options.y, (x, y, coverage) => {
    if (x < 0 || y < 0 || x >= canvas.width || y >= canvas.height) return
    const at = (y * canvas.width + x) * 4
    for (const [channel, value] of options.color.entries()) {
      const before = canvas.pixels[at + channel] ?? 0
      canvas.pixels[at + channel] = before + ((value - before) * coverage) / 255
    }
  })
}
