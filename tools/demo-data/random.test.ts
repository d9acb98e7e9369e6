import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openRandom, uuidOf } from './random.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

test('the same seed and label give the same stream, another label another one', () => {
  const draw = (seed: number, label: string): readonly number[] => {
    const random = openRandom(seed, label)
    return Array.from({ length: 50 }, () => random.next())
  }
  expect(draw(7, 'batches')).toEqual(draw(7, 'batches'))
  expect(draw(7, 'batches')).not.toEqual(draw(7, 'reviews'))
  expect(draw(7, 'batches')).not.toEqual(draw(8, 'batches'))
})

test('integers stay within their bounds, both included, and UUIDs are of version 4', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: -1000, max: 1000 }), fc.nat(1000), (seed, low, span) => {
      const random = openRandom(seed, 'property')
      const value = random.integer(low, low + span)
      return Number.isInteger(value) && value >= low && value <= low + span && uuid.test(random.uuid())
    }),
  )
  const seen = new Set(Array.from({ length: 400 }, openRandom(3, 'dice').next).map((value) => Math.floor(value * 6)))
  expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5])
})

test('a name keeps its UUID', () => {
  expect(uuidOf('batch:tour')).toMatch(uuid)
  expect(uuidOf('batch:tour')).toBe(uuidOf('batch:tour'))
  expect(uuidOf('batch:tour')).not.toBe(uuidOf('batch:other'))
})
