import { describe, expect, it } from 'vitest'
import { fitScale, formatZoom, outputScale, scaleOf, stepZoom } from './zoom.ts'

describe('zoom', () => {
  it('fits the widest page between the margins', () => {
    expect(fitScale(800, 1024, 12)).toBe(1.25)
    expect(fitScale(800, 10, 12)).toBe(1)
    expect(scaleOf('fit', 1.25)).toBe(1.25)
    expect(scaleOf(99, 1)).toBe(4)
  })

  it('steps to the next round factor from anywhere', () => {
    expect(stepZoom(1.157, 1)).toBe(1.25)
    expect(stepZoom(1.157, -1)).toBe(1.1)
    expect(stepZoom(1.0001, 1)).toBe(1.1)
    expect(stepZoom(0.9999, -1)).toBe(0.9)
  })

  it('stops at the ends', () => {
    expect(stepZoom(4, 1)).toBe(4)
    expect(stepZoom(0.25, -1)).toBe(0.25)
  })

  it('draws large pages coarser instead of filling the memory', () => {
    expect(outputScale(800, 1000, 2)).toBe(2)
    const coarse = outputScale(8000, 10_000, 2)
    expect(8000 * 10_000 * coarse * coarse).toBeLessThanOrEqual(16_777_217)
  })

  it('is written for people', () => {
    expect(formatZoom(1.157)).toBe('116 %')
  })
})
