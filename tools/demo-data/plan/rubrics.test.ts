import { expect, test } from 'vitest'
import { criterionGroups } from '../../../shared/domain/rubric.ts'
import { standards } from '../../../shared/domain/standard.ts'
import { rubricDto } from '../../../shared/wire/rows.ts'
import { readDefaultRubric } from './rubrics.ts'

test.each(standards)('the default rubric of %s is complete and says whose it is', (standard) => {
  const { id, revision, title, criteria } = readDefaultRubric(standard)
  rubricDto.parse({
    id,
    standard,
    revision,
    title,
    body: { criteria },
    published_at: '2026-01-01T00:00:00.000Z',
    version: 1,
  })
  expect(`${title} v${revision}`).toBe('Veridesk default rubric v1')
  expect(criteria.length).toBeGreaterThanOrEqual(14)
  expect(criteria.length).toBeLessThanOrEqual(20)
  expect(new Set(criteria.map((criterion) => criterion.code)).size).toBe(criteria.length)
  expect([...new Set(criteria.map((criterion) => criterion.group))]).toEqual([...criterionGroups])
  for (const criterion of criteria) {
    expect(new Set(criterion.anchors).size, criterion.code).toBe(6)
    expect(
      criterion.anchors.every((anchor) => anchor.length > 5),
      criterion.code,
    ).toBe(true)
    expect(criterion.question.endsWith('?'), criterion.code).toBe(true)
    expect(criterion.weight, criterion.code).toBeLessThanOrEqual(5)
    expect(criterion.knock_out && criterion.not_applicable === 'with_reason', criterion.code).toBe(false)
  }
  expect(criteria.filter((criterion) => criterion.knock_out).length).toBeGreaterThanOrEqual(3)
})

test('energy is measured by meters, everything else by scales', () => {
  for (const standard of standards) {
    const asksForTickets = readDefaultRubric(standard).criteria.some((criterion) =>
      criterion.required_evidence.includes('weighbridge_ticket'),
    )
    expect(asksForTickets, standard).toBe(standard !== 'AEMAS')
  }
})

test('the rubric of PCX asks for collection and for end processing', () => {
  const text = JSON.stringify(readDefaultRubric('PCX').criteria)
  expect(text).toContain('proof of collection and of end processing')
})
