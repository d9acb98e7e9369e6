import fc from 'fast-check'
import { expect, test } from 'vitest'
import { looksLikeToken, readToken, signToken } from './token.ts'

const SECRET = 'a secret of one data directory'
const NOW = Date.UTC(2026, 10, 20)
const LATER = NOW / 1000 + 60

const claims = fc.dictionary(
  fc.string().filter((key) => key !== '__proto__'),
  fc.string(),
)

test('what was signed is read back, until it expires', () => {
  fc.assert(
    fc.property(claims, (given) => {
      const token = signToken({ ...given, exp: LATER }, SECRET)
      expect(looksLikeToken(token)).toBe(true)
      expect(readToken(token, SECRET, NOW)).toEqual({ ...given, exp: LATER })
      expect(readToken(token, SECRET, LATER * 1000)).toBe('expired')
    }),
  )
})

test('a token with any one character changed is not taken', () => {
  const token = signToken({ sub: 'auditor', exp: LATER }, SECRET)
  // The last character of the signature carries unused bits: two spellings of it mean the same.
  fc.assert(
    fc.property(fc.nat(token.length - 2), fc.constantFrom('A', 'z', '7', '.'), (place, character) => {
      fc.pre(token[place] !== character)
      const changed = token.slice(0, place) + character + token.slice(place + 1)
      expect(['malformed', 'forged']).toContain(readToken(changed, SECRET, NOW))
    }),
  )
})

test('a token of another data directory is not taken', () => {
  expect(readToken(signToken({ exp: LATER }, 'another secret'), SECRET, NOW)).toBe('forged')
})

test('a token without an end is not taken', () => {
  expect(readToken(signToken({ sub: 'auditor' }, SECRET), SECRET, NOW)).toBe('malformed')
})
