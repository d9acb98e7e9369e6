/** How large pages are shown: a factor (1 is 100 %), or as wide as the view. */
export type Zoom = number | 'fit'

/** The steps of the zoom keys. */
const steps = [0.25, 0.33, 0.5, 0.67, 0.75, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4] as const
const smallest = steps[0]
const largest = 4

const within = (scale: number): number => Math.min(largest, Math.max(smallest, scale))

/** The factor at which the widest page fills the view. */
export function fitScale(widestPage: number, viewWidth: number, margin: number): number {
  if (widestPage <= 0 || viewWidth <= margin * 2) return 1
  return within(Math.floor(((viewWidth - margin * 2) / widestPage) * 1000) / 1000)
}

/** The factor that a zoom stands for. */
export const scaleOf = (zoom: Zoom, fit: number): number => (zoom === 'fit' ? fit : within(zoom))

/** The next larger (`1`) or smaller (`-1`) step from where the scale is now. */
export function stepZoom(scale: number, direction: 1 | -1): number {
  // A fitted scale lies between the steps; one that is practically a step counts as it.
  const tolerance = 0.005
  if (direction === 1) return steps.find((step) => step > scale + tolerance) ?? largest
  return steps.findLast((step) => step < scale - tolerance) ?? smallest
}

/** Pixels that a canvas may have at most; larger ones are drawn coarser and stretched. */
const mostCanvasPixels = 16_777_216

/** Device pixels per pixel to draw a page with. */
export function outputScale(width: number, height: number, devicePixelRatio: number): number {
  const pixels = width * height * devicePixelRatio * devicePixelRatio
  return pixels <= mostCanvasPixels ? devicePixelRatio : devicePixelRatio * Math.sqrt(mostCanvasPixels / pixels)
}

/** A scale for people: `125 %`. */
export const formatZoom = (scale: number): string => `${String(Math.round(scale * 100))} %`
