import { describe, expect, it } from 'vitest'
import type { MutationId } from '../../../shared/domain/ids.ts'
import { type OutboxItem, type OutboxState, outboxStates } from '../../../shared/domain/sync-state.ts'
import { nextToSettle, outboxGroups, readSyncCenterView, settledWords } from './outbox-groups.ts'

describe('the groups of the sync center', () => {
  it('show every state exactly once, so that no change is out of sight', () => {
    expect(outboxGroups.flatMap(({ states }) => states).sort()).toEqual([...outboxStates].sort())
  })
})

describe('settledWords', () => {
  it('tells one given-up change from another, and names an override wherever it is', () => {
    const words = (state: OutboxState, more: Partial<OutboxItem> = {}) =>
      settledWords({ state, resolution: null, overrides: false, ...more })
    expect(words('superseded', { resolution: 'taken_theirs' })).toBe('Given up for the cloud’s version')
    expect(words('superseded', { resolution: 'decide_again' })).toBe('Given up to decide again')
    expect(words('superseded', { resolution: 'sent_again' })).toBe('Replaced by a new change')
    expect(words('applied')).toBeNull()
    for (const state of ['queued', 'applied', 'rejected'] as const)
      expect(words(state, { overrides: true }), state).toBe('Sent over the cloud’s version')
  })
})

describe('nextToSettle', () => {
  const item = (mutationId: string, state: OutboxState) =>
    ({ mutationId: mutationId as MutationId, state }) as OutboxItem
  const items = [item('a', 'conflict'), item('b', 'waiting'), item('c', 'conflict'), item('d', 'superseded')]

  it('goes on down the list, passes what only waits, and begins again at the end', () => {
    expect(nextToSettle(items, 'a')).toBe('c')
    expect(nextToSettle(items, 'c')).toBe('a')
  })

  it('comes to what waits when nothing else is left, and to an end', () => {
    expect(nextToSettle(items.slice(0, 2), 'a')).toBe('b')
    expect(nextToSettle([item('a', 'conflict')], 'a')).toBeNull()
    expect(nextToSettle([], 'a')).toBeNull()
  })
})

describe('readSyncCenterView', () => {
  it('brings the list and the opened change back, and forgets what it cannot read', () => {
    expect(readSyncCenterView('{"group":"conflict","open":"x"}')).toEqual({ group: 'conflict', open: 'x' })
    for (const text of [null, undefined, '', 'null', '{"group":"gone","open":3}'])
      expect(readSyncCenterView(text)).toEqual({ group: null, open: null })
  })
})
