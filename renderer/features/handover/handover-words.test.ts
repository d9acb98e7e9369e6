import { expect, test } from 'vitest'
import { changeName, changesInWords } from './handover-words.ts'

const decision = (action: 'approve' | 'reject') => ({ kind: 'decision.record', action }) as const
const score = { kind: 'score.set', action: null } as const

test('a file is described by what it decides, the most frequent first', () => {
  expect(changesInWords([decision('reject'), score, decision('approve'), score, score])).toBe(
    '3 scores, 1 rejection, 1 approval',
  )
})

test('a decision that nobody knows is still called one', () => {
  expect(changeName({ kind: 'decision.record', action: null })).toBe('Decision')
  expect(changeName(decision('approve'))).toBe('Approval')
})
