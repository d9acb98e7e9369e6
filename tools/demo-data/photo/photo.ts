import jpeg from 'jpeg-js'
import { localTime } from '../calendar.ts'
import { type Canvas, createCanvas, fillRectangle, plain, soften } from '../raster/canvas.ts'
import { drawText } from '../raster/glyphs.ts'
import { hashAt } from '../raster/noise.ts'
import { drawMeter, drawPanels } from './energy-objects.ts'
import { withExif } from './exif.ts'
import { drawBale, drawHeap, type Material } from './materials.ts'
import { drawScaleHouse, drawTruck } from './scale-objects.ts'
import { drawShed, drawSurroundings, surroundingsOf } from './surroundings.ts'

/** What is in front of the camera. */
export type PhotoSubject =
  | { readonly kind: 'bales' | 'heap'; readonly material: Material }
  | { readonly kind: 'truck'; readonly material: Material; readonly plate: string; readonly reading: string }
  | { readonly kind: 'panels' }
  | { readonly kind: 'meter'; readonly serial: string; readonly reading: string }

/** Everything that a photo is made from; equal recipes make equal bytes. */
export interface PhotoRecipe {
  readonly seed: number
  /** Equal for photos of one site: its ground and its shed look the same. */
  readonly siteSeed: number
  readonly subject: PhotoSubject
  /** Claimed instant (UTC) and the zone of the camera's clock. */
  readonly takenAt: string
  readonly timeZone: string
  /** Claimed place, degrees (WGS 84). */
  readonly latitude: number
  readonly longitude: number
  readonly caption: string
  readonly camera: { readonly make: string; readonly model: string }
  /** Of the JPEG encoder, 1 to 100. */
  readonly quality: number
}

const WIDTH = 1024
const HEIGHT = 768

const drawSubject = (canvas: Canvas, { subject, seed, siteSeed }: PhotoRecipe): void => {
  if (subject.kind === 'meter') {
    drawMeter(canvas, {
      serial: subject.serial,
      reading: subject.reading,
      seed,
      light: 0.86 + 0.2 * hashAt(2, 0, seed),
    })
    return
  }
  const scene = surroundingsOf(seed, siteSeed, HEIGHT)
  const { light, horizon } = scene
  drawSurroundings(canvas, scene)
  if (subject.kind === 'panels') {
    drawPanels(canvas, horizon, seed, light)
    return
  }
  drawShed(canvas, scene, WIDTH * (hashAt(8, 0, seed) * 0.5 - 0.06), WIDTH * (0.4 + 0.16 * hashAt(9, 0, seed)))
  if (subject.kind === 'truck') {
    const ground = HEIGHT * 0.73
    drawScaleHouse(canvas, { x: WIDTH * 0.78, ground: HEIGHT * 0.6, width: 182, reading: subject.reading, light })
    fillRectangle(canvas, { x: 0, y: ground - 16, width: WIDTH, height: 74 }, (out, _u, v, x, y) => {
      const plate = x % 240 < 4 || v > 0.9 ? 0.6 : 1
      const tone = light * plate * (0.86 + 0.14 * hashAt(x >> 1, y >> 1, seed + 90)) * (1.02 - 0.3 * v)
      out[0] = 128 * tone
      out[1] = 128 * tone
      out[2] = 126 * tone
    })
    drawTruck(canvas, {
      x: WIDTH * (0.06 + 0.08 * hashAt(12, 0, seed)),
      ground,
      length: WIDTH * 0.72,
      plate: subject.plate,
      material: subject.material,
      seed: seed + 1,
      light,
    })
    return
  }
  if (subject.kind === 'heap') {
    drawHeap(canvas, {
      x: WIDTH * 0.05,
      y: HEIGHT * 0.8,
      width: WIDTH * 0.9,
      height: HEIGHT * 0.46,
      material: subject.material,
      seed: seed + 2,
      light,
    })
    return
  }
  for (let layer = 0; layer < 2; layer += 1) {
    const width = layer === 0 ? 148 : 221
    const y = layer === 0 ? HEIGHT * 0.62 : HEIGHT * 0.84
    const columns = layer === 0 ? 5 : 4
    const start = WIDTH * (layer === 0 ? 0.12 : 0.02) + 90 * hashAt(layer, 13, seed)
    const short = new Set<number>()
    for (let level = 0; level < (layer === 0 ? 3 : 2); level += 1) {
      for (let column = columns - 1; column >= 0; column -= 1) {
        // Where a bale is missing, none lies above it.
        if (level > 0 && hashAt(column, level, seed + layer) < 0.16 * level) short.add(column)
        if (short.has(column)) continue
        drawBale(canvas, {
          x: start + column * width * 1.05 + (hashAt(column, level + 7, seed) - 0.5) * 8,
          y: y - level * width * 0.7,
          width,
          material: subject.material,
          seed: seed + 100 + layer * 40 + level * 10 + column,
          light,
          onGround: level === 0,
        })
      }
    }
  }
}

/** Sensor noise, and corners that are darker than the middle. */
const develop = (canvas: Canvas, seed: number): void => {
  const { width, height, pixels } = canvas
  for (let y = 0; y < height; y += 1) {
    const dy = (y / height - 0.5) * 2
    for (let x = 0; x < width; x += 1) {
      const dx = (x / width - 0.5) * 2
      const vignette = 1 - 0.13 * (dx * dx + dy * dy)
      const grain = (hashAt(x, y, seed + 200) - 0.5) * 11
      const at = (y * width + x) * 4
      for (let channel = 0; channel < 3; channel += 1)
        pixels[at + channel] = (pixels[at + channel] ?? 0) * vignette + grain
    }
  }
}

const position = (value: number, positive: string, negative: string): string =>
  `${Math.abs(value).toFixed(5)}° ${value < 0 ? negative : positive}`

const stamp = (canvas: Canvas, recipe: PhotoRecipe): void => {
  const { date, time, offset } = localTime(recipe.takenAt, recipe.timeZone)
  fillRectangle(canvas, { x: 0, y: HEIGHT - 92, width: WIDTH, height: 92 }, plain([0, 0, 0]), 0.48)
  drawText(canvas, recipe.caption, { face: 'bold', size: 26, x: 22, y: HEIGHT - 56, color: [255, 255, 255] })
  const where = `${position(recipe.latitude, 'N', 'S')}  ${position(recipe.longitude, 'E', 'W')}`
  drawText(canvas, where, { face: 'mono', size: 22, x: 22, y: HEIGHT - 22, color: [238, 238, 238] })
  drawText(canvas, `${date} ${time} UTC${offset}`, {
    face: 'mono',
    size: 22,
    x: WIDTH - 400,
    y: HEIGHT - 22,
    color: [255, 190, 70],
  })
}

/** Draws the photo and writes the camera's claims into it. */
export const makePhoto = (recipe: PhotoRecipe): Uint8Array => {
  const canvas = createCanvas(WIDTH, HEIGHT)
  drawSubject(canvas, recipe)
  soften(canvas)
  develop(canvas, recipe.seed)
  stamp(canvas, recipe)
  const encoded = jpeg.encode({ width: WIDTH, height: HEIGHT, data: canvas.pixels }, recipe.quality)
  return withExif(encoded.data, {
    ...localTime(recipe.takenAt, recipe.timeZone),
    instant: recipe.takenAt,
    latitude: recipe.latitude,
    longitude: recipe.longitude,
    make: recipe.camera.make,
    model: recipe.camera.model,
  })
}
