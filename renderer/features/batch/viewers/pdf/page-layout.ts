/** Space around and between pages, in pixels. */
export const pageGap = 12

/** Size of a page at 100 %, in pixels (1 PDF point is 4/3 pixels). */
export interface PageSize {
  readonly width: number
  readonly height: number
}

/** Where every page stands. All in pixels from the top of the scrolled area. */
export interface PageLayout {
  readonly tops: readonly number[]
  readonly heights: readonly number[]
  readonly totalHeight: number
  readonly widest: number
}

/** Stacks the pages at a scale (1 is 100 %). */
export function layoutPages(sizes: readonly PageSize[], scale: number): PageLayout {
  const tops: number[] = []
  const heights: number[] = []
  let top = pageGap
  let widest = 0
  for (const size of sizes) {
    const height = Math.floor(size.height * scale)
    tops.push(top)
    heights.push(height)
    widest = Math.max(widest, Math.floor(size.width * scale))
    top += height + pageGap
  }
  return { tops, heights, totalHeight: top, widest }
}

/** The first index whose page ends below `offset`, by halving; the last index when there is none. */
function firstEndingBelow(layout: PageLayout, offset: number): number {
  let low = 0
  let high = Math.max(0, layout.tops.length - 1)
  while (low < high) {
    const middle = (low + high) >> 1
    const end = (layout.tops[middle] ?? 0) + (layout.heights[middle] ?? 0)
    if (end > offset) high = middle
    else low = middle + 1
  }
  return low
}

/** First and last index of the pages to draw: those in sight and one more on each side. */
export function pagesInSight(
  layout: PageLayout,
  scrollTop: number,
  viewHeight: number,
): { readonly first: number; readonly last: number } {
  const count = layout.tops.length
  if (count === 0) return { first: 0, last: -1 }
  const first = firstEndingBelow(layout, scrollTop)
  const last = firstEndingBelow(layout, scrollTop + viewHeight)
  return { first: Math.max(0, first - 1), last: Math.min(count - 1, last + 1) }
}

/** The page that the person looks at: the one across the line a third down the view. Index from 0. */
export const currentPage = (layout: PageLayout, scrollTop: number, viewHeight: number): number =>
  firstEndingBelow(layout, scrollTop + viewHeight / 3)

/**
 * The scroll offset after a change of scale that leaves the same point of the same page at the top of the view.
 */
export function keepPlace(before: PageLayout, after: PageLayout, scrollTop: number): number {
  if (before.tops.length === 0 || after.tops.length !== before.tops.length) return scrollTop
  const page = firstEndingBelow(before, scrollTop)
  const height = before.heights[page] ?? 0
  const share = height === 0 ? 0 : (scrollTop - (before.tops[page] ?? 0)) / height
  const target = (after.tops[page] ?? 0) + share * (after.heights[page] ?? 0)
  return Math.max(0, Math.round(target))
}
