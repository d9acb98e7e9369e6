import { afterEach, beforeEach, expect, test } from 'vitest'
import type { BatchDetail } from '../../shared/contract/views.ts'
import type { Person } from '../../shared/domain/person.ts'
import { mutationDto, mutationPayloads, type PushResult } from '../../shared/wire/sync.ts'
import { verifyAuditChain } from '../audit-trail/verify-audit-chain.ts'
import { getBatchDetail } from '../batches/get-batch-detail.ts'
import { fixture, insertInto, openTestWorkspace, people, type TestWorkspace } from '../database/testing.ts'
import { outboxCounts } from '../outbox/list-outbox.ts'
import { settleMutation } from '../outbox/settle-mutation.ts'
import { takeForPush } from '../outbox/take-for-push.ts'
import { recordDecision } from './record-decision.ts'
import { undoDecisions } from './undo-decisions.ts'

let workspace: TestWorkspace
beforeEach(() => {
  workspace = openTestWorkspace({
    batches: 12,
    statusOf: (batch) => (batch === 11 ? 'approved' : 'under_review'),
    riskOf: (batch) => (batch === 5 ? 70 : batch === 6 ? 69 : 10),
    assignedTo: (batch) => (batch === 10 ? [] : [people.desk, people.auditor]),
  })
})
afterEach(() => workspace.dispose())

const approval = {
  action: 'approve' as const,
  reasonCode: 'evidence_complete',
  reason: 'Evidence complete and consistent',
  acknowledgedGates: [],
}

