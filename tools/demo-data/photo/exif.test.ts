import exifr from 'exifr'
import jpeg from 'jpeg-js'
import { expect, test } from 'vitest'
import { makePhoto, type PhotoRecipe } from './photo.ts'

const recipe: PhotoRecipe = {
  seed: 41,
  siteSeed: 7,
  subject: { kind: 'panels' },
  takenAt: '2026-08-12T03:14:05.000Z',
  timeZone: 'America/Bogota',
  latitude: -6.28531,
  longitude: -75.44602,
  caption: 'Somewhere',
  camera: { make: 'Fairline', model: 'F5 Pro' },
  quality: 70,
}

test('a photo decodes, and another reader finds the claims that were written', async () => {
  const bytes = makePhoto(recipe)
  const picture = jpeg.decode(bytes, { useTArray: true })
  expect([picture.width, picture.height]).toEqual([1024, 768])
  const claims = await exifr.parse(Buffer.from(bytes), { reviveValues: false, gps: true })
  expect(claims).toMatchObject({
    Make: 'Fairline',
    Model: 'F5 Pro',
    DateTimeOriginal: '2026:08:11 22:14:05',
    OffsetTimeOriginal: '-05:00',
  })
  expect(claims.latitude).toBeCloseTo(recipe.latitude, 5)
  expect(claims.longitude).toBeCloseTo(recipe.longitude, 5)
})

test('the same recipe makes the same bytes, another seed another picture', () => {
  expect(Buffer.compare(makePhoto(recipe), makePhoto(recipe))).toBe(0)
  expect(Buffer.compare(makePhoto(recipe), makePhoto({ ...recipe, seed: 42 }))).not.toBe(0)
})
