import { expect, test } from 'vitest'
import { decisionGates, type GateInput } from './gates.ts'
import type { DecisionId, EvidenceFileId, FindingId, OrganizationId, PersonId } from './ids.ts'

const me = 'person-me' as PersonId
const other = 'person-other' as PersonId

const input = (change: Partial<GateInput> = {}): GateInput => ({
  action: 'verify',
  person: { id: me, role: 'verifier', subRole: 'accredited_auditor', organizationId: 'firm' as OrganizationId },
  status: 'approved',
  assigned: true,
  recyclerId: 'person-recycler' as PersonId,
  recyclerOrganizationId: 'recycler' as OrganizationId,
  decisions: [{ id: 'decision-1' as DecisionId, actorId: other, action: 'approve', toStatus: 'approved' }],
  findings: [],
  rubric: { criteria: [] },
  score: { hundredths: 430, unscored: [], knockedOut: [] },
  evidence: [{ id: 'file-1' as EvidenceFileId, title: 'Ticket 1', viewed: true, altered: false }],
  riskScore: 20,
  batchCount: 1,
  stale: false,
  conflictPending: false,
  ...change,
})

const codes = (change: Partial<GateInput>): string[] => decisionGates(input(change)).map(({ code }) => code)
const car = {
  id: 'finding-1' as FindingId,
  kind: 'car' as const,
  status: 'open' as const,
  title: 'Scale not calibrated',
}

test('a complete, clean batch can be verified', () => {
  expect(codes({})).toEqual([])
})

test('who approved may not verify', () => {
  expect(
    codes({ decisions: [{ id: 'decision-1' as DecisionId, actorId: me, action: 'approve', toStatus: 'approved' }] }),
  ).toEqual(['four_eyes'])
})

test('nobody decides on a batch of their own or of their organization', () => {
  expect(codes({ recyclerId: me })).toEqual(['four_eyes'])
  expect(codes({ recyclerOrganizationId: 'firm' as OrganizationId })).toEqual(['four_eyes'])
})

test('an open or answered CAR or CL blocks a positive decision, a FAR and an observation do not', () => {
  expect(codes({ findings: [car] })).toEqual(['open_findings'])
  expect(codes({ findings: [{ ...car, kind: 'cl', status: 'answered' }] })).toEqual(['open_findings'])
  expect(
    codes({
      findings: [
        { ...car, kind: 'far' },
        { ...car, kind: 'observation' },
      ],
    }),
  ).toEqual([])
  expect(codes({ findings: [{ ...car, status: 'closed' }] })).toEqual([])
})

test('an open CAR does not block a rejection or a request for changes', () => {
  expect(codes({ action: 'reject', findings: [car] })).toEqual([])
  expect(codes({ action: 'request_changes', findings: [car] })).toEqual([])
})

test('a score never outvotes a knock-out', () => {
  expect(codes({ score: { hundredths: 499, unscored: [], knockedOut: ['E-01'] } })).toEqual(['knock_out'])
})

test('verifying needs every criterion scored and a rubric', () => {
  expect(codes({ score: { hundredths: null, unscored: ['Q-01'], knockedOut: [] } })).toEqual(['incomplete_scores'])
  expect(codes({ rubric: null })).toEqual(['incomplete_scores'])
})

test('evidence that was not opened must be acknowledged, altered evidence blocks', () => {
  const file = { id: 'file-1' as EvidenceFileId, title: 'Ticket 1', viewed: false, altered: false }
  expect(decisionGates(input({ evidence: [file] }))).toMatchObject([
    { code: 'unviewed_evidence', severity: 'acknowledge' },
  ])
  expect(decisionGates(input({ evidence: [{ ...file, altered: true }] }))).toMatchObject([
    { code: 'altered_evidence', severity: 'blocks' },
  ])
})

test('a risky batch is approved alone or not at all', () => {
  const desk: Partial<GateInput> = {
    action: 'approve',
    status: 'under_review',
    person: { id: me, role: 'verifier', subRole: 'desk_verifier', organizationId: null },
    decisions: [],
    riskScore: 70,
  }
  expect(codes({ ...desk, batchCount: 2 })).toEqual(['risk_threshold'])
  expect(codes({ ...desk, batchCount: 1 })).toEqual([])
})

test('a role that does not decide here is told so, a state that is over is told apart', () => {
  expect(codes({ person: { id: me, role: 'verifier', subRole: 'field_agent', organizationId: null } })).toEqual([
    'role',
  ])
  expect(codes({ status: 'verified' })).toEqual(['transition'])
})

test('unassigned, stale and unsettled batches are not decided on', () => {
  expect(codes({ assigned: false, stale: true, conflictPending: true })).toEqual([
    'not_assigned',
    'stale',
    'conflict_pending',
  ])
})

test('every gate says what to do', () => {
  const gates = decisionGates(input({ assigned: false, stale: true, findings: [car], status: 'verified' }))
  for (const gate of gates) expect(gate.action.length, gate.code).toBeGreaterThan(10)
})
