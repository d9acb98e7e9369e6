import exifr from 'exifr'
import type { ReadPhoto } from './messages.ts'

const number = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null)
const text = (value: unknown): string | null => {
  if (typeof value !== 'string') return null
  const printable = value.replace(/\p{Cc}/gu, '').trim()
  return printable === '' ? null : printable.slice(0, 200)
}

/** `2026:03:04 10:20:30` (Exif 2.32, 4.6.5) to `2026-03-04T10:20:30`, with the file's own offset where it gives one. */
function takenAt(original: unknown, offset: unknown): string | null {
  const match = /^(\d{4}):(\d{2}):(\d{2}) (\d{2}:\d{2}:\d{2})/.exec(text(original) ?? '')
  if (match === null) return null
  const zone = /^[+-]\d{2}:\d{2}$/.exec(text(offset) ?? '')?.[0] ?? ''
  return `${match[1]}-${match[2]}-${match[3]}T${match[4]}${zone}`
}

const inRange = (value: number | null, limit: number): number | null =>
  value !== null && Math.abs(value) <= limit ? value : null

/** Reads what a photo claims about its time, place and camera. Throws on a file that is no image. */
export async function readPhoto(bytes: Uint8Array): Promise<ReadPhoto> {
  const tags: Record<string, unknown> =
    (await exifr.parse(bytes, { tiff: true, exif: true, gps: true, reviveValues: false, translateValues: false })) ?? {}
  const place = await exifr.gps(bytes).catch(() => undefined)
  const camera = [text(tags.Make), text(tags.Model)].filter((part) => part !== null).join(' ')
  return {
    kind: 'photo',
    width: number(tags.ExifImageWidth) ?? number(tags.ImageWidth),
    height: number(tags.ExifImageHeight) ?? number(tags.ImageHeight),
    takenAt: takenAt(tags.DateTimeOriginal, tags.OffsetTimeOriginal),
    latitude: inRange(number(place?.latitude), 90),
    longitude: inRange(number(place?.longitude), 180),
    camera: camera === '' ? null : camera,
  }
}
