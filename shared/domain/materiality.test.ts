import { expect, test } from 'vitest'
import { materiality } from './materiality.ts'

const open = (misstatement: number | null) => ({ misstatement, status: 'open' as const })

test('over- and understatements do not cancel each other out', () => {
  expect(materiality([open(600), open(-600)], 10_000, 'APRS')).toEqual({
    overstatement: 600,
    understatement: 600,
    thresholdPercent: 5,
    exceeded: true,
  })
})

test('small errors count in aggregate', () => {
  expect(materiality([open(300), open(200)], 10_000, 'APRS').exceeded).toBe(false)
  expect(materiality([open(300), open(201)], 10_000, 'APRS').exceeded).toBe(true)
})

test('findings that were corrected, withdrawn or have no figure do not count', () => {
  const findings = [
    { misstatement: 9_000, status: 'withdrawn' as const },
    { misstatement: 9_000, status: 'closed' as const },
    open(null),
  ]
  expect(materiality(findings, 10_000, 'PCX')).toMatchObject({ overstatement: 0, understatement: 0, exceeded: false })
})
