import { distanceMeters, type Position } from '../../../../../shared/domain/distance.ts'

/** The photo's point relative to the site, and a ring to read distances by. */
export interface SitePlot {
  /** Meters to the east and to the north of the site. */
  readonly east: number
  readonly north: number
  readonly distance: number
  /** Radius of the ring: a round figure that holds the point. */
  readonly ringMeters: number
}

const metersPerDegree = 111_195

/** The smallest of 100 m, 200 m, 500 m, 1 km, ... that is at least `meters`. */
export function roundRing(meters: number): number {
  let power = 100
  for (;;) {
    for (const factor of [1, 2, 5]) if (meters <= factor * power) return factor * power
    power *= 10
  }
}

/** Puts the photo's claimed point beside the site, north up, with an equirectangular projection, which serves over short ways. */
export function sitePlot(site: Position, photo: Position): SitePlot {
  const distance = distanceMeters(site, photo)
  const turn = ((photo.longitude - site.longitude + 540) % 360) - 180
  const east = turn * metersPerDegree * Math.cos((site.latitude * Math.PI) / 180)
  const north = (photo.latitude - site.latitude) * metersPerDegree
  // The direction is the projection's, the length that of the great circle: the figure beside the plot must agree with it.
  const length = Math.hypot(east, north)
  const correction = length === 0 ? 0 : distance / length
  return { east: east * correction, north: north * correction, distance, ringMeters: roundRing(Math.max(distance, 50)) }
}

/** A distance for people: `85 m`, `1.2 km`, `340 km`. */
export function formatDistance(meters: number): string {
  if (meters < 1000) return `${String(Math.round(meters))} m`
  const kilometers = meters / 1000
  return `${kilometers < 10 ? kilometers.toFixed(1) : Math.round(kilometers).toLocaleString('en-US')} km`
}

/** Degrees with five places and the hemisphere: `6.20880° S, 106.84560° E`. */
export function formatPosition({ latitude, longitude }: Position): string {
  const part = (value: number, positive: string, negative: string): string =>
    `${Math.abs(value).toFixed(5)}° ${value < 0 ? negative : positive}`
  return `${part(latitude, 'N', 'S')}, ${part(longitude, 'E', 'W')}`
}

/** A time that a photo claims: an instant where it states an offset from UTC, otherwise what its clock showed. */
export type ClaimedTime =
  | { readonly kind: 'instant'; readonly instant: string }
  | { readonly kind: 'clock'; readonly text: string }

/** Tells apart what a photo claims of its time: without an offset it is nobody's instant (Exif 2.32, 4.6.6). */
export const claimedTime = (text: string): ClaimedTime =>
  /(?:Z|[+-]\d{2}:\d{2})$/.test(text)
    ? { kind: 'instant', instant: text }
    : { kind: 'clock', text: text.replace('T', ' ') }
