/** A position in degrees (WGS 84). */
export interface Position {
  readonly latitude: number
  readonly longitude: number
}

/** Mean radius of the earth in meters (IUGG). */
const earthRadiusMeters = 6_371_008.8

const radians = (degrees: number): number => (degrees * Math.PI) / 180

/** Great-circle distance in meters by the haversine formula; good to half a per cent, which is what a claimed photo position needs. */
export function distanceMeters(from: Position, to: Position): number {
  const latitude = radians(to.latitude - from.latitude)
  const longitude = radians(to.longitude - from.longitude)
  const chord =
    Math.sin(latitude / 2) ** 2 +
    Math.cos(radians(from.latitude)) * Math.cos(radians(to.latitude)) * Math.sin(longitude / 2) ** 2
  return 2 * earthRadiusMeters * Math.asin(Math.min(1, Math.sqrt(chord)))
}
