import { type Canvas, type Color, fillRectangle, plain } from '../raster/canvas.ts'
import { cloudAt, hashAt, noiseAt, slowField } from '../raster/noise.ts'

/** Light and place of a scene, from its seed. */
export interface Surroundings {
  readonly seed: number
  readonly siteSeed: number
  /** Row of the horizon in pixels. */
  readonly horizon: number
  /** Brightness of the day, about 0.85 to 1.1. */
  readonly light: number
  readonly ground: 'concrete' | 'laterite' | 'gravel'
}

const grounds: Readonly<Record<Surroundings['ground'], Color>> = {
  concrete: [158, 153, 144],
  laterite: [164, 112, 78],
  gravel: [139, 131, 118],
}

/** Choices that follow from the seeds of the scene and of the site. */
export const surroundingsOf = (seed: number, siteSeed: number, height: number): Surroundings => ({
  seed,
  siteSeed,
  horizon: Math.round(height * (0.36 + 0.1 * hashAt(1, 0, seed))),
  light: 0.86 + 0.22 * hashAt(2, 0, seed),
  ground: (['concrete', 'laterite', 'gravel'] as const)[Math.floor(hashAt(3, 0, siteSeed) * 3)] ?? 'concrete',
})

/** Sky with clouds, a line of trees or hills, and the ground up to the camera. */
export const drawSurroundings = (canvas: Canvas, scene: Surroundings): void => {
  const { width, height } = canvas
  const { seed, horizon, light } = scene
  const overcast = hashAt(4, 0, seed)
  const clouds = slowField(width, horizon + 2, 5, (x, y) => cloudAt(x / 260, y / 90, seed, 4))
  const undersides = slowField(width, horizon + 2, 10, (x, y) => noiseAt(x / 60, y / 30, seed + 9))
  fillRectangle(canvas, { x: 0, y: 0, width, height: horizon + 2 }, (out, _u, v, x, y) => {
    const cloud = Math.max(0, clouds(x, y) - 0.62 + overcast * 0.4) * 2.6
    const amount = Math.min(1, cloud)
    const shade = 226 + 22 * undersides(x, y)
    out[0] = (94 + 96 * v + (shade - 94 - 96 * v) * amount) * light
    out[1] = (142 + 66 * v + (shade - 142 - 66 * v) * amount) * light
    out[2] = (196 + 26 * v + (shade + 4 - 196 - 26 * v) * amount) * light
  })
  const far = height * (0.03 + 0.05 * hashAt(5, 0, scene.siteSeed))
  for (let x = 0; x < width; x += 1) {
    const hill = far * (0.35 + cloudAt(x / 190, 3, seed + 20, 3))
    const tree = far * 0.8 * cloudAt(x / 26, 9, seed + 30, 4)
    fillRectangle(
      canvas,
      { x, y: horizon - hill, width: 1, height: hill + 2 },
      plain([112 * light, 130 * light, 128 * light]),
      0.8,
    )
    fillRectangle(canvas, { x, y: horizon - tree, width: 1, height: tree + 2 }, (out, _u, _v, column, row) => {
      const leaf = 0.65 + 0.6 * hashAt(column >> 1, row >> 1, seed + 31)
      out[0] = 58 * leaf * light
      out[1] = 78 * leaf * light
      out[2] = 46 * leaf * light
    })
  }
  const base = grounds[scene.ground]
  const depth = height - horizon
  const stains = slowField(width, depth, 3, (x, y) => {
    const distance = 1 / (y / depth + 0.06)
    return cloudAt(((x - width / 2) * distance) / 240, distance * 2.2, seed + 40, 4)
  })
  fillRectangle(canvas, { x: 0, y: horizon, width, height: depth }, (out, _u, v, x, y) => {
    const distance = 1 / (v + 0.06)
    const stain = stains(x, y - horizon)
    const grain = hashAt(x >> 1, y >> 1, seed + 41)
    const track = Math.abs(Math.sin(((x - width * 0.46) * distance) / 330 + 1.2)) < 0.09 ? 0.9 : 1
    const tone = (0.72 + 0.42 * stain + 0.1 * (grain - 0.5) + 0.1 * v) * light * track
    out[0] = base[0] * tone
    out[1] = base[1] * tone
    out[2] = base[2] * tone
  })
}

/** A steel shed with corrugated walls, a roof edge and an open gate. */
export const drawShed = (canvas: Canvas, scene: Surroundings, left: number, width: number): void => {
  const { seed, horizon, light } = scene
  const height = canvas.height * (0.2 + 0.07 * hashAt(6, 1, seed))
  const top = horizon - height * 0.82
  const tints: readonly Color[] = [
    [138, 158, 168],
    [92, 124, 104],
    [176, 170, 154],
    [110, 128, 162],
  ]
  const tint = tints[Math.floor(hashAt(7, 1, scene.siteSeed) * tints.length)] ?? [150, 150, 150]
  fillRectangle(canvas, { x: left, y: top, width, height }, (out, _u, v, x, y) => {
    const rib = 0.9 + 0.16 * Math.sin(x / 2.4)
    const rust = Math.max(0, cloudAt(x / 30, y / 90, seed + 50, 3) - 0.66) * 2.4
    const tone = rib * (1.02 - 0.2 * v) * light
    out[0] = tint[0] * tone + rust * 60
    out[1] = tint[1] * tone - rust * 10
    out[2] = tint[2] * tone - rust * 40
  })
  fillRectangle(
    canvas,
    { x: left - 10, y: top - 13, width: width + 20, height: 14 },
    plain([74 * light, 76 * light, 80 * light]),
  )
  const gate = width * 0.34
  fillRectangle(
    canvas,
    { x: left + width * 0.3, y: top + height * 0.34, width: gate, height: height * 0.66 },
    (out, u, v) => {
      const dark = 26 + 26 * v + 10 * u
      out[0] = dark
      out[1] = dark
      out[2] = dark + 3
    },
  )
}
