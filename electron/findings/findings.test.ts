import { afterEach, beforeEach, expect, test } from 'vitest'
import type { BatchDetail } from '../../shared/contract/views.ts'
import type { Result } from '../../shared/result.ts'
import { mutationPayloads } from '../../shared/wire/sync.ts'
import { fixture, openTestWorkspace, people, type TestWorkspace } from '../database/testing.ts'
import { takeForPush } from '../outbox/take-for-push.ts'
import { closeFinding } from './close-finding.ts'
import { raiseFinding } from './raise-finding.ts'
import { respondToFinding } from './respond-to-finding.ts'
import { withdrawFinding } from './withdraw-finding.ts'

let workspace: TestWorkspace
beforeEach(() => {
  workspace = openTestWorkspace({ batches: 2 })
})
afterEach(() => workspace.dispose())

const batchId = fixture.batch(0)
const desk = () => workspace.as(people.desk)

function done(result: Result<BatchDetail>): BatchDetail {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`)
  return result.value
}
const codeOf = (result: Result<BatchDetail>) => (result.ok ? 'ok' : result.error.code)

function raise(more: Partial<Parameters<typeof raiseFinding>[1]> = {}) {
  return raiseFinding(desk(), {
    batchId,
    kind: 'car',
    title: 'Ticket missing',
    description: 'The ticket of 3 March is not there.',
    criterionCode: 'Q-01',
    evidenceFileId: fixture.evidence(0, 0),
    dueAt: '2026-12-01',
    misstatement: null,
    ...more,
  })
}

const idOf = (detail: BatchDetail) => detail.findings[0]?.id ?? ''
const approveGates = (detail: BatchDetail) =>
  detail.actions.find(({ action }) => action === 'approve')?.gates.map(({ code }) => code)

test('raised, answered and closed: every round is kept, and the approval opens at the end', () => {
  const raised = done(raise())
  expect(raised.findings).toMatchObject([
    {
      kind: 'car',
      status: 'open',
      dueAt: '2026-12-01T00:00:00.000Z',
      rounds: [{ round: 1, kind: 'raised', body: 'The ticket of 3 March is not there.' }],
    },
  ])
  expect(approveGates(raised)).toEqual(['open_findings'])
  const findingId = idOf(raised)
  expect(codeOf(closeFinding(desk(), { batchId, findingId, body: 'Fine' }))).toBe('blocked')
  const answered = done(
    respondToFinding(desk(), { batchId, findingId, body: 'Here it is.', onBehalfOf: 'Rina, weighbridge' }),
  )
  expect(answered.findings[0]).toMatchObject({ status: 'answered' })
  expect(approveGates(answered)).toEqual(['open_findings'])
  const closed = done(closeFinding(desk(), { batchId, findingId, body: 'Ticket seen.' }))
  expect(closed.findings[0]?.status).toBe('closed')
  expect(closed.findings[0]?.rounds.map(({ round, kind, onBehalfOf }) => ({ round, kind, onBehalfOf }))).toEqual([
    { round: 1, kind: 'raised', onBehalfOf: null },
    { round: 2, kind: 'response', onBehalfOf: 'Rina, weighbridge' },
    { round: 2, kind: 'review', onBehalfOf: null },
  ])
  expect(approveGates(closed)).toEqual([])
  expect(codeOf(withdrawFinding(desk(), { batchId, findingId, body: 'No' }))).toBe('blocked')
})

test('the three steps go out in order, each after the one before', () => {
  const findingId = idOf(done(raise({ misstatement: -1250 })))
  done(respondToFinding(desk(), { batchId, findingId, body: 'Here it is.', onBehalfOf: 'Rina' }))
  done(closeFinding(desk(), { batchId, findingId, body: 'Ticket seen.' }))
  const bodies = workspace.database.write((handle) => takeForPush(handle, workspace.clock, 10))
  expect(bodies.map(({ kind }) => kind)).toEqual(['finding.raise', 'finding.respond', 'finding.close'])
  expect(bodies.map(({ after_mutation_id }) => after_mutation_id)).toEqual([
    null,
    bodies[0]?.mutation_id,
    bodies[1]?.mutation_id,
  ])
  expect(mutationPayloads['finding.raise'].parse(bodies[0]?.payload)).toMatchObject({ misstatement: '-12.50' })
  expect(mutationPayloads['finding.respond'].parse(bodies[1]?.payload)).toMatchObject({ on_behalf_of: 'Rina' })
  expect(mutationPayloads['finding.close'].safeParse(bodies[2]?.payload).success).toBe(true)
})

test('misstatements add up against materiality while they are open', () => {
  const quantity = done(raise({ kind: 'observation', misstatement: 1 })).batch.quantity
  const large = Math.ceil(quantity * 0.06)
  const over = done(raise({ misstatement: large }))
  expect(over.materiality).toMatchObject({ overstatement: large + 1, understatement: 0, exceeded: true })
  const findingId = over.findings.find(({ misstatement }) => misstatement === large)?.id ?? ''
  const after = done(withdrawFinding(desk(), { batchId, findingId, body: 'Counted wrongly' }))
  expect(after.materiality).toMatchObject({ overstatement: 1, exceeded: false })
})

test.each([
  ['a file of another batch', { evidenceFileId: fixture.evidence(1, 0) }],
  ['an unknown criterion', { criterionCode: 'X-99' }],
  ['a deadline that is none', { dueAt: 'soon' }],
  ['a material misstatement as a forward request', { kind: 'far' as const, misstatement: 900 }],
])('%s is refused', (_, more) => {
  expect(codeOf(raise(more))).toBe('invalid_input')
})

test('an answer needs the name of who gave it, and a finding must be there', () => {
  const findingId = idOf(done(raise()))
  expect(codeOf(respondToFinding(desk(), { batchId, findingId, body: 'Yes', onBehalfOf: null }))).toBe('invalid_input')
  expect(codeOf(closeFinding(desk(), { batchId, findingId: fixture.batch(1), body: 'x' }))).toBe('not_found')
})

test('whoever does not work on the batch raises nothing', () => {
  const result = raiseFinding(workspace.as(people.otherDesk), {
    batchId,
    kind: 'cl',
    title: 'Why?',
    description: 'Why?',
    criterionCode: null,
    evidenceFileId: null,
    dueAt: null,
    misstatement: null,
  })
  expect(codeOf(result)).toBe('not_allowed')
})
