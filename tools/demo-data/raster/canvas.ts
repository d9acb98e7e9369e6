/** A color picture: red, green, blue and opacity per pixel, row by row from the top. */
export interface Canvas {
  readonly width: number
  readonly height: number
  readonly pixels: Uint8ClampedArray
}

/** Red, green and blue, 0 to 255; may leave that range before it is stored. */
export type Color = readonly [red: number, green: number, blue: number]

/** A corner in pixels. */
export type Point = readonly [x: number, y: number]

/** Writes the color at (x, y) into `out`, where u and v are coordinates inside of the shape. */
export type Shade = (out: Float64Array, u: number, v: number, x: number, y: number) => void

/** An opaque black picture. */
export const createCanvas = (width: number, height: number): Canvas => {
  const pixels = new Uint8ClampedArray(width * height * 4)
  for (let index = 3; index < pixels.length; index += 4) pixels[index] = 255
  return { width, height, pixels }
}

const store = (canvas: Canvas, x: number, y: number, color: Float64Array, opacity: number): void => {
  const at = (y * canvas.width + x) * 4
  for (let channel = 0; channel < 3; channel += 1) {
    const before = canvas.pixels[at + channel] ?? 0
    canvas.pixels[at + channel] = before + ((color[channel] ?? 0) - before) * opacity
  }
}

const scratch = new Float64Array(3)

/** Fills a rectangle of whole pixels; u and v run from 0 to 1 across it. */
export const fillRectangle = (
  canvas: Canvas,
  box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
  shade: Shade,
  opacity = 1,
): void => {
  const right = Math.min(canvas.width, Math.round(box.x + box.width))
  const bottom = Math.min(canvas.height, Math.round(box.y + box.height))
  for (let y = Math.max(0, Math.round(box.y)); y < bottom; y += 1) {
    for (let x = Math.max(0, Math.round(box.x)); x < right; x += 1) {
      shade(scratch, (x - box.x) / box.width, (y - box.y) / box.height, x, y)
      store(canvas, x, y, scratch, opacity)
    }
  }
}

/** Fills the parallelogram at `corner` spanned by `across` (u) and `down` (v). */
export const fillParallelogram = (
  canvas: Canvas,
  corner: Point,
  across: Point,
  down: Point,
  shade: Shade,
  opacity = 1,
): void => {
  const determinant = across[0] * down[1] - across[1] * down[0]
  if (determinant === 0) return
  const xs = [corner[0], corner[0] + across[0], corner[0] + down[0], corner[0] + across[0] + down[0]]
  const ys = [corner[1], corner[1] + across[1], corner[1] + down[1], corner[1] + across[1] + down[1]]
  const right = Math.min(canvas.width - 1, Math.ceil(Math.max(...xs)))
  const bottom = Math.min(canvas.height - 1, Math.ceil(Math.max(...ys)))
  for (let y = Math.max(0, Math.floor(Math.min(...ys))); y <= bottom; y += 1) {
    for (let x = Math.max(0, Math.floor(Math.min(...xs))); x <= right; x += 1) {
      const dx = x - corner[0]
      const dy = y - corner[1]
      const u = (dx * down[1] - dy * down[0]) / determinant
      const v = (dy * across[0] - dx * across[1]) / determinant
      if (u < 0 || u >= 1 || v < 0 || v >= 1) continue
      shade(scratch, u, v, x, y)
      store(canvas, x, y, scratch, opacity)
    }
  }
}

/** Fills an ellipse; u and v run from -1 to 1. */
export const fillEllipse = (canvas: Canvas, center: Point, radii: Point, shade: Shade, opacity = 1): void => {
  const bottom = Math.min(canvas.height - 1, Math.ceil(center[1] + radii[1]))
  const right = Math.min(canvas.width - 1, Math.ceil(center[0] + radii[0]))
  for (let y = Math.max(0, Math.floor(center[1] - radii[1])); y <= bottom; y += 1) {
    for (let x = Math.max(0, Math.floor(center[0] - radii[0])); x <= right; x += 1) {
      const u = (x - center[0]) / radii[0]
      const v = (y - center[1]) / radii[1]
      if (u * u + v * v > 1) continue
      shade(scratch, u, v, x, y)
      store(canvas, x, y, scratch, opacity)
    }
  }
}

/** A shade of one color. */
export const plain =
  (color: Color): Shade =>
  (out) => {
    out[0] = color[0]
    out[1] = color[1]
    out[2] = color[2]
  }

/** A lens is never quite sharp: blends each pixel with its four neighbors. */
export const soften = (canvas: Canvas): void => {
  const { width, height, pixels } = canvas
  const before = pixels.slice()
  const row = width * 4
  for (let y = 1; y < height - 1; y += 1) {
    for (let at = y * row + 4; at < (y + 1) * row - 4; at += 1) {
      pixels[at] =
        ((before[at] ?? 0) * 4 +
          (before[at - 4] ?? 0) +
          (before[at + 4] ?? 0) +
          (before[at - row] ?? 0) +
          (before[at + row] ?? 0)) /
        8
    }
  }
}
