import { describe, expect, it } from 'vitest'
import { outboxStates } from '../../../../shared/domain/sync-state.ts'
import { certificateSteps, outboxProblem, outboxWords } from './certificate-states.ts'

describe('the states of a certificate', () => {
  it('call the time of signing a claim, and acceptance a fact', () => {
    const steps = certificateSteps({ claimedAt: '2026-11-20T21:33:00.000Z', receivedAt: null })
    expect(steps).toEqual([
      { label: 'Signed here', at: '2026-11-20T21:33:00.000Z', claimed: true },
      { label: 'Accepted by the cloud', at: null, claimed: false },
    ])
  })

  it('never offer to undo a signature', () => {
    expect(outboxWords('held', null)).toContain('undone')
    expect(outboxWords('held', null, true)).not.toContain('undone')
  })

  it('are accepted only once the cloud has it', () => {
    const accepted = outboxStates.filter((state) => outboxWords(state, null) === 'Accepted by the cloud')
    expect(accepted).toEqual(['applied'])
  })

  it('say what to do about what is stuck', () => {
    expect(outboxStates.filter((state) => outboxProblem(state) !== null)).toEqual([
      'conflict',
      'rejected',
      'waiting',
      'superseded',
    ])
  })
})
