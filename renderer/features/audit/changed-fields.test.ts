import { describe, expect, it } from 'vitest'
import { changedFields } from './changed-fields.ts'

describe('changedFields', () => {
  it('puts what changed first', () => {
    expect(changedFields({ before: { a: 1, b: 'x' }, after: { a: 1, b: 'y' } })).toEqual([
      { name: 'b', before: 'x', after: 'y', changed: true },
      { name: 'a', before: '1', after: '1', changed: false },
    ])
  })

  it('shows a new row as added and a removed one as removed', () => {
    expect(changedFields({ before: null, after: { a: null } })).toEqual([
      { name: 'a', before: null, after: 'null', changed: true },
    ])
    expect(changedFields({ before: { a: 2 }, after: null })).toEqual([
      { name: 'a', before: '2', after: null, changed: true },
    ])
  })

  it('compares nested values by what they hold', () => {
    expect(changedFields({ before: { a: [1, 2] }, after: { a: [1, 2] } })[0]?.changed).toBe(false)
  })
})
