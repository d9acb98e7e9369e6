import canonicalize from 'canonicalize'
import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { openTestWorkspace, people, type TestWorkspace } from '../database/testing.ts'
import { sha256Hex } from '../platform/identifiers.ts'
import { appendAuditEvents } from './append-audit-events.ts'
import { entryHash, newEntryHash } from './audit-entry.ts'
import { verifyAuditChain } from './verify-audit-chain.ts'

let workspace: TestWorkspace | null = null
afterEach(() => {
  workspace?.dispose()
  workspace = null
})

const facts = fc.option(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 4 }), { nil: null })
const event = fc.record({
  action: fc.string({ minLength: 1 }),
  entity: fc.string(),
  entityId: fc.string(),
  entityLabel: fc.option(fc.string(), { nil: null }),
  before: facts,
  after: facts,
  by: fc.constantFrom('person' as const, 'system' as const),
})
const columns = ['at', 'actor_name', 'device_id', 'action', 'entity_id', 'previous_hash', 'hash', 'event_id'] as const

test('whatever is logged, the chain holds; whatever one text of it is changed, the first break is that entry', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { minLength: 1, maxLength: 12 }),
      fc.nat(),
      fc.constantFrom(...columns),
      async (events, pick, column) => {
        workspace?.dispose()
        workspace = openTestWorkspace()
        const { database } = workspace
        const context = workspace.as(people.desk)
        database.write((handle) => appendAuditEvents(handle, context, events))
        const whole = { from: null, to: null }
        expect(await verifyAuditChain(context, whole)).toMatchObject({
          ok: true,
          value: { ok: true, checked: events.length },
        })
        const sequence = (pick % events.length) + 1
        database.write((handle) => {
          handle.prepare('drop trigger audit_event_is_append_only_update').run()
          handle.prepare(`update audit_event set ${column} = ${column} || '.' where sequence = ?`).run(sequence)
        })
        expect(await verifyAuditChain(context, whole)).toMatchObject({
          ok: true,
          value: { ok: false, checked: sequence - 1, firstBreak: { sequence } },
        })
      },
    ),
    { numRuns: 40 },
  )
}, 60_000)

test('the hash of an entry is that over the canonical JSON of all of it', () => {
  fc.assert(
    fc.property(fc.array(event, { minLength: 1, maxLength: 4 }), (events) => {
      workspace ??= openTestWorkspace()
      const { database } = workspace
      const context = workspace.as(people.desk)
      database.write((handle) => appendAuditEvents(handle, context, events))
      for (const { hash, ...row } of database.read.all(database.build.selectFrom('audit_event').selectAll())) {
        const parsed = (text: string | null): unknown => (text === null ? null : JSON.parse(text))
        const whole = canonicalize({ ...row, before: parsed(row.before), after: parsed(row.after) })
        expect([hash, entryHash(row), newEntryHash(row)]).toEqual(Array(3).fill(sha256Hex(whole ?? '')))
      }
    }),
    { numRuns: 40 },
  )
}, 60_000)
