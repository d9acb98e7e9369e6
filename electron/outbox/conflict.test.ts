import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ChangeComparison } from '../../shared/contract/outbox-views.ts'
import type { PushResult } from '../../shared/wire/sync.ts'
import type { CaseContext } from '../database/case-context.ts'
import { fixture, insertInto, openTestWorkspace, people, type TestWorkspace } from '../database/testing.ts'
import { recordDecision } from '../decisions/record-decision.ts'
import { undoDecisions } from '../decisions/undo-decisions.ts'
import { raiseFinding } from '../findings/raise-finding.ts'
import { respondToFinding } from '../findings/respond-to-finding.ts'
import { setScore } from '../scores/set-score.ts'
import { refreshOverlay } from './batch-overlay.ts'
import { compareChange } from './compare-change.ts'
import { listOutbox } from './list-outbox.ts'
import { reopenChanges } from './reopen-changes.ts'
import { resolveOutboxItem } from './resolve-outbox-item.ts'
import { settleMutation } from './settle-mutation.ts'
import { countKinds, takeAllTheirs } from './take-all-theirs.ts'
import { takeForPush } from './take-for-push.ts'
import { findToDecideAgain } from './to-decide-again.ts'

let workspace: TestWorkspace
let context: CaseContext
beforeEach(() => {
  workspace = openTestWorkspace({ batches: 6 })
  context = workspace.as(people.desk, {
    settings: { theme: 'system', holdSeconds: 0, singleLetterKeys: true, density: 32 },
  })
})
afterEach(() => workspace.dispose())

const answered = <Value>(
  result: { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly error: { message: string } },
): Value => {
  if (!result.ok) throw new Error(result.error.message)
  return result.value
}

function decide(batch: number, action: 'approve' | 'reject' = 'approve'): string {
  const [outcome] = answered(
    recordDecision(context, {
      batchIds: [fixture.batch(batch)],
      action,
      reasonCode: 'other',
      reason: `My reason to ${action}`,
      acknowledgedGates: ['evidence_unviewed', 'unviewed_evidence', 'unscored'],
    }),
  )
  if (outcome?.mutationId == null) throw new Error(outcome?.refused?.message ?? 'Nothing was recorded')
  return outcome.mutationId
}

const score = (points: number, batch = 0) =>
  answered(
    setScore(context, {
      batchId: fixture.batch(batch),
      criterionCode: 'Q-01',
      points,
      notApplicableReason: null,
      note: `${points} because`,
      evidenceFileIds: [],
    }),
  )

const sql = (text: string, ...values: readonly (string | number)[]) =>
  workspace.database.write((handle) => {
    handle.prepare(text).run(...values)
  })

/** Somebody else decides in the cloud, and the workstation has pulled it. */
function decidedByOthers(batch: number, more: { readonly contentHash?: string } = {}): void {
  const id = fixture.batch(batch)
  workspace.database.write((handle) => {
    handle
      .prepare(
        "update batch set location = 'Gresik', version = 2, updated_at = '2026-11-20T08:30:00.000Z', content_hash = coalesce(?, content_hash) where id = ?",
      )
      .run(more.contentHash ?? null, id)
    insertInto(handle, 'decision', {
      id: crypto.randomUUID(),
      batch_id: id,
      actor_id: people.otherDesk.id,
      action: 'request_changes',
      from_status: 'under_review',
      to_status: 'changes_requested',
      reason_code: 'missing_evidence',
      reason: 'Evidence missing',
      score: null,
      rubric_id: null,
      content_hash: 'h',
      opinion: null,
      assurance_level: null,
      unviewed_evidence_count: 0,
      device_id: null,
      decided_at: '2026-11-20T08:30:00.000Z',
      received_at: '2026-11-20T08:30:01.000Z',
      version: 1,
      scopes: 1,
    })
    refreshOverlay(handle, [id])
  })
}

function answer(mutationId: string, status: PushResult['status'], code: string, rows: PushResult['rows'] = []): void {
  workspace.database.write((handle) => {
    takeForPush(handle, workspace.clock, 100)
    settleMutation(handle, context, {
      mutation_id: mutationId,
      status,
      code,
      message: 'The row was changed.',
      action: null,
      rows,
    })
  })
}

const compare = (mutationId: string): ChangeComparison => answered(compareChange(context, { mutationId }))
const resolve = (mutationId: string, choice: 'retry' | 'take_theirs' | 'decide_again') =>
  resolveOutboxItem(context, { mutationId, choice })
