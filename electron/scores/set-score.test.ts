import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Person } from '../../shared/domain/person.ts'
import { mutationDto, mutationPayloads } from '../../shared/wire/sync.ts'
import { fixture, openTestWorkspace, people, type TestWorkspace } from '../database/testing.ts'
import { takeForPush } from '../outbox/take-for-push.ts'
import { setScore } from './set-score.ts'

let workspace: TestWorkspace
beforeEach(() => {
  workspace = openTestWorkspace({ batches: 3, statusOf: (batch) => (batch === 2 ? 'rejected' : 'under_review') })
})
afterEach(() => workspace.dispose())

const mark = {
  batchId: fixture.batch(0) as string,
  criterionCode: 'Q-01',
  points: 4 as number | null,
  notApplicableReason: null as string | null,
  note: 'Tickets match',
  evidenceFileIds: [] as string[],
}

const set = (more: Partial<typeof mark> = {}, as: Person = people.desk) =>
  setScore(workspace.as(as), { ...mark, ...more })

function done(result: ReturnType<typeof set>) {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`)
  return result.value
}

const codeOf = (result: ReturnType<typeof set>) => (result.ok ? 'ok' : result.error.code)

test('marks add up to the weighted score at once; what is missing is named', () => {
  expect(done(set())).toMatchObject({ scoreHundredths: 400, unscoredCriteria: ['E-01', 'C-01', 'S-01'] })
  // Weights 1 to 4: (1x5 + 2x4 + 3x2) / 6 = 3.1666...
  done(set({ criterionCode: 'E-01', points: 5 }))
  done(set({ criterionCode: 'C-01', points: 2 }))
  const detail = done(set({ criterionCode: 'S-01', points: null, notApplicableReason: 'No workers on site' }))
  expect(detail).toMatchObject({ scoreHundredths: 317, unscoredCriteria: [] })
})

test('a second mark for the same criterion changes the same row and follows the first', () => {
  done(set({ points: 1 }))
  const detail = done(set({ points: 3, evidenceFileIds: [fixture.evidence(0, 1)] }))
  expect(detail.scores).toHaveLength(1)
  expect(detail.scores[0]).toMatchObject({ points: 3, evidenceFileIds: [fixture.evidence(0, 1)] })
  const bodies = workspace.database.write((handle) => takeForPush(handle, workspace.clock, 10))
  expect(bodies.map((body) => mutationDto.parse(body).row_id)).toEqual([detail.scores[0]?.id, detail.scores[0]?.id])
  expect(bodies[1]?.after_mutation_id).toBe(bodies[0]?.mutation_id)
  expect(mutationPayloads['score.set'].parse(bodies[1]?.payload)).toMatchObject({ points: 3 })
})

test('a mark can be removed again', () => {
  done(set())
  expect(done(set({ points: null })).unscoredCriteria).toContain('Q-01')
})

test('scores are the person’s own', () => {
  done(set())
  expect(done(set({ points: 1 }, people.auditor)).scores.map(({ points }) => points)).toEqual([1])
})

test.each([
  ['an unknown criterion', { criterionCode: 'X-99' }, 'invalid_input'],
  ['points and a reason', { notApplicableReason: 'Both' }, 'invalid_input'],
  ['a reason where the criterion always applies', { points: null, notApplicableReason: 'No' }, 'invalid_input'],
  ['an empty reason', { criterionCode: 'S-01', points: null, notApplicableReason: ' ' }, 'invalid_input'],
  ['a file of another batch', { evidenceFileIds: [fixture.evidence(1, 0)] }, 'invalid_input'],
  ['a decided batch', { batchId: fixture.batch(2) }, 'blocked'],
  ['an unknown batch', { batchId: fixture.batch(99) }, 'not_found'],
] as const)('%s is refused and nothing is kept', (_, more, code) => {
  expect(codeOf(set({ ...more, evidenceFileIds: [...('evidenceFileIds' in more ? more.evidenceFileIds : [])] }))).toBe(
    code,
  )
  expect(workspace.database.read.all(workspace.database.build.selectFrom('outbox').select('sequence'))).toEqual([])
})

test('whoever is not assigned, or does not review, sets no score', () => {
  expect(codeOf(set({}, people.otherDesk))).toBe('not_allowed')
  expect(codeOf(set({}, { ...people.desk, subRole: 'field_agent' }))).toBe('not_allowed')
})
