import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findOnPage, foldText, joinRuns, matchFromPage, slicesOf, stepMatch } from './find-text.ts'

const run = fc.record({ text: fc.string({ unit: 'grapheme', maxLength: 12 }), endsLine: fc.boolean() })

describe('find', () => {
  it('folds without moving any offset', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => foldText(text).length === text.length))
  })

  it('ignores case and accents, and takes every space for one', () => {
    expect(foldText('São\u00a0PAULO\tß')).toBe('sao paulo ß')
    const text = joinRuns([{ text: 'Usine de Nîmes', endsLine: false }])
    expect(findOnPage(3, text, ' nimes ')).toEqual([{ page: 3, start: 9, end: 14 }])
  })

  it('finds words over the end of a line', () => {
    const text = joinRuns([
      { text: 'net', endsLine: true },
      { text: 'weight', endsLine: false },
    ])
    const [match] = findOnPage(0, text, 'net weight')
    expect(match).toEqual({ page: 0, start: 0, end: 10 })
    expect(match && slicesOf(match, text, [3, 6])).toEqual([
      { run: 0, start: 0, end: 3 },
      { run: 1, start: 0, end: 6 },
    ])
  })

  it('covers exactly the words with its slices', () => {
    fc.assert(
      fc.property(fc.array(run, { maxLength: 8 }), fc.string({ minLength: 1, maxLength: 3 }), (runs, words) => {
        const text = joinRuns(runs)
        const lengths = runs.map(({ text: own }) => own.length)
        for (const match of findOnPage(0, text, words)) {
          expect(text.folded.slice(match.start, match.end)).toBe(foldText(words.trim()))
          for (const slice of slicesOf(match, text, lengths)) {
            expect(slice.end).toBeGreaterThan(slice.start)
            expect(slice.end).toBeLessThanOrEqual(lengths[slice.run] ?? 0)
          }
        }
      }),
    )
  })

  it('finds nothing for nothing', () => {
    expect(findOnPage(0, joinRuns([{ text: 'abc', endsLine: false }]), '  ')).toEqual([])
  })

  it('begins at the page in sight and goes around', () => {
    const matches = [0, 4, 9].map((page) => ({ page, start: 0, end: 1 }))
    expect(matchFromPage(matches, 3)).toBe(1)
    expect(matchFromPage(matches, 10)).toBe(0)
    expect(stepMatch(2, 3, 1)).toBe(0)
    expect(stepMatch(0, 3, -1)).toBe(2)
    expect(stepMatch(-1, 0, 1)).toBe(-1)
  })
})
