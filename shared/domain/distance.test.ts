import { expect, test } from 'vitest'
import { distanceMeters } from './distance.ts'

test('known distances come out within half a per cent', () => {
  const jakarta = { latitude: -6.2, longitude: 106.8167 }
  const surabaya = { latitude: -7.2575, longitude: 112.7521 }
  expect(distanceMeters(jakarta, surabaya) / 1000).toBeCloseTo(663, -1)
})

test('it is zero at the same place, symmetric, and crosses the date line the short way', () => {
  const east = { latitude: 0, longitude: 179.9 }
  const west = { latitude: 0, longitude: -179.9 }
  expect(distanceMeters(east, east)).toBe(0)
  expect(distanceMeters(east, west)).toBeCloseTo(distanceMeters(west, east), 6)
  expect(distanceMeters(east, west)).toBeLessThan(23_000)
})
