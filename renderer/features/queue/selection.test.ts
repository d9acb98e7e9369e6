import { describe, expect, it } from 'vitest'
import { emptySelection, extendTo, inOrder, selectAll, toggleRow } from './selection.ts'

const snapshot = new Uint32Array([40, 10, 30, 20, 50])

describe('selection', () => {
  it('adds a row and takes it out again', () => {
    const once = toggleRow(emptySelection, 30)
    expect([...once.rows]).toEqual([30])
    expect(toggleRow(once, 30).rows.size).toBe(0)
  })

  it('extends from the anchor in the order of the snapshot, in both directions', () => {
    const anchored = toggleRow(emptySelection, 30)
    expect(inOrder(extendTo(anchored, snapshot, 2, 4), snapshot)).toEqual([30, 20, 50])
    expect(inOrder(extendTo(anchored, snapshot, 2, 0), snapshot)).toEqual([40, 10, 30])
  })

  it('extends step by step from where it began', () => {
    const one = extendTo(emptySelection, snapshot, 1, 2)
    const two = extendTo(one, snapshot, 2, 3)
    expect(inOrder(two, snapshot)).toEqual([10, 30, 20])
    expect(two.anchor).toBe(10)
  })

  it('keeps what is selected when the order changes', () => {
    const chosen = toggleRow(toggleRow(emptySelection, 10), 20)
    expect(inOrder(chosen, new Uint32Array([20, 30, 10]))).toEqual([20, 10])
  })

  it('keeps rows that the filter no longer shows, at the end', () => {
    expect(inOrder(toggleRow(toggleRow(emptySelection, 99), 10), snapshot)).toEqual([10, 99])
  })

  it('starts anew where the anchor is not in the snapshot', () => {
    const elsewhere = toggleRow(emptySelection, 99)
    expect(inOrder(extendTo(elsewhere, snapshot, 0, 1), snapshot)).toEqual([40, 10, 99])
  })

  it('takes all that match, not only what is in sight', () => {
    expect(selectAll(snapshot).rows.size).toBe(5)
  })
})
