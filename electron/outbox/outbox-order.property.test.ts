import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import type { MutationDto, PushResult } from '../../shared/wire/sync.ts'
import type { CaseContext } from '../database/case-context.ts'
import { fixture, openTestWorkspace, people, type TestWorkspace } from '../database/testing.ts'
import { refreshOverlay } from './batch-overlay.ts'
import { enqueueMutation } from './enqueue-mutation.ts'
import { listOutbox } from './list-outbox.ts'
import { resolveOutboxItem } from './resolve-outbox-item.ts'
import { settleMutation } from './settle-mutation.ts'
import { returnToQueue, takeForPush } from './take-for-push.ts'
import { undoHeld } from './undo-held.ts'

let workspace: TestWorkspace | null = null
afterEach(() => {
  workspace?.dispose()
  workspace = null
})

const batchCount = 3
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('change' as const), batch: fc.nat(2), row: fc.nat(1), hold: fc.boolean() }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('push' as const),
      limit: fc.integer({ min: 1, max: 5 }),
      fates: fc.array(fc.constantFrom('applied', 'duplicate', 'conflict', 'rejected', 'lost'), {
        minLength: 5,
        maxLength: 5,
      }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('undo' as const), pick: fc.nat() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('resolve' as const),
      pick: fc.nat(),
      choice: fc.constantFrom('retry' as const, 'take_theirs' as const, 'send_now' as const),
    }),
  },
)
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

/** A workspace with what the cloud was sent, to check each push against. */
class Desk {
  readonly space: TestWorkspace
  readonly context: CaseContext
  readonly frozen = new Map<string, string>()
  readonly applied = new Set<string>()

  constructor(space: TestWorkspace) {
    this.space = space
    this.context = space.as(people.desk)
  }

  items() {
    const listed = listOutbox(this.context, { states: [], limit: 500 })
    if (!listed.ok) throw new Error(listed.error.message)
    return [...listed.value].reverse()
  }

  run(action: Step): void {
    const { database, clock } = this.space
    switch (action.do) {
      case 'change':
        this.change(action.batch, action.row, action.hold)
        break
      case 'push':
        this.push(action.limit, action.fates)
        break
      case 'wait':
        clock.advance(action.seconds * 1000)
        break
      case 'undo': {
        const items = this.items()
        const item = items[action.pick % Math.max(1, items.length)]
        if (item !== undefined) database.write((handle) => undoHeld(handle, clock, item.mutationId))
        break
      }
      case 'resolve': {
        const items = this.items()
        const item = items[action.pick % Math.max(1, items.length)]
        if (item !== undefined) resolveOutboxItem(this.context, { mutationId: item.mutationId, choice: action.choice })
        break
      }
    }
  }

  change(batch: number, row: number, hold: boolean): void {
    const rowId = `00000009-0000-4000-8000-00000000000${batch * 2 + row}`
    this.space.database.write((handle) =>
      enqueueMutation(handle, this.context, {
        kind: 'score.set',
        rowId,
        batchId: fixture.batch(batch),
        baseVersion: 0,
        contentHash: null,
        payload: {
          rubric_id: rowId,
          criterion_code: `C-${row}`,
          points: 3,
          not_applicable_reason: null,
          note: '',
          evidence_ids: [],
        },
        summary: 'Scored',
        base: null,
        holdSeconds: hold ? 30 : 0,
        pendingRows: [{ table: 'score', row: { id: rowId, points: 3 } }],
      }),
    )
  }

  push(limit: number, fates: readonly string[]): void {
    const { database, clock } = this.space
    const bodies = database.write((handle) => takeForPush(handle, clock, limit))
    expect(bodies.length).toBeLessThanOrEqual(limit)
    this.checkOrder(bodies)
    const parked = new Set<string>()
    bodies.forEach((body, index) => {
      const fate = fates[index] ?? 'applied'
      const after = body.after_mutation_id
      // The cloud's own rule for a change whose base was not applied.
      const blocked = after !== null && (parked.has(after) || !this.applied.has(after))
      database.write((handle) => {
        if (fate === 'lost') {
          parked.add(body.mutation_id)
          returnToQueue(handle, [body.mutation_id as never], { code: 'offline', message: '', action: null }, null)
          return
        }
        const status = blocked ? 'conflict' : (fate as PushResult['status'])
        if (status === 'applied' || status === 'duplicate') this.applied.add(body.mutation_id)
        else parked.add(body.mutation_id)
        settleMutation(handle, this.context, {
          mutation_id: body.mutation_id,
          status,
          code: blocked ? 'earlier_not_applied' : null,
          message: null,
          action: null,
          rows: [],
        })
      })
    })
  }

  /** Nothing is sent before what it builds on, in another form than before, or after its fate is known. */
  checkOrder(bodies: readonly MutationDto[]): void {
    const sent = new Set<string>()
    for (const body of bodies) {
      const text = JSON.stringify(body)
      expect(this.frozen.get(body.mutation_id) ?? text).toBe(text)
      this.frozen.set(body.mutation_id, text)
      expect(this.applied.has(body.mutation_id)).toBe(false)
      const after = body.after_mutation_id
      if (after !== null) {
        const state = this.items().find(({ mutationId }) => mutationId === after)?.state
        expect(sent.has(after) || state === 'applied').toBe(true)
      }
      sent.add(body.mutation_id)
    }
  }

  checkOverlay(): void {
    const { database } = this.space
    const read = () => database.read.all(database.build.selectFrom('batch_overlay').selectAll().orderBy('batch_id'))
    const kept = read()
    const all = Array.from({ length: batchCount }, (_, batch) => fixture.batch(batch))
    database.write((handle) => refreshOverlay(handle, all))
    expect(read()).toEqual(kept)
  }
}

test('in every order of changes, pushes, losses, conflicts, undo and resolving: in order, to the letter, nothing lost', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
      const space = workspace ?? openTestWorkspace({ batches: batchCount, evidencePerBatch: 0 })
      workspace = space
      space.database.write((handle) => {
        for (const table of ['outbox', 'pending_row', 'batch_overlay']) handle.prepare(`delete from ${table}`).run()
      }, 'normal')
      const desk = new Desk(space)
      let known = 0
      for (const action of steps) {
        desk.run(action)
        const count = desk.items().length
        expect(count).toBeGreaterThanOrEqual(known)
        known = count
        desk.checkOverlay()
      }
      // Once everything gets through, only what waits for the person is left.
      const open = () =>
        desk.items().filter(({ state }) => state === 'held' || state === 'queued' || state === 'sending')
      for (let round = 0; round < 60 && open().length > 0; round++) {
        space.clock.advance(31_000)
        desk.push(5, [])
      }
      expect(open()).toEqual([])
    }),
    { numRuns: 50 },
  )
}, 120_000)
