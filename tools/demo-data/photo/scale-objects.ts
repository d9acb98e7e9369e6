import { type Canvas, type Color, fillEllipse, fillRectangle, plain } from '../raster/canvas.ts'
import { drawText, textWidth } from '../raster/glyphs.ts'
import { hashAt, noiseAt } from '../raster/noise.ts'
import { drawHeap, type Material } from './materials.ts'

const wheel = (canvas: Canvas, x: number, y: number, radius: number): void => {
  fillEllipse(canvas, [x, y], [radius, radius], plain([28, 28, 29]))
  fillEllipse(canvas, [x, y], [radius * 0.56, radius * 0.56], (out, u, v) => {
    const tone = 118 - 40 * v + 20 * u
    out[0] = tone
    out[1] = tone
    out[2] = tone + 3
  })
  fillEllipse(canvas, [x, y], [radius * 0.18, radius * 0.18], plain([52, 52, 54]))
}

/** A loaded truck from the side, standing with its wheels on `ground`, driving to the right. */
export const drawTruck = (
  canvas: Canvas,
  truck: {
    readonly x: number
    readonly ground: number
    readonly length: number
    readonly plate: string
    readonly material: Material
    readonly seed: number
    readonly light: number
  },
): void => {
  const { x, ground, length, plate, material, seed, light } = truck
  const paints: readonly Color[] = [
    [186, 48, 40],
    [220, 150, 40],
    [236, 236, 232],
    [40, 92, 150],
    [70, 126, 88],
  ]
  const paint = paints[Math.floor(hashAt(1, 2, seed) * paints.length)] ?? [200, 200, 200]
  const radius = length * 0.045
  const deck = ground - radius * 1.9
  const boxHeight = length * 0.2
  const boxLength = length * 0.7
  fillEllipse(canvas, [x + length / 2, ground + 4], [length * 0.54, radius * 0.5], plain([20, 19, 18]), 0.5)
  drawHeap(canvas, {
    x: x + length * 0.02,
    y: deck - boxHeight * 0.8,
    width: boxLength * 0.96,
    height: boxHeight * 0.62,
    material,
    seed: seed + 4,
    light: light * 0.98,
  })
  fillRectangle(canvas, { x, y: deck - boxHeight, width: boxLength, height: boxHeight }, (out, u, v, px, py) => {
    const post = (u * 8) % 1 < 0.07 || v < 0.06 || v > 0.92 ? 0.68 : 1
    const plank = 0.92 + 0.12 * Math.sin(v * 19) + 0.1 * (noiseAt(px / 12, py / 3, seed + 70) - 0.5)
    const tone = light * post * plank * (1.02 - 0.22 * v)
    out[0] = paint[0] * 0.8 * tone + 18
    out[1] = paint[1] * 0.8 * tone + 18
    out[2] = paint[2] * 0.8 * tone + 16
  })
  const cabX = x + boxLength + length * 0.02
  const cabWidth = length * 0.24
  const cabHeight = length * 0.27
  fillRectangle(
    canvas,
    { x: cabX, y: deck - cabHeight + radius * 0.8, width: cabWidth, height: cabHeight },
    (out, u, v) => {
      const tone = light * (1.05 - 0.26 * v - 0.08 * u)
      out[0] = paint[0] * tone
      out[1] = paint[1] * tone
      out[2] = paint[2] * tone
    },
  )
  fillRectangle(
    canvas,
    {
      x: cabX + cabWidth * 0.3,
      y: deck - cabHeight * 0.86 + radius * 0.8,
      width: cabWidth * 0.6,
      height: cabHeight * 0.36,
    },
    (out, u, v) => {
      const sky = 74 + 80 * (1 - v) * (u > v * 0.8 ? 1 : 0.5)
      out[0] = sky * 0.8
      out[1] = sky * 0.95
      out[2] = sky * 1.06
    },
  )
  fillRectangle(
    canvas,
    { x: cabX + cabWidth * 0.26, y: deck - cabHeight * 0.4, width: 2, height: cabHeight * 0.5 },
    plain([60, 30, 26]),
    0.6,
  )
  fillRectangle(canvas, { x, y: deck, width: length * 0.96, height: radius * 0.8 }, plain([44, 44, 46]))
  for (const place of [0.1, 0.2, 0.56, 0.84]) wheel(canvas, x + length * place, ground - radius, radius)
  const size = Math.round(length * 0.028)
  const plateWidth = textWidth('bold', size, plate) + 10
  const plateX = x + boxLength * 0.36
  fillRectangle(
    canvas,
    { x: plateX, y: deck - size * 0.3, width: plateWidth, height: size * 1.3 },
    plain([238, 236, 226]),
  )
  drawText(canvas, plate, { face: 'bold', size, x: plateX + 5, y: deck + size * 0.7, color: [24, 24, 26] })
}

/** The scale house with its red display. */
export const drawScaleHouse = (
  canvas: Canvas,
  house: {
    readonly x: number
    readonly ground: number
    readonly width: number
    readonly reading: string
    readonly light: number
  },
): void => {
  const { x, ground, width, reading, light } = house
  const height = width * 1.02
  fillRectangle(canvas, { x, y: ground - height, width, height }, (out, _u, v, px, py) => {
    const tone = light * (1 - 0.14 * v + 0.05 * (noiseAt(px / 9, py / 9, 77) - 0.5))
    out[0] = 222 * tone
    out[1] = 214 * tone
    out[2] = 192 * tone
  })
  fillRectangle(canvas, { x: x - 8, y: ground - height - 10, width: width + 16, height: 12 }, plain([120, 62, 48]))
  fillRectangle(
    canvas,
    { x: x + width * 0.12, y: ground - height * 0.56, width: width * 0.36, height: height * 0.3 },
    plain([62, 78, 90]),
  )
  fillRectangle(
    canvas,
    { x: x + width * 0.62, y: ground - height * 0.6, width: width * 0.26, height: height * 0.6 },
    plain([92, 74, 58]),
  )
  const size = Math.round(width * 0.14)
  const display = textWidth('mono', size, reading) + 14
  fillRectangle(
    canvas,
    { x: x + width * 0.06, y: ground - height * 0.93, width: display, height: size * 1.5 },
    plain([14, 10, 10]),
  )
  drawText(canvas, reading, {
    face: 'mono',
    size,
    x: x + width * 0.06 + 7,
    y: ground - height * 0.93 + size * 1.1,
    color: [255, 60, 42],
  })
}
