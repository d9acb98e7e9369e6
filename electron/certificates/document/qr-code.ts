import { create } from 'qrcode'
import type { Canvas } from './canvas.ts'
import { color } from './style.ts'

/**
 * Draws a QR code (ISO/IEC 18004) as vector squares. The white margin of four modules that readers need is the caller's to leave.
 * @param size Edge length in points, without the margin.
 */
export function drawQrCode(canvas: Canvas, x: number, y: number, size: number, text: string): void {
  const { modules } = create(text, { errorCorrectionLevel: 'M' })
  const edge = size / modules.size
  const corners: [number, number][] = []
  for (let row = 0; row < modules.size; row += 1) {
    for (let column = 0; column < modules.size; column += 1) {
      if (modules.get(row, column)) corners.push([x + column * edge, y + row * edge])
    }
  }
  // A hair wider than a module, or screens show light seams between them.
  canvas.squares(corners, edge + 0.04, color.ink)
}
