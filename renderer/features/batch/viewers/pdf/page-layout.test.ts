import { describe, expect, it } from 'vitest'
import { currentPage, keepPlace, layoutPages, pageGap, pagesInSight } from './page-layout.ts'

const portrait = { width: 600, height: 800 }
const landscape = { width: 800, height: 600 }

describe('layoutPages', () => {
  it('stacks pages of their own sizes with a gap between them', () => {
    const layout = layoutPages([portrait, landscape, portrait], 0.5)
    expect(layout.tops).toEqual([pageGap, pageGap * 2 + 400, pageGap * 3 + 700])
    expect(layout.totalHeight).toBe(pageGap * 4 + 1100)
    expect(layout.widest).toBe(400)
  })

  it('has nothing to draw without pages', () => {
    expect(pagesInSight(layoutPages([], 1), 0, 500)).toEqual({ first: 0, last: -1 })
  })
})

describe('pagesInSight', () => {
  const layout = layoutPages(Array(200).fill(portrait), 1)
  it('draws the pages in sight and one more on each side', () => {
    expect(pagesInSight(layout, 0, 700)).toEqual({ first: 0, last: 1 })
    expect(pagesInSight(layout, layout.tops[100] ?? 0, 700)).toEqual({ first: 99, last: 101 })
  })

  it('never goes beyond the last page', () => {
    expect(pagesInSight(layout, layout.totalHeight * 2, 700)).toEqual({ first: 198, last: 199 })
  })
})

describe('currentPage', () => {
  const layout = layoutPages([portrait, portrait, portrait], 1)
  it('is the page across the line a third down the view', () => {
    expect(currentPage(layout, 0, 900)).toBe(0)
    expect(currentPage(layout, (layout.tops[1] ?? 0) - 200, 900)).toBe(1)
  })
})

describe('keepPlace', () => {
  it('leaves the same point of the same page at the top when the scale changes', () => {
    const sizes = Array(50).fill(portrait)
    const before = layoutPages(sizes, 1)
    const after = layoutPages(sizes, 2)
    const middle = (before.tops[30] ?? 0) + 400
    expect(keepPlace(before, after, middle)).toBe((after.tops[30] ?? 0) + 800)
    expect(keepPlace(after, before, keepPlace(before, after, middle))).toBe(middle)
  })

  it('keeps the offset for another document', () => {
    expect(keepPlace(layoutPages([portrait], 1), layoutPages([portrait, portrait], 1), 123)).toBe(123)
  })
})
