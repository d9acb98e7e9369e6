import { describe, expect, it } from 'vitest'
import { materialityLines, thresholdAt, thresholdQuantity } from './materiality-bars.ts'

const lines = (overstatement: number, understatement: number, quantity = 10_000) =>
  materialityLines({ overstatement, understatement, thresholdPercent: 5 }, quantity)

describe('materialityLines', () => {
  it('ends at the mark when the misstatement is exactly the threshold, which is not over it', () => {
    const [over] = lines(500, 0)
    expect(over).toMatchObject({ amount: 500, share: 500, over: false, length: thresholdAt })
  })

  it('is over from the first hundredth beyond', () => {
    expect(lines(501, 0)[0]?.over).toBe(true)
    expect(lines(0, 501)[1]?.over).toBe(true)
  })

  it('never leaves the bar', () => {
    expect(lines(1_000_000, 0)[0]?.length).toBe(1)
  })

  it('has no share of nothing', () => {
    expect(lines(1, 0, 0)[0]).toMatchObject({ share: null, length: 1, over: true })
  })

  it('names the threshold as a quantity', () => {
    expect(thresholdQuantity(3725, 5)).toBe(186)
  })
})
