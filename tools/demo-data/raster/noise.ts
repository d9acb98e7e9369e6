/** A reproducible number in [0, 1) for a lattice point. */
export const hashAt = (x: number, y: number, seed: number): number => {
  let h = (Math.imul(x, 374_761_393) + Math.imul(y, 668_265_263) + Math.imul(seed, 974_634_221)) | 0
  h = Math.imul(h ^ (h >>> 13), 1_274_126_177)
  h = Math.imul(h ^ (h >>> 15), 2_246_822_519)
  return ((h ^ (h >>> 16)) >>> 0) / 4_294_967_296
}

/** Value noise in [0, 1): lattice values blended smoothly. */
export const noiseAt = (x: number, y: number, seed: number): number => {
  const left = Math.floor(x)
  const top = Math.floor(y)
  const u = x - left
  const v = y - top
  const smoothU = u * u * (3 - 2 * u)
  const smoothV = v * v * (3 - 2 * v)
  const a = hashAt(left, top, seed)
  const b = hashAt(left + 1, top, seed)
  const c = hashAt(left, top + 1, seed)
  const d = hashAt(left + 1, top + 1, seed)
  return a + (b - a) * smoothU + (c - a + (a - b - c + d) * smoothU) * smoothV
}

/** Several octaves of value noise, in [0, 1). */
export const cloudAt = (x: number, y: number, seed: number, octaves: number): number => {
  let sum = 0
  let weight = 0.5
  let scale = 1
  let total = 0
  for (let octave = 0; octave < octaves; octave += 1) {
    sum += weight * noiseAt(x * scale, y * scale, seed + octave)
    total += weight
    weight /= 2
    scale *= 2.03
  }
  return sum / total
}

/**
 * Noise that changes slowly, computed every `step` pixels and blended between: the same look for a fraction of the time.
 * Answers with a reader for pixels of a `width` by `height` area.
 */
export const slowField = (
  width: number,
  height: number,
  step: number,
  noise: (x: number, y: number) => number,
): ((x: number, y: number) => number) => {
  const columns = Math.ceil(width / step) + 2
  const rows = Math.ceil(height / step) + 2
  const values = new Float32Array(columns * rows)
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1)
      values[row * columns + column] = noise(column * step, row * step)
  }
  return (x, y) => {
    const column = Math.floor(x / step)
    const row = Math.floor(y / step)
    const u = x / step - column
    const v = y / step - row
    const at = row * columns + column
    const a = values[at] ?? 0
    const b = values[at + 1] ?? 0
    const c = values[at + columns] ?? 0
    const d = values[at + columns + 1] ?? 0
    return a + (b - a) * u + (c - a + (a - b - c + d) * u) * v
  }
}
