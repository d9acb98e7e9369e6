import { afterEach, beforeEach, expect, test } from 'vitest'
import type { MutationId, Sha256 } from '../../shared/domain/ids.ts'
import { mutationDto, type PushResult } from '../../shared/wire/sync.ts'
import type { CaseContext } from '../database/case-context.ts'
import { fixture, openTestWorkspace, people, type TestWorkspace } from '../database/testing.ts'
import { newId } from '../platform/identifiers.ts'
import { refreshOverlay } from './batch-overlay.ts'
import { type ChangeDraft, enqueueMutation } from './enqueue-mutation.ts'
import { listOutbox, outboxCounts } from './list-outbox.ts'
import { mendOverlays } from './mend-overlays.ts'
import { readPendingRows } from './pending-rows.ts'
import { resolveOutboxItem } from './resolve-outbox-item.ts'
import { settleMutation } from './settle-mutation.ts'
import { recoverSending, returnToQueue, takeForPush } from './take-for-push.ts'
import { undoHeld } from './undo-held.ts'

let workspace: TestWorkspace
let context: CaseContext
beforeEach(() => {
  workspace = openTestWorkspace({ batches: 4 })
  context = workspace.as(people.desk)
})
afterEach(() => workspace.dispose())

const contentHashOf = (batch: number) =>
  workspace.database.read.first(
    workspace.database.build.selectFrom('batch').select('content_hash').where('id', '=', fixture.batch(batch)),
  )?.content_hash as Sha256

function decision(batch: number, more: Partial<ChangeDraft<'decision.record'>> = {}): ChangeDraft<'decision.record'> {
  const id = newId<string>()
  return {
    kind: 'decision.record',
    rowId: id,
    batchId: fixture.batch(batch),
    baseVersion: 1,
    contentHash: contentHashOf(batch),
    payload: {
      action: 'approve',
      reason_code: 'evidence_complete',
      reason: 'Evidence complete',
      score: null,
      rubric_id: null,
      opinion: null,
      assurance_level: null,
      unviewed_evidence_ids: [],
    },
    summary: 'Approved',
    base: { status: 'under_review' },
    holdSeconds: 30,
    pendingRows: [{ table: 'decision', row: { id, action: 'approve' } }],
    overlay: { status: 'approved', score: 410 },
    ...more,
  }
}

function score(batch: number, rowId: string, points: number): ChangeDraft<'score.set'> {
  return {
    kind: 'score.set',
    rowId,
    batchId: fixture.batch(batch),
    baseVersion: 0,
    contentHash: null,
    payload: {
      rubric_id: fixture.rubric(fixture.standardOf(batch)),
      criterion_code: 'Q-01',
      points,
      not_applicable_reason: null,
      note: '',
      evidence_ids: [],
    },
    summary: `Scored Q-01 with ${points}`,
    base: null,
    holdSeconds: 0,
    pendingRows: [{ table: 'score', row: { id: rowId, points } }],
  }
}

const enqueue = (change: ChangeDraft) => workspace.database.write((handle) => enqueueMutation(handle, context, change))
const take = (limit = 100) => workspace.database.write((handle) => takeForPush(handle, workspace.clock, limit))
const takeIds = (limit?: number) => take(limit).map(({ mutation_id }) => mutation_id)

function settle(mutationId: string, status: PushResult['status'], code: string | null = null) {
  workspace.database.write((handle) =>
    settleMutation(handle, context, {
      mutation_id: mutationId,
      status,
      code,
      message: code,
      action: null,
      rows: status === 'conflict' ? [{ table: 'batches', row: { id: 'theirs' } }] : [],
    }),
  )
}

const resolve = (mutationId: string, choice: 'retry' | 'take_theirs' | 'send_now') =>
  resolveOutboxItem(context, { mutationId, choice })

function items() {
  const listed = listOutbox(context, { states: [], limit: 500 })
  if (!listed.ok) throw new Error(listed.error.message)
  return listed.value
}

const stateOf = (mutationId: string) => items().find((item) => item.mutationId === mutationId)?.state

const overlayOf = (batch: number) =>
  workspace.database.read.first(
    workspace.database.build
      .selectFrom('batch_overlay')
      .select(['status', 'score', 'mark', 'stale'])
      .where('batch_id', '=', fixture.batch(batch)),
  )

test('a change is frozen in the shape of the wire, held, and laid over its batch', () => {
  const mutationId = enqueue(decision(0))
  expect(overlayOf(0)).toEqual({ status: 'approved', score: 410, mark: 'saved_here', stale: 0 })
  expect(take()).toEqual([])
  workspace.clock.advance(30_000)
  const [body] = take()
  expect(mutationDto.safeParse(body).success).toBe(true)
  expect(body).toMatchObject({ mutation_id: mutationId, base_version: 1, after_mutation_id: null, clock_offset_ms: 0 })
  expect(overlayOf(0)).toMatchObject({ mark: 'sent' })
})

