import { expect, test } from 'vitest'
import { standingMark, standingTitle } from './standing-words.ts'

test('what is needed and not in force stops; what is not needed does not', () => {
  expect(standingMark({ state: 'in_force', required: true })).toBe('open')
  expect(standingMark({ state: 'unconfirmed', required: true })).toBe('waiting')
  for (const state of ['missing', 'ended', 'revoked', 'not_begun', 'declared', 'exhausted'] as const) {
    expect(standingMark({ state, required: true }), state).toBe('closed')
    expect(standingMark({ state, required: false }), state).toBe('idle')
  }
})

test('every gate has a name', () => {
  expect((['conflict_of_interest', 'accreditation', 'independence', 'rotation'] as const).map(standingTitle)).toEqual([
    'Conflict of interest',
    'Accreditation',
    'Independence',
    'Rotation',
  ])
})
