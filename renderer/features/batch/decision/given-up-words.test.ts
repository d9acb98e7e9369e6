import { expect, it } from 'vitest'
import type { MutationKind, OutboxItem } from '../../../../shared/domain/sync-state.ts'
import { givenUpWords } from './given-up-words.ts'
import { reasonsOfGivenUp } from './use-batch-decision.ts'

const item = (kind: MutationKind, mine: OutboxItem['mine']) => ({ kind, mine, summary: 'Q-01: 4 points' }) as OutboxItem

it('names what was said, and the keys that say it again', () => {
  const decision = item('decision.record', { action: 'reject', reason_code: 'mass_balance', reason: 'Does not close' })
  expect(givenUpWords(decision)).toEqual({
    title: 'Decide again: before, you rejected it',
    text: 'You said: Does not close. Look at what changed; R, then Enter gives the same reason again.',
  })
  expect(givenUpWords(item('score.set', { points: 4, note: 'Tickets agree' })).text).toBe(
    'Your note was: Tickets agree',
  )
  expect(givenUpWords(item('finding.close', { body: 'Corrected' })).text).toBe('You said: Corrected')
  expect(givenUpWords(item('decision.record', { action: 'verify', reason: 'Fine' })).text).toContain('sign again')
})

it('offers the reason of the latest given-up decision of each action, and none of what was no decision', () => {
  const given = [
    item('score.set', { action: 'approve', reason: 'no' }),
    item('decision.record', { action: 'approve', reason_code: 'corrected', reason: 'Later' }),
    item('decision.record', { action: 'approve', reason_code: 'other', reason: 'Earlier' }),
  ]
  expect(reasonsOfGivenUp(given)).toEqual({ approve: { code: 'corrected', words: 'Later' } })
})
