import { afterEach, beforeEach, expect, test } from 'vitest'
import { fixture, insertInto, openTestWorkspace, people, type TestWorkspace } from '../database/testing.ts'
import { recordDecision } from '../decisions/record-decision.ts'
import { readDecisionsRegister } from './decisions-register.ts'
import { insertDecision } from './testing.ts'

let workspace: TestWorkspace
beforeEach(() => {
  workspace = openTestWorkspace({ batches: 2 })
})
afterEach(() => workspace.dispose())

const register = (from: string, to: string, limit: number | null = null) =>
  readDecisionsRegister(workspace.as(people.compliance), { from, to }, limit)
const idsIn = (from: string, to: string) => register(from, to).rows.map(({ decisionId }) => decisionId)

test('a period takes in its first and its last millisecond, and nothing beside them', () => {
  const times = [
    '2026-10-31T23:59:59.999Z',
    '2026-11-01T00:00:00.000Z',
    '2026-11-15T12:00:00.000Z',
    '2026-11-30T23:59:59.999Z',
    '2026-12-01T00:00:00.000Z',
  ]
  const ids = times.map((time, index) => insertDecision(workspace, index, time))
  expect(idsIn('2026-11-01', '2026-11-30')).toEqual(ids.slice(1, 4))
  expect(idsIn('2026-11-15', '2026-11-15')).toEqual(ids.slice(2, 3))
  expect(idsIn('2026-11-30', '2026-11-01')).toEqual([])
})

test('the end of a leap February, of a year and of all years is in the period', () => {
  const ids = ['2024-02-29T23:59:59.999Z', '2026-12-31T23:59:59.999Z', '9999-12-31T12:00:00.000Z'].map((time, index) =>
    insertDecision(workspace, index, time),
  )
  expect(idsIn('2024-02-29', '2024-02-29')).toEqual(ids.slice(0, 1))
  expect(idsIn('2026-12-31', '2026-12-31')).toEqual(ids.slice(1, 2))
  expect(idsIn('2024-01-01', '9999-12-31')).toEqual(ids)
})

test('decisions come oldest first, those of one instant by their id; a limit cuts the rows and not the total', () => {
  insertDecision(workspace, 3, '2026-11-02T09:00:00.000Z')
  insertDecision(workspace, 2, '2026-11-02T09:00:00.000Z')
  insertDecision(workspace, 1, '2026-11-03T09:00:00.000Z')
  insertDecision(workspace, 4, '2026-11-01T09:00:00.000Z')
  const all = ['decision-0004', 'decision-0002', 'decision-0003', 'decision-0001']
  expect(idsIn('2026-11-01', '2026-11-30')).toEqual(all)
  const cut = register('2026-11-01', '2026-11-30', 2)
  expect(cut.rows.map(({ decisionId }) => decisionId)).toEqual(all.slice(0, 2))
  expect(cut.total).toBe(4)
  expect(register('2020-01-01', '2020-12-31', 1)).toEqual({ rows: [], total: 0 })
})

test('a row names batch, project, person and certificate', () => {
  const decisionId = insertDecision(workspace, 1, '2026-11-02T09:00:00.000Z', {
    actor_id: people.auditor.id,
    action: 'verify',
    from_status: 'approved',
    to_status: 'verified',
    opinion: 'qualified',
  })
  workspace.database.write((handle) =>
    insertInto(handle, 'certificate', {
      id: 'certificate',
      batch_id: fixture.batch(0),
      decision_id: decisionId,
      certificate_number: 'VD-APRS-2026-1F2E3D4C5B',
      opinion: 'qualified',
      assurance_level: 'limited',
      content_hash: 'ab'.repeat(32),
      bucket: 'certificates',
      object_path: 'a.pdf',
      sha256: 'cd'.repeat(32),
      byte_range_digest: 'ef'.repeat(32),
      byte_size: 1,
      issued_by: people.auditor.id,
      claimed_at: '2026-11-02T09:00:00.000Z',
      received_at: '2026-11-02T09:00:00.000Z',
      version: 1,
      scopes: 1,
    }),
  )
  expect(register('2026-11-02', '2026-11-02')).toMatchObject({
    total: 1,
    rows: [
      {
        batchHash: expect.stringMatching(/^BATCH-/),
        projectName: 'River project 0',
        standard: 'APRS',
        quantity: 1000,
        action: 'verify',
        score: 437,
        opinion: 'qualified',
        actorName: 'Arun Mehta',
        certificateNumber: 'VD-APRS-2026-1F2E3D4C5B',
      },
    ],
  })
})

test('a decision whose batch or person is not here any more stays in the register, under their ids', () => {
  const gone = { batch_id: fixture.batch(9), actor_id: 'somebody' }
  const decisionId = insertDecision(workspace, 1, '2026-11-02T09:00:00.000Z', gone)
  expect(register('2026-11-02', '2026-11-02')).toMatchObject({
    total: 1,
    rows: [{ decisionId, batchHash: fixture.batch(9), projectName: '', actorName: 'somebody', reason: 'Reason 1' }],
  })
})

test('a decision that the cloud does not hold yet is not in the register', () => {
  const recorded = recordDecision(workspace.as(people.desk), {
    batchIds: [fixture.batch(1)],
    action: 'reject',
    reasonCode: 'other',
    reason: 'No tickets',
    acknowledgedGates: [],
  })
  expect(recorded).toMatchObject({ ok: true, value: [{ refused: null }] })
  expect(register('2026-11-20', '2026-11-20').total).toBe(0)
})