function decide(
  batches: readonly number[],
  more: Partial<Parameters<typeof recordDecision>[1]> = {},
  as: Person = people.desk,
) {
  const result = recordDecision(workspace.as(as), { ...approval, batchIds: batches.map(fixture.batch), ...more })
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`)
  return result.value
}

function detail(batch: number, as: Person = people.desk): BatchDetail {
  const result = getBatchDetail(workspace.as(as), { batchId: fixture.batch(batch) })
  if (!result.ok) throw new Error(result.error.message)
  return result.value
}

const refusals = (outcomes: ReturnType<typeof decide>) => outcomes.map(({ refused }) => refused?.code ?? null)
const counts = () => outboxCounts(workspace.database.read)

test('a decision is recorded with its content hash, score and unviewed evidence, held, and shown at once', () => {
  const [outcome] = decide([0])
  expect(outcome).toMatchObject({ batchId: fixture.batch(0), refused: null })
  const seen = detail(0)
  expect(seen).toMatchObject({ status: 'approved', syncMark: 'saved_here', stale: false })
  expect(seen.batch.status).toBe('under_review')
  expect(seen.decisions).toMatchObject([
    {
      action: 'approve',
      actorName: 'Dewi Lestari',
      fromStatus: 'under_review',
      toStatus: 'approved',
      contentHash: seen.batch.contentHash,
      unviewedEvidenceCount: 2,
      receivedAt: null,
      outboxState: 'held',
    },
  ])
  workspace.clock.advance(30_000)
  const [body] = workspace.database.write((handle) => takeForPush(handle, workspace.clock, 10))
  expect(mutationDto.parse(body)).toMatchObject({
    kind: 'decision.record',
    base_version: 1,
    content_hash: seen.batch.contentHash,
    device_id: workspace.deviceId,
  })
  expect(mutationPayloads['decision.record'].parse(body?.payload)).toMatchObject({
    action: 'approve',
    score: null,
    rubric_id: fixture.rubric('APRS'),
    unviewed_evidence_ids: [fixture.evidence(0, 0), fixture.evidence(0, 1)],
  })
})

test('decision, audit event and outbox entry are there together or not at all', () => {
  const limit = (pages: number) =>
    workspace.database.write((handle) => handle.prepare(`pragma max_page_count = ${pages}`).get())
  const many = Array.from({ length: 9 }, (_, number) => number)
  limit(1)
  const results = Array.from({ length: 200 }, (_, round) =>
    recordDecision(workspace.as(people.desk), {
      ...approval,
      action: 'reject',
      reasonCode: 'other',
      reason: `${round} ${'x'.repeat(19_000)}`,
      batchIds: many.slice(round % 9, (round % 9) + 1).map(fixture.batch),
    }),
  )
  expect(results.some((result) => !result.ok && result.error.code === 'disk_full')).toBe(true)
  const recorded = results.filter((result) => result.ok && result.value[0]?.refused === null).length
  const count = (table: 'outbox' | 'audit_event') =>
    workspace.database.read.first(
      workspace.database.build.selectFrom(table).select(({ fn }) => fn.countAll<number>().as('count')),
    )?.count
  expect(count('outbox')).toBe(recorded)
  expect(count('audit_event')).toBe(recorded)
  limit(1_000_000)
})

test('many batches in one call: each is recorded or refused by itself, with the gate that stops it', () => {
  expect(refusals(decide([0, 5, 6, 10, 11, 4000]))).toEqual([
    null,
    'risk_threshold',
    null,
    'not_assigned',
    'transition',
    'not_found',
  ])
  expect(counts().held).toBe(2)
  expect(refusals(decide([5]))).toEqual([null])
})

test('a batch that is named twice is decided once', () => {
  expect(decide([0, 0])).toHaveLength(1)
  expect(counts().held).toBe(1)
})

test('a reason that is not offered is refused as a whole', () => {
  const result = recordDecision(workspace.as(people.desk), {
    ...approval,
    reasonCode: 'because',
    batchIds: [fixture.batch(0)],
  })
  expect(result).toMatchObject({ ok: false, error: { code: 'invalid_input' } })
})

test('an open corrective action request stops an approval and not a request for changes', () => {
  workspace.database.write((handle) =>
    insertInto(handle, 'finding', {
      id: 'finding',
      batch_id: fixture.batch(0),
      kind: 'car',
      title: 'Ticket missing',
      description: '',
      status: 'open',
      raised_by: people.desk.id,
      raised_at: '2026-11-20T09:00:00.000Z',
      round: 1,
      version: 1,
      scopes: 1,
    }),
  )
  expect(refusals(decide([0]))).toEqual(['open_findings'])
  expect(
    refusals(decide([0], { action: 'request_changes', reasonCode: 'open_findings', reason: 'Open findings' })),
  ).toEqual([null])
})

test('content that does not hash to what the batch says is stale: it changed, or is not all here', () => {
  workspace.database.write((handle) => {
    handle.prepare('update batch set quantity = quantity + 1 where id = ?').run(fixture.batch(0))
    handle.prepare('delete from evidence_file where id = ?').run(fixture.evidence(1, 0))
  })
  expect(refusals(decide([0, 1, 2]))).toEqual(['stale', 'stale', null])
  expect(detail(0).stale).toBe(true)
})

test('altered evidence stops an approval', () => {
  workspace.database.write((handle) =>
    handle
      .prepare(
        "insert into stored_file (sha256, byte_size, state) select sha256, 1, 'altered' from evidence_file where id = ?",
      )
      .run(fixture.evidence(0, 0)),
  )
  expect(refusals(decide([0]))).toEqual(['altered_evidence'])
  expect(
    detail(0)
      .evidence.map(({ presence }) => presence)
      .sort(),
  ).toEqual(['absent', 'altered'])
})

test('undo brings the status back, keeps the decision readable as undone, and appends a compensating event', async () => {
  const [outcome] = decide([0])
  const mutationId = outcome?.mutationId ?? ''
  const undone = undoDecisions(workspace.as(people.desk), { mutationIds: [mutationId] })
  expect(undone).toMatchObject({ ok: true, value: [{ refused: null }] })
  expect(detail(0)).toMatchObject({ status: 'under_review', syncMark: null, decisions: [] })
  expect(counts()).toMatchObject({ held: 0, undone: 1 })
  const actions = workspace.database.read.all(
    workspace.database.build.selectFrom('audit_event').select('action').orderBy('sequence'),
  )
  expect(actions.map(({ action }) => action)).toEqual(['decision.recorded', 'decision.undone'])
  expect(await verifyAuditChain(workspace.as(people.desk), { from: null, to: null })).toMatchObject({
    value: { ok: true, checked: 2 },
  })
  expect(refusals(decide([0]))).toEqual([null])
})

test('a decision that was sent is not taken back', () => {
  const [outcome] = decide([0])
  workspace.clock.advance(31_000)
  workspace.database.write((handle) => takeForPush(handle, workspace.clock, 10))
  expect(undoDecisions(workspace.as(people.desk), { mutationIds: [outcome?.mutationId ?? ''] })).toMatchObject({
    ok: true,
    value: [{ refused: { code: 'blocked' } }],
  })
})

function answer(mutationId: string, more: Partial<PushResult>) {
  workspace.database.write((handle) =>
    settleMutation(handle, workspace.as(people.desk), {
      mutation_id: mutationId,
      status: 'applied',
      code: null,
      message: null,
      action: null,
      rows: [],
      ...more,
    }),
  )
}

test('a decision in conflict shows the cloud’s status, stays in the history, and stops the next one until it is settled', () => {
  const [outcome] = decide([0])
  workspace.clock.advance(31_000)
  workspace.database.write((handle) => takeForPush(handle, workspace.clock, 10))
  answer(outcome?.mutationId ?? '', { status: 'conflict', code: 'content_changed', message: 'The batch changed.' })
  const seen = detail(0)
  expect(seen).toMatchObject({ status: 'under_review', syncMark: 'conflict' })
  expect(seen.decisions).toMatchObject([{ outboxState: 'conflict' }])
  expect(refusals(decide([0]))).toEqual(['conflict_pending'])
})

test('five hundred decisions are one transaction', () => {
  workspace.dispose()
  workspace = openTestWorkspace({ batches: 500, evidencePerBatch: 1 })
  const all = Array.from({ length: 500 }, (_, number) => number)
  const outcomes = decide(all, { action: 'reject', reasonCode: 'other', reason: 'Withdrawn by the recycler' })
  expect(refusals(outcomes).every((code) => code === null)).toBe(true)
  expect(counts().held).toBe(500)
  const undone = undoDecisions(workspace.as(people.desk), {
    mutationIds: outcomes.map(({ mutationId }) => mutationId ?? ''),
  })
  expect(undone.ok && undone.value.every(({ refused }) => refused === null)).toBe(true)
  expect(counts()).toMatchObject({ held: 0, undone: 500 })
})
