import { afterEach, beforeEach, expect, test } from 'vitest'
import type { CertificateId, DecisionId, Sha256, SignatureId } from '../../shared/domain/ids.ts'
import { mutationDto, mutationPayloads } from '../../shared/wire/sync.ts'
import { getBatchDetail } from '../batches/get-batch-detail.ts'
import { transact } from '../database/database.ts'
import { fixture, insertInto, openTestWorkspace, people, type TestWorkspace } from '../database/testing.ts'
import { settleMutation } from '../outbox/settle-mutation.ts'
import { takeForPush } from '../outbox/take-for-push.ts'
import { newId } from '../platform/identifiers.ts'
import { setScore } from '../scores/set-score.ts'
import { recordVerification, type Verification } from './record-verification.ts'
import { undoDecisions } from './undo-decisions.ts'

let workspace: TestWorkspace
beforeEach(() => {
  workspace = openTestWorkspace({ batches: 2, statusOf: () => 'approved' })
})
afterEach(() => workspace.dispose())

const batchId = fixture.batch(0)

function detail() {
  const result = getBatchDetail(workspace.as(people.auditor), { batchId })
  if (!result.ok) throw new Error(result.error.message)
  return result.value
}

function verification(more: Partial<Verification> = {}): Verification {
  return {
    batchId,
    decisionId: newId<DecisionId>(),
    contentHash: detail().batch.contentHash,
    statement: {
      opinion: 'unmodified',
      assuranceLevel: 'reasonable',
      addressee: 'The Autify Network',
      procedures: 'Inspection of records',
      basis: '',
      acknowledgedGates: ['unviewed_evidence'],
    },
    certificate: {
      id: newId<CertificateId>(),
      number: 'VD-APRS-2026-1F2E3D4C5B',
      objectPath: `${batchId}/certificate.pdf`,
      sha256: 'a'.repeat(64) as Sha256,
      byteRangeDigest: 'b'.repeat(64) as Sha256,
      byteSize: 40_000,
      signatureId: newId<SignatureId>(),
      signerSubject: 'CN=Arun Mehta',
      signerSerial: '01',
      signerFingerprint: 'c'.repeat(64) as Sha256,
      claimedAt: '2026-11-20T09:00:00.000Z',
    },
    ...more,
  }
}

function scoreAll() {
  for (const criterionCode of fixture.criteria) {
    const scored = setScore(workspace.as(people.auditor), {
      batchId,
      criterionCode,
      points: 4,
      notApplicableReason: null,
      note: '',
      evidenceFileIds: [],
    })
    if (!scored.ok) throw new Error(scored.error.message)
  }
}

const record = (given: Verification) =>
  transact(workspace.database, (handle) => recordVerification(handle, workspace.as(people.auditor), given))

test('verification and certificate go at once, in this order, after the scores; the file waits for them', () => {
  scoreAll()
  const given = verification()
  const recorded = record(given)
  if (!recorded.ok) throw new Error(recorded.error.message)
  const seen = detail()
  expect(seen).toMatchObject({ status: 'verified', syncMark: 'queued', scoreHundredths: 400 })
  expect(seen.certificates).toMatchObject([
    { number: 'VD-APRS-2026-1F2E3D4C5B', signerSubject: 'CN=Arun Mehta', outboxState: 'queued', receivedAt: null },
  ])
  const bodies = workspace.database.write((handle) => takeForPush(handle, workspace.clock, 100))
  expect(bodies.map(({ kind }) => kind)).toEqual([
    ...fixture.criteria.map(() => 'score.set'),
    'decision.record',
    'certificate.issue',
  ])
  for (const body of bodies) expect(mutationDto.safeParse(body).success).toBe(true)
  expect(mutationPayloads['decision.record'].parse(bodies.at(-2)?.payload)).toMatchObject({
    action: 'verify',
    score: '4.00',
    opinion: 'unmodified',
  })
  expect(mutationPayloads['certificate.issue'].parse(bodies.at(-1)?.payload)).toMatchObject({
    decision_id: given.decisionId,
    level: 'B-B',
  })
  const upload = () =>
    workspace.database.read.first(workspace.database.build.selectFrom('upload').select(['state', 'bucket']))
  expect(upload()).toEqual({ state: 'waiting', bucket: 'certificates' })
  workspace.database.write((handle) =>
    settleMutation(handle, workspace.as(people.auditor), {
      mutation_id: recorded.value.certificateMutationId,
      status: 'applied',
      code: null,
      message: null,
      action: null,
      rows: [],
    }),
  )
  expect(upload()).toEqual({ state: 'ready', bucket: 'certificates' })
})

test('a signature is never taken back', () => {
  scoreAll()
  const recorded = record(verification())
  if (!recorded.ok) throw new Error(recorded.error.message)
  const undone = undoDecisions(workspace.as(people.auditor), { mutationIds: [recorded.value.decisionMutationId] })
  expect(undone).toMatchObject({ ok: true, value: [{ refused: { code: 'blocked' } }] })
  expect(detail().status).toBe('verified')
})

test('the gates are asked again: scores, acknowledgement, content, opinion', () => {
  expect(record(verification())).toMatchObject({ ok: false, error: { code: 'blocked' } })
  scoreAll()
  const statement = verification().statement
  expect(record(verification({ statement: { ...statement, acknowledgedGates: [] } }))).toMatchObject({
    ok: false,
    error: { code: 'blocked', message: expect.stringContaining('not opened') },
  })
  expect(record(verification({ contentHash: 'f'.repeat(64) }))).toMatchObject({ ok: false, error: { code: 'stale' } })
  expect(record(verification({ statement: { ...statement, opinion: 'adverse' } }))).toMatchObject({
    ok: false,
    error: { code: 'invalid_input' },
  })
  expect(detail()).toMatchObject({ status: 'approved', certificates: [] })
})

test('whoever approved does not verify', () => {
  scoreAll()
  workspace.database.write((handle) =>
    insertInto(handle, 'decision', {
      id: 'approval',
      batch_id: batchId,
      actor_id: people.auditor.id,
      action: 'approve',
      from_status: 'under_review',
      to_status: 'approved',
      reason_code: 'other',
      reason: 'Approved',
      content_hash: detail().batch.contentHash,
      unviewed_evidence_count: 0,
      decided_at: '2026-11-19T09:00:00.000Z',
      received_at: '2026-11-19T09:00:01.000Z',
      version: 1,
      scopes: 1,
    }),
  )
  expect(record(verification())).toMatchObject({
    ok: false,
    error: { code: 'blocked', message: expect.stringContaining('approved this batch yourself') },
  })
})
