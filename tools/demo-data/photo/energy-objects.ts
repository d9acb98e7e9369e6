import { type Canvas, fillEllipse, fillParallelogram, fillRectangle, plain } from '../raster/canvas.ts'
import { drawText } from '../raster/glyphs.ts'
import { cloudAt, hashAt } from '../raster/noise.ts'

/** Rows of solar panels that run to the horizon. */
export const drawPanels = (canvas: Canvas, horizon: number, seed: number, light: number): void => {
  for (let row = 0; row < 6; row += 1) {
    const near = (row + 1) / 6
    const y = horizon + (canvas.height - horizon) * near ** 1.9 * 0.86
    const scale = 40 + 330 * near ** 1.6
    const offset = -scale * (0.3 + 0.7 * hashAt(row, 9, seed))
    for (let x = offset; x < canvas.width; x += scale * 1.03) {
      fillEllipse(canvas, [x + scale * 0.55, y + scale * 0.03], [scale * 0.55, scale * 0.05], plain([26, 24, 22]), 0.35)
      fillRectangle(
        canvas,
        { x: x + scale * 0.48, y: y - scale * 0.2, width: Math.max(2, scale * 0.03), height: scale * 0.22 },
        plain([108, 108, 110]),
      )
      fillParallelogram(
        canvas,
        [x + scale * 0.16, y - scale * 0.52],
        [scale, 0],
        [-scale * 0.16, scale * 0.42],
        (out, u, v) => {
          const line = (u * 6) % 1 < 0.05 || (v * 4) % 1 < 0.06
          const glint = Math.max(0, 1 - Math.abs(u * 0.7 + v - 0.55 - 0.2 * hashAt(Math.floor(x), row, seed)) * 4)
          const frame = u < 0.012 || u > 0.988 || v < 0.02 || v > 0.98
          out[0] = (frame ? 176 : line ? 92 : 24 + 120 * glint) * light
          out[1] = (frame ? 180 : line ? 104 : 38 + 122 * glint) * light
          out[2] = (frame ? 184 : line ? 128 : 78 + 120 * glint) * light
        },
      )
    }
  }
}

/** An export meter in its cabinet, close up, with serial number and reading. */
export const drawMeter = (
  canvas: Canvas,
  meter: { readonly serial: string; readonly reading: string; readonly seed: number; readonly light: number },
): void => {
  const { width, height } = canvas
  const { light, seed } = meter
  fillRectangle(canvas, { x: 0, y: 0, width, height }, (out, u, v, x, y) => {
    const tone = light * (0.7 + 0.22 * cloudAt(x / 70, y / 70, seed, 3) + 0.16 * (1 - v) - 0.1 * u)
    out[0] = 142 * tone
    out[1] = 146 * tone
    out[2] = 146 * tone
  })
  const box = { x: width * 0.27, y: height * 0.08, width: width * 0.46, height: height * 0.8 }
  fillRectangle(canvas, { ...box, x: box.x + 16, y: box.y + 18 }, plain([20, 20, 20]), 0.4)
  fillRectangle(canvas, box, (out, u, v) => {
    const tone = light * (1.02 - 0.12 * v - 0.06 * u)
    out[0] = 226 * tone
    out[1] = 226 * tone
    out[2] = 220 * tone
  })
  fillRectangle(
    canvas,
    { x: box.x + box.width * 0.12, y: box.y + box.height * 0.1, width: box.width * 0.76, height: box.height * 0.2 },
    (out, u, v) => {
      const tone = light * (0.94 + 0.1 * u - 0.12 * v)
      out[0] = 146 * tone
      out[1] = 160 * tone
      out[2] = 132 * tone
    },
  )
  const left = box.x + box.width * 0.14
  drawText(canvas, meter.reading, {
    face: 'mono',
    size: 48,
    x: left,
    y: box.y + box.height * 0.25,
    color: [32, 38, 30],
  })
  drawText(canvas, '1.8.0   kWh', {
    face: 'mono',
    size: 20,
    x: left,
    y: box.y + box.height * 0.14,
    color: [44, 50, 40],
  })
  const label = box.y + box.height * 0.4
  drawText(canvas, 'ACTIVE ENERGY EXPORT', { face: 'bold', size: 20, x: left, y: label, color: [40, 44, 48] })
  drawText(canvas, `No. ${meter.serial}`, { face: 'mono', size: 26, x: left, y: label + 38, color: [24, 26, 30] })
  drawText(canvas, '3 x 230/400 V   5(6) A   50 Hz', {
    face: 'sans',
    size: 17,
    x: left,
    y: label + 70,
    color: [50, 54, 58],
  })
  drawText(canvas, 'Class 0.5 S   10 000 imp/kWh', {
    face: 'sans',
    size: 17,
    x: left,
    y: label + 94,
    color: [50, 54, 58],
  })
  for (let bar = 0; bar < 64; bar += 1) {
    const wide = hashAt(bar, 4, seed) > 0.5 ? 4 : 2
    fillRectangle(canvas, { x: left + bar * 5, y: label + 114, width: wide, height: 54 }, plain([18, 18, 20]))
  }
  fillEllipse(canvas, [box.x + box.width * 0.5, box.y + box.height * 0.86], [26, 26], plain([64, 66, 70]))
  fillEllipse(canvas, [box.x + box.width * 0.5, box.y + box.height * 0.86], [10, 10], plain([196, 60, 44]))
}
