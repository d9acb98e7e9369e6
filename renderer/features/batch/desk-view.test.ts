import { describe, expect, it } from 'vitest'
import {
  activeFile,
  type DeskView,
  fittedTo,
  neighborFile,
  readDeskView,
  startOfDesk,
  withFile,
  withSplit,
  writeDeskView,
} from './desk-view.ts'

const files = ['one', 'two', 'three']
const at = (a: string | null): DeskView => ({ ...startOfDesk, files: { a, b: null } })

describe('the view of the desk', () => {
  it('goes from file to file and stops at the ends', () => {
    expect(neighborFile(at('one'), files, 1)).toBe('two')
    expect(neighborFile(at('three'), files, 1)).toBeNull()
    expect(neighborFile(at('one'), files, -1)).toBeNull()
    expect(neighborFile(at(null), files, 1)).toBe('one')
  })

  it('opens the next file in the second viewer and hands it the keys', () => {
    const split = withSplit(at('one'), files)
    expect(split).toMatchObject({ split: true, active: 'b', files: { a: 'one', b: 'two' } })
    expect(activeFile(withFile(split, 'three'))).toBe('three')
    expect(withSplit(split, files)).toMatchObject({ split: false, active: 'a', files: { a: 'one', b: 'two' } })
  })

  it('drops files and criteria that the batch no longer has', () => {
    const view: DeskView = {
      ...at('gone'),
      split: true,
      active: 'b',
      files: { a: 'gone', b: 'gone' },
      criterion: 'X-99',
    }
    expect(fittedTo(view, files, ['E-01', 'E-02'])).toMatchObject({
      files: { a: 'one', b: null },
      split: false,
      active: 'a',
      criterion: 'E-01',
    })
  })

  it('stays the same object while nothing changes', () => {
    const view = fittedTo(at('two'), files, ['E-01'])
    expect(fittedTo(view, files, ['E-01'])).toBe(view)
  })

  it('comes back after a restart', () => {
    const view: DeskView = {
      files: { a: 'one', b: 'two' },
      split: true,
      active: 'b',
      tab: 'findings',
      panel: false,
      criterion: 'Q-02',
      places: { one: { page: 150, zoom: 1.25 }, two: { page: 1, zoom: 'fit' } },
    }
    expect(readDeskView(writeDeskView(view))).toEqual(view)
  })

  it('starts afresh from what cannot be read', () => {
    for (const body of [null, '', '{', '[]', '7', '{"tab":"nothing"}']) expect(readDeskView(body)).toEqual(startOfDesk)
    expect(readDeskView('{"places":{"one":{"page":-1,"zoom":"fit"},"two":{"page":2,"zoom":"wide"}}}').places).toEqual(
      {},
    )
  })
})
