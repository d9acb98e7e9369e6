import { describe, expect, it } from 'vitest'
import type { Criterion, CriterionGroup } from '../../../../shared/domain/rubric.ts'
import { codesInOrder, groupCriteria, nextUnscored, stepCriterion } from './rubric-navigation.ts'

const criterion = (code: string, group: CriterionGroup): Criterion => ({
  code,
  group,
  question: 'Is it so?',
  guidance: 'Look.',
  weight: 1,
  anchors: ['0', '1', '2', '3', '4', '5'],
  requiredEvidence: [],
  knockOut: false,
  notApplicable: 'never',
})
const criteria = [
  criterion('Q-01', 'quantification'),
  criterion('E-01', 'eligibility'),
  criterion('D-01', 'data_quality'),
  criterion('E-02', 'eligibility'),
]
const codes = codesInOrder(criteria)

describe('the rubric', () => {
  it('is laid out by group in the fixed order, without empty groups', () => {
    expect(groupCriteria(criteria).map(({ group }) => group)).toEqual(['eligibility', 'quantification', 'data_quality'])
    expect(codes).toEqual(['E-01', 'E-02', 'Q-01', 'D-01'])
  })

  it('is walked one by one and stops at the ends', () => {
    expect(stepCriterion(codes, 'E-02', 1)).toBe('Q-01')
    expect(stepCriterion(codes, 'D-01', 1)).toBe('D-01')
    expect(stepCriterion(codes, 'E-01', -1)).toBe('E-01')
    expect(stepCriterion(codes, null, 1)).toBe('E-01')
    expect(stepCriterion([], null, 1)).toBeNull()
  })

  it('leads to the next criterion without a score, around the end', () => {
    expect(nextUnscored(codes, ['E-01', 'Q-01'], 'E-01')).toBe('Q-01')
    expect(nextUnscored(codes, ['E-01'], 'D-01')).toBe('E-01')
    expect(nextUnscored(codes, [], 'E-01')).toBeNull()
  })
})
