import { describe, expect, it } from 'vitest'
import { filterWords } from './filter-words.ts'
import {
  builtInViews,
  emptyFilter,
  nextSort,
  readOwnViews,
  readQueueState,
  riskFirst,
  sameFilter,
  toggled,
} from './queue-view.ts'

describe('the kept state of the queue', () => {
  const state = {
    viewId: 'mine',
    filter: { ...emptyFilter, text: 'bottle', statuses: ['pending'], standards: ['PCX'] },
    sort: { by: 'due', direction: 'ascending' },
    activeRow: 17,
    selection: [17, 4],
    peek: false,
  }

  it('comes back as it was', () => {
    expect(readQueueState(JSON.stringify(state))).toEqual(state)
  })

  it('is left alone where it cannot be read', () => {
    expect(readQueueState(null)).toBeNull()
    expect(readQueueState('{')).toBeNull()
    expect(readQueueState('{"viewId":"mine","filter":{"text":1}}')).toBeNull()
  })

  it('drops what this version does not know', () => {
    const other = { ...state, filter: { ...state.filter, statuses: ['pending', 'melted'] }, sort: { by: 'smell' } }
    expect(readQueueState(JSON.stringify(other))).toMatchObject({ filter: { statuses: ['pending'] }, sort: riskFirst })
  })

  it('reads saved views and skips broken ones', () => {
    const own = { id: 'v1', name: 'Java', filter: emptyFilter, sort: riskFirst }
    expect(readOwnViews(JSON.stringify([own, { id: 'v2' }]))).toEqual([{ ...own, own: true }])
  })
})

describe('filters', () => {
  it('are the same whatever the order of their lists', () => {
    const left = { ...emptyFilter, statuses: ['pending', 'approved'] as const }
    expect(sameFilter(left, { ...emptyFilter, statuses: ['approved', 'pending'] })).toBe(true)
    expect(sameFilter(left, emptyFilter)).toBe(false)
  })

  it('can be said in words', () => {
    expect(filterWords({ ...emptyFilter, statuses: ['pending', 'under_review'], text: ' bottle ' })).toBe(
      'assigned to me, status New or In review, text “bottle”',
    )
  })

  it('toggle a value', () => {
    expect(toggled(['a'], 'b')).toEqual(['a', 'b'])
    expect(toggled(['a', 'b'], 'a')).toEqual(['b'])
  })

  it('put what waits for the person into their view', () => {
    expect(builtInViews('approved').find(({ id }) => id === 'awaiting')?.filter.statuses).toEqual(['approved'])
  })
})

describe('nextSort', () => {
  it('begins with the direction that is meant and turns at the second click', () => {
    expect(nextSort(riskFirst, 'due')).toEqual({ by: 'due', direction: 'ascending' })
    expect(nextSort({ by: 'due', direction: 'ascending' }, 'due')).toEqual({ by: 'due', direction: 'descending' })
  })
})