const items = () => answered(listOutbox(context, { states: [], limit: 500 }))
const stateOf = (mutationId: string) => items().find((item) => item.mutationId === mutationId)?.state
const newest = () => items()[0]?.mutationId ?? ''
const audited = (action: string) =>
  workspace.database.read.all(
    workspace.database.build.selectFrom('audit_event').select(['entity_id', 'after']).where('action', '=', action),
  )

describe('the common base', () => {
  test('of a decision is the batch as the mirror had it, with who had decided last', () => {
    const mutationId = decide(0)
    expect(compare(mutationId).base).toMatchObject({
      status: 'under_review',
      location: 'Surabaya, Indonesia',
      tons_or_kwh: '10.00',
      version: 1,
      content_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
  })

  test('of a score is the mark before it, also where that is not sent yet', () => {
    score(3)
    expect(compare(newest()).base).toBeNull()
    score(5)
    expect(compare(newest())).toMatchObject({
      base: { points: 3, note: '3 because' },
      mine: { points: 5 },
      theirs: null,
    })
  })

  test('of a step on a finding is the finding as it stood, with the last word on it', () => {
    const said = { title: 'Tickets', description: 'Tickets are missing', criterionCode: null, evidenceFileId: null }
    const raised = answered(
      raiseFinding(context, { batchId: fixture.batch(0), kind: 'car', ...said, dueAt: null, misstatement: null }),
    )
    expect(compare(newest())).toMatchObject({ base: null, mine: { title: 'Tickets', status: 'open', kind: 'car' } })
    const findingId = raised.findings[0]?.id ?? ''
    answered(
      respondToFinding(context, { batchId: fixture.batch(0), findingId, body: 'Here they are', onBehalfOf: 'Rina' }),
    )
    expect(compare(newest())).toMatchObject({
      base: { status: 'open', round: 1 },
      mine: { status: 'answered', body: 'Here they are', on_behalf_of: 'Rina' },
    })
  })
})

describe('a comparison', () => {
  test('shows what the cloud has now, who did it, and whether the content is another', () => {
    const mutationId = decide(0)
    answer(mutationId, 'conflict', 'version_changed')
    decidedByOthers(0)
    expect(compare(mutationId)).toMatchObject({
      item: { state: 'conflict', batchPlace: 'here', overrides: false },
      mine: { status: 'approved', reason: 'My reason to approve', location: 'Surabaya, Indonesia', version: 1 },
      theirs: { location: 'Gresik', action: 'request_changes', actor_id: people.otherDesk.id, version: 2 },
      names: { [people.otherDesk.id]: 'Linh Tran', [people.desk.id]: 'Dewi Lestari' },
      contentChanged: false,
      notKept: null,
    })
    sql('update batch set content_hash = ? where id = ?', 'f'.repeat(64), fixture.batch(0))
    expect(compare(mutationId)).toMatchObject({ contentChanged: true, notKept: { code: 'stale' } })
  })

  test('falls back on the row that the cloud answered with when the batch is gone from here', () => {
    const mutationId = decide(0)
    answer(mutationId, 'conflict', 'version_changed', [{ table: 'batches', row: { status: 'rejected', version: 9 } }])
    expect(compare(mutationId).theirs).toMatchObject({ status: 'rejected', version: 9 })
    sql('delete from batch where id = ?', fixture.batch(0))
    expect(compare(mutationId)).toMatchObject({
      item: { batchPlace: 'absent' },
      theirs: { status: 'rejected' },
      notKept: { code: 'not_found' },
    })
  })

  test('of a change that does not exist is not found', () => {
    expect(compareChange(context, { mutationId: crypto.randomUUID() })).toMatchObject({ error: { code: 'not_found' } })
  })
})

describe('keeping mine', () => {
  test('is visible afterwards as sent over the cloud’s version, in the list and in the log, and both name each other', () => {
    const mutationId = decide(0)
    answer(mutationId, 'conflict', 'version_changed')
    decidedByOthers(0)
    const kept = answered(resolve(mutationId, 'retry'))
    expect(kept).toMatchObject({ state: 'queued', overrides: true })
    expect(compare(mutationId)).toMatchObject({
      item: { state: 'superseded', resolution: 'sent_again' },
      replacedBy: kept.mutationId,
      notReopened: { code: 'blocked' },
    })
    expect(compare(kept.mutationId).replaces).toBe(mutationId)
    expect(JSON.parse(audited('change.sent_again')[0]?.after ?? '')).toMatchObject({ overrides_conflict: true })
  })

  test('of a refused change is no override, and an override that is refused and sent once more still is one', () => {
    const refused = decide(0)
    answer(refused, 'rejected', 'not_assigned')
    expect(answered(resolve(refused, 'retry')).overrides).toBe(false)
    const mine = decide(1)
    answer(mine, 'conflict', 'version_changed')
    const override = answered(resolve(mine, 'retry')).mutationId
    answer(override, 'rejected', 'not_assigned')
    expect(answered(resolve(override, 'retry')).overrides).toBe(true)
  })
})

describe('giving up', () => {
  test('can be taken back until something new is made in its place, then says why not', () => {
    const mutationId = decide(0)
    answer(mutationId, 'conflict', 'version_changed')
    answered(resolve(mutationId, 'take_theirs'))
    expect(compare(mutationId)).toMatchObject({ item: { resolution: 'taken_theirs' }, notReopened: null })
    expect(answered(reopenChanges(context, { mutationIds: [mutationId] }))).toMatchObject({ refused: [] })
    expect(stateOf(mutationId)).toBe('conflict')
    expect(audited('change.taken_up_again')).toHaveLength(1)

    answered(resolve(mutationId, 'decide_again'))
    const anew = decide(0, 'reject')
    expect(answered(reopenChanges(context, { mutationIds: [mutationId] })).refused).toMatchObject([{ code: 'blocked' }])
    expect(answered(undoDecisions(context, { mutationIds: [anew] }))).toMatchObject([{ refused: null }])
    expect(answered(reopenChanges(context, { mutationIds: [mutationId] })).refused).toEqual([])
    expect(stateOf(mutationId)).toBe('conflict')
  })

  test('takes what waited behind it along, and taking it back brings all of it back as it was', () => {
    score(2)
    const first = newest()
    score(4)
    const second = newest()
    workspace.database.write((handle) => takeForPush(handle, workspace.clock, 1))
    answer(first, 'conflict', 'version_changed')
    answered(resolve(first, 'take_theirs'))
    expect([first, second].map(stateOf)).toEqual(['superseded', 'superseded'])
    answered(reopenChanges(context, { mutationIds: [first] }))
    expect([first, second].map(stateOf)).toEqual(['conflict', 'waiting'])
    const again = answered(resolve(first, 'retry'))
    workspace.database.write((handle) => {
      const bodies = takeForPush(handle, workspace.clock, 100)
      expect(bodies.map(({ payload }) => payload.points)).toEqual([2, 4])
      expect(bodies[1]?.after_mutation_id).toBe(again.mutationId)
    })
  })

  test('a change that was not given up cannot be taken up again', () => {
    const mutationId = decide(0)
    expect(answered(reopenChanges(context, { mutationIds: [mutationId] })).refused).toMatchObject([{ code: 'blocked' }])
    expect(stateOf(mutationId)).toBe('queued')
  })
})

describe('deciding again', () => {
  test('keeps what was said at hand until the new decision is made, and again when that one is taken back', () => {
    const toDecide = () => answered(findToDecideAgain(context, { batchId: fixture.batch(0) }))
    const mutationId = decide(0)
    answer(mutationId, 'conflict', 'content_changed')
    expect(toDecide()).toEqual([])
    answered(resolve(mutationId, 'decide_again'))
    expect(toDecide()).toMatchObject([{ mutationId, mine: { action: 'approve', reason: 'My reason to approve' } }])
    const anew = decide(0, 'reject')
    expect(toDecide()).toEqual([])
    answered(undoDecisions(context, { mutationIds: [anew] }))
    expect(toDecide()).toHaveLength(1)
  })

  test('is refused for what is not parked', () => {
    expect(resolve(decide(0), 'decide_again')).toMatchObject({ error: { code: 'blocked' } })
  })
})

describe('taking theirs for all of a kind', () => {
  const states = ['conflict', 'waiting'] as const
  const all = (expected: number) => takeAllTheirs(context, { states: [...states], kind: 'decision.record', expected })

  test('gives up exactly as many as were named, and can be taken back together', () => {
    const ids = [0, 1, 2].map((batch) => decide(batch))
    score(3, 4)
    const other = newest()
    for (const id of [...ids, other]) answer(id, 'conflict', 'version_changed')
    expect(answered(countKinds(context, { states: [...states] }))).toEqual([
      { kind: 'decision.record', count: 3 },
      { kind: 'score.set', count: 1 },
    ])
    expect(all(2)).toMatchObject({ error: { code: 'stale', message: 'There are now 3 of these changes, not 2.' } })
    expect(ids.map(stateOf)).toEqual(['conflict', 'conflict', 'conflict'])
    const taken = answered(all(3))
    expect([...ids, other].map(stateOf)).toEqual(['superseded', 'superseded', 'superseded', 'conflict'])
    answered(reopenChanges(context, { mutationIds: [...taken.mutationIds] }))
    expect(ids.map(stateOf)).toEqual(['conflict', 'conflict', 'conflict'])
  })
})