test('an applied change leaves the overlay and stays in the list', () => {
  const mutationId = enqueue(decision(0, { holdSeconds: 0 }))
  expect(takeIds()).toEqual([mutationId])
  settle(mutationId, 'applied')
  expect(overlayOf(0)).toBeUndefined()
  expect(readPendingRows(workspace.database.read, 'decision', [fixture.batch(0)])).toEqual([])
  expect(stateOf(mutationId)).toBe('applied')
  expect(outboxCounts(workspace.database.read)).toMatchObject({ applied: 1, queued: 0 })
})

test('a push that did not get through is repeated to the letter, after the pause', () => {
  const mutationId = enqueue(score(0, newId(), 4))
  const first = take()
  workspace.database.write((handle) =>
    returnToQueue(
      handle,
      [mutationId],
      { code: 'offline', message: 'No network.', action: null },
      '2026-11-20T09:01:00.000Z',
    ),
  )
  expect(take()).toEqual([])
  expect(items()[0]).toMatchObject({ state: 'queued', attempts: 1, error: { code: 'offline' } })
  workspace.clock.advance(60_000)
  expect(take()).toEqual(first)
})

test('fault 4: what was on its way when the program ended is sent again', () => {
  const mutationId = enqueue(score(0, newId(), 4))
  take()
  expect(workspace.database.write((handle) => recoverSending(handle))).toBe(1)
  expect(takeIds()).toEqual([mutationId])
})

test('fault 15: a clock that was set back by a year holds nothing up', () => {
  enqueue(decision(0))
  workspace.clock.advance(-365 * 24 * 60 * 60 * 1000)
  expect(take()).toHaveLength(1)
})

test('a later change of a batch does not overtake a held one, and other batches go on', () => {
  const held = enqueue(decision(0))
  const behind = enqueue(score(0, newId(), 3))
  const elsewhere = enqueue(score(1, newId(), 3))
  expect(takeIds()).toEqual([elsewhere])
  workspace.clock.advance(30_000)
  expect(takeIds()).toEqual([held, behind])
})

test('a later change to the same row names the earlier one', () => {
  const row = newId<string>()
  const first = enqueue(score(0, row, 1))
  enqueue(score(0, row, 2))
  expect(take().map(({ after_mutation_id }) => after_mutation_id)).toEqual([null, first])
})

test('behind a conflict the later changes to the row wait, others go on, and the batch shows the conflict', () => {
  const row = newId<string>()
  const [first, second] = [enqueue(score(0, row, 1)), enqueue(score(0, row, 2))]
  const other = enqueue(score(0, newId(), 5))
  expect(takeIds(1)).toEqual([first])
  settle(first, 'conflict', 'version_changed')
  const third = enqueue(score(0, row, 3))
  expect([first, second, third].map(stateOf)).toEqual(['conflict', 'waiting', 'waiting'])
  expect(takeIds()).toEqual([other])
  expect(overlayOf(0)?.mark).toBe('conflict')
  expect(items().find(({ mutationId }) => mutationId === first)).toMatchObject({
    theirs: { id: 'theirs' },
    error: { code: 'version_changed' },
  })
  expect(readPendingRows(workspace.database.read, 'score', [fixture.batch(0)]).map(({ row }) => row.points)).toEqual([
    5,
  ])
})

test('a held change waits too when the one it builds on comes back lost from behind a conflict', () => {
  const row = newId<string>()
  const [first, second] = [enqueue(score(0, row, 1)), enqueue(score(0, row, 2))]
  const third = enqueue({ ...score(0, row, 3), holdSeconds: 30 })
  expect(takeIds()).toEqual([first, second])
  settle(first, 'conflict', 'version_changed')
  workspace.database.write((handle) =>
    returnToQueue(handle, [second], { code: 'offline', message: 'No network.', action: null }, null),
  )
  expect([first, second, third].map(stateOf)).toEqual(['conflict', 'waiting', 'waiting'])
})

test('giving a conflict up gives up what builds on it; all of it stays readable', () => {
  const row = newId<string>()
  const [first, second] = [enqueue(score(0, row, 1)), enqueue(score(0, row, 2))]
  take(1)
  settle(first, 'conflict')
  expect(resolve(first, 'take_theirs')).toMatchObject({ ok: true, value: { state: 'superseded' } })
  expect([first, second].map(stateOf)).toEqual(['superseded', 'superseded'])
  expect(overlayOf(0)).toBeUndefined()
  expect(items().map(({ mine }) => mine.points)).toEqual([2, 1])
})

