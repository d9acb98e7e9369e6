import { expect, test } from 'vitest'
import { bitsOf, type HeldScope } from './scopes.ts'

const held = (scope: string, bit: number, state: HeldScope['state'] = 'live'): HeldScope => ({
  scope,
  bit,
  state,
  cursor: null,
  bootstrapSnapshot: null,
  bootstrapTable: null,
  bootstrapAfter: null,
})
const body = '6f1c1c1e-0000-4000-8000-000000000001'

test('parts of a batch are held by the person’s own scope and by registers, not by pools or reference data', () => {
  const scopes = [
    held('reference', 0),
    held(`person:${body}`, 1),
    held('pool', 2),
    held(`pool:${body}`, 3),
    held('pool:bodies', 4),
    held('register', 5),
    held(`register:${body}`, 6),
  ]
  expect(bitsOf(scopes)).toEqual({ held: 0b1111111, holdsParts: 0b1100010 })
})

test('a scope that is being left holds nothing any more', () => {
  expect(bitsOf([held('register#5', 5, 'leaving'), held(`register:${body}`, 6)])).toEqual({
    held: 2 ** 6,
    holdsParts: 2 ** 6,
  })
})
