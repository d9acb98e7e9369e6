import { describe, expect, it } from 'vitest'
import { outboxStates } from '../../../shared/domain/sync-state.ts'
import { conflictFields, outboxGroups } from './outbox-groups.ts'

describe('the groups of the sync center', () => {
  it('show every state exactly once, so that no change is out of sight', () => {
    expect(outboxGroups.flatMap(({ states }) => states).sort()).toEqual([...outboxStates].sort())
  })
})

describe('conflictFields', () => {
  it('puts what differs first and leaves out what says nothing', () => {
    const fields = conflictFields({
      mine: { id: '1', location: 'Surabaya', to_status: 'approved' },
      theirs: { id: '1', location: 'Surabaya', to_status: 'rejected', version: 4 },
    })
    expect(fields).toEqual([
      { name: 'to status', mine: 'approved', theirs: 'rejected', differs: true },
      { name: 'location', mine: 'Surabaya', theirs: 'Surabaya', differs: false },
    ])
  })

  it('is empty while the cloud’s row is not known', () => {
    expect(conflictFields({ mine: { a: 1 }, theirs: null })).toEqual([])
  })
})