test('a conflict is overridden by a new change on the row as the cloud has it, and what waited follows', () => {
  const [mine, theirs] = [newId<string>(), newId<string>()]
  const [first, second] = [enqueue(score(0, mine, 1)), enqueue(score(0, mine, 2))]
  take(1)
  settle(first, 'conflict')
  workspace.database.write((handle) =>
    handle
      .prepare(
        `insert into score (id, batch_id, verifier_id, rubric_id, criterion_code, points, note, evidence_ids, updated_at, version, scopes)
        values (?, ?, ?, 'r', 'Q-01', 5, '', '[]', 'now', 7, 1)`,
      )
      .run(theirs, fixture.batch(0), people.desk.id),
  )
  const again = resolve(first, 'retry')
  if (!again.ok) throw new Error(again.error.message)
  expect(again.value).toMatchObject({ state: 'queued', mine: { points: 1 } })
  expect([first, second].map(stateOf)).toEqual(['superseded', 'superseded'])
  const bodies = take()
  expect(bodies).toMatchObject([
    { mutation_id: again.value.mutationId, row_id: theirs, base_version: 7, after_mutation_id: null },
    { row_id: theirs, after_mutation_id: again.value.mutationId, payload: { points: 2 } },
  ])
  const pending = readPendingRows(workspace.database.read, 'score', [fixture.batch(0)])
  expect(pending.map(({ row }) => [row.id, row.points])).toEqual([
    [theirs, 1],
    [theirs, 2],
  ])
})

test('a refused decision stays, shows the cloud’s status, and can be sent again under a new id', () => {
  const mutationId = enqueue(decision(0, { holdSeconds: 0 }))
  take()
  settle(mutationId, 'rejected', 'open_findings')
  expect(overlayOf(0)).toEqual({ status: null, score: null, mark: 'rejected', stale: 0 })
  const again = resolve(mutationId, 'retry')
  expect(again).toMatchObject({ ok: true, value: { state: 'queued' } })
  expect(again.ok && again.value.mutationId).not.toBe(mutationId)
  expect(overlayOf(0)).toMatchObject({ status: 'approved', mark: 'queued' })
})

test('a decision is not sent again on content that it was not made on', () => {
  const mutationId = enqueue(decision(0, { holdSeconds: 0 }))
  take()
  settle(mutationId, 'conflict', 'content_changed')
  workspace.database.write((handle) => {
    handle.prepare('update batch set content_hash = ? where id = ?').run('f'.repeat(64), fixture.batch(0))
    refreshOverlay(handle, [fixture.batch(0)])
  })
  expect(overlayOf(0)).toMatchObject({ mark: 'conflict', stale: 1 })
  expect(resolve(mutationId, 'retry')).toMatchObject({ ok: false, error: { code: 'stale' } })
  expect(stateOf(mutationId)).toBe('conflict')
})

test('a change that came before its base was applied goes again by itself once it is', () => {
  const row = newId<string>()
  const [first, second] = [enqueue(score(0, row, 1)), enqueue(score(0, row, 2))]
  take()
  settle(second, 'conflict', 'earlier_not_applied')
  expect(stateOf(second)).toBe('waiting')
  settle(first, 'applied')
  expect(takeIds()).toEqual([second])
})

test('a held change is taken back; a sent one is not, nor one that another builds on', () => {
  const undo = (mutationId: MutationId) =>
    workspace.database.write((handle) => {
      const result = undoHeld(handle, workspace.clock, mutationId)
      return result.ok ? 'undone' : result.error.code
    })
  const row = newId<string>()
  const first = enqueue({ ...score(0, row, 1), holdSeconds: 30 })
  const second = enqueue({ ...score(0, row, 2), holdSeconds: 30 })
  expect(undo(first)).toBe('blocked')
  expect(undo(second)).toBe('undone')
  expect(undo(first)).toBe('undone')
  expect(overlayOf(0)).toBeUndefined()
  const sent = enqueue(score(0, newId(), 3))
  take()
  expect(undo(sent)).toBe('blocked')
})

test('the hold can be ended early, and an answer that comes twice changes nothing', () => {
  const mutationId = enqueue(decision(0))
  expect(resolve(mutationId, 'send_now')).toMatchObject({ ok: true, value: { state: 'queued' } })
  take()
  settle(mutationId, 'applied')
  settle(mutationId, 'rejected', 'four_eyes')
  expect(stateOf(mutationId)).toBe('applied')
  expect(resolve(mutationId, 'retry')).toMatchObject({ ok: false, error: { code: 'blocked' } })
})

test('what was laid over batches and got lost with a damaged database is made again from the outbox', () => {
  const { database } = workspace
  const overlays = () => database.read.all(database.build.selectFrom('batch_overlay').selectAll().orderBy('batch_id'))
  database.write((handle) => {
    enqueueMutation(handle, context, {
      ...decision(1),
      payload: { ...decision(1).payload, score: '4.10' },
      pendingRows: [],
    })
    enqueueMutation(handle, context, score(2, newId(), 4))
  })
  const before = overlays()
  expect(before.map(({ status, score: points, mark }) => [status, points, mark])).toEqual([
    ['approved', 410, 'saved_here'],
    [null, null, 'queued'],
  ])
  database.write((handle) => {
    handle.prepare('delete from batch_overlay').run()
    handle.prepare('delete from pending_row').run()
  })
  expect(database.write(mendOverlays)).toBe(2)
  expect(overlays()).toEqual(before)
  expect(database.write(mendOverlays), 'nothing is mended twice').toBe(0)
})
