import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Criterion } from './rubric.ts'
import { divideHalfEven, rubricScore } from './rubric-score.ts'

const criterion = (code: string, weight: number, knockOut = false): Criterion => ({
  code,
  group: 'eligibility',
  question: '',
  guidance: '',
  weight,
  anchors: ['', '', '', '', '', ''],
  requiredEvidence: [],
  knockOut,
  notApplicable: 'with_reason',
})

const given = fc.array(
  fc.record({
    weight: fc.integer({ min: 1, max: 50 }),
    points: fc.option(fc.integer({ min: 0, max: 5 })),
    knockOut: fc.boolean(),
  }),
  { maxLength: 30 },
)

test('the score is between 0 and 500, and within half a hundredth of the exact mean', () => {
  fc.assert(
    fc.property(given, (rows) => {
      const criteria = rows.map((row, index) => criterion(`C-${index}`, row.weight, row.knockOut))
      const scores = rows.map((row, index) => ({
        criterionCode: `C-${index}`,
        points: row.points,
        notApplicableReason: row.points === null ? 'not on this site' : null,
      }))
      const { hundredths, unscored, knockedOut } = rubricScore(criteria, scores)
      const applicable = rows.filter((row) => row.points !== null)
      expect(unscored).toEqual([])
      expect(knockedOut.length).toBe(rows.filter((row) => row.knockOut && row.points === 0).length)
      if (applicable.length === 0) {
        expect(hundredths).toBeNull()
        return
      }
      const weights = applicable.reduce((sum, row) => sum + row.weight, 0)
      const weighted = applicable.reduce((sum, row) => sum + (row.points ?? 0) * row.weight, 0)
      expect(hundredths).toBeGreaterThanOrEqual(0)
      expect(hundredths).toBeLessThanOrEqual(500)
      expect(Math.abs((hundredths ?? 0) * weights - weighted * 100) * 2).toBeLessThanOrEqual(weights)
    }),
  )
})

test('halves go to the even neighbor', () => {
  expect([1n, 3n, 5n, 7n].map((halves) => divideHalfEven(halves, 2n))).toEqual([0n, 2n, 2n, 4n])
})

test('order of criteria and of scores does not matter', () => {
  fc.assert(
    fc.property(given, (rows) => {
      const criteria = rows.map((row, index) => criterion(`C-${index}`, row.weight))
      const scores = rows.map((row, index) => ({
        criterionCode: `C-${index}`,
        points: row.points ?? 1,
        notApplicableReason: null,
      }))
      expect(rubricScore(criteria.toReversed(), scores.toReversed()).hundredths).toBe(
        rubricScore(criteria, scores).hundredths,
      )
    }),
  )
})

test('a criterion without points and without a reason is named as unscored', () => {
  const result = rubricScore(
    [criterion('A', 1), criterion('B', 1), criterion('C', 1)],
    [
      { criterionCode: 'A', points: 4, notApplicableReason: null },
      { criterionCode: 'B', points: null, notApplicableReason: null },
    ],
  )
  expect(result).toEqual({ hundredths: 400, unscored: ['B', 'C'], knockedOut: [] })
})
