import { describe, expect, it } from 'vitest'
import { fittedView, turned, withinFrame, zoomedAt } from './photo-view.ts'

const photo = { width: 4000, height: 3000 }
const frame = { width: 800, height: 800 }

describe('the view of a photo', () => {
  it('starts with all of it in the frame, never larger than life', () => {
    expect(fittedView(photo, frame, 0)).toEqual({ scale: 0.2, x: 0, y: 0, turns: 0 })
    expect(fittedView({ width: 100, height: 50 }, frame, 0).scale).toBe(1)
  })

  it('is fitted anew after each quarter turn', () => {
    const wide = { width: 800, height: 400 }
    const once = turned(fittedView(photo, wide, 0), photo, wide)
    expect(once).toMatchObject({ turns: 1, scale: 0.1 })
    expect(turned({ ...once, turns: 3 }, photo, wide).turns).toBe(0)
  })

  it('zooms about a point that stays where it is', () => {
    const start = { scale: 1, x: 0, y: 0, turns: 0 } as const
    const point = { x: 100, y: -50 }
    const zoomed = zoomedAt(start, 2, point, photo, frame)
    expect(zoomed.scale).toBe(2)
    expect((point.x - zoomed.x) / zoomed.scale).toBe((point.x - start.x) / start.scale)
    expect((point.y - zoomed.y) / zoomed.scale).toBe((point.y - start.y) / start.scale)
  })

  it('cannot be lost: it stops at the frame and at the smallest and largest scale', () => {
    expect(withinFrame({ scale: 0.2, x: 500, y: 500, turns: 0 }, photo, frame)).toMatchObject({ x: 0, y: 0 })
    expect(withinFrame({ scale: 1, x: 9999, y: -9999, turns: 0 }, photo, frame)).toMatchObject({ x: 1600, y: -1100 })
    expect(zoomedAt(fittedView(photo, frame, 0), 0.001, { x: 0, y: 0 }, photo, frame).scale).toBe(0.2)
    expect(zoomedAt(fittedView(photo, frame, 0), 9999, { x: 0, y: 0 }, photo, frame).scale).toBe(8)
  })
})
