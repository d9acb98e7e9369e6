import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openTestWorkspace, people, type TestWorkspace } from '../database/testing.ts'
import { appendAuditEvents } from './append-audit-events.ts'
import { listAuditEntries } from './list-audit-entries.ts'
import { verifyAuditChain } from './verify-audit-chain.ts'

let workspace: TestWorkspace
beforeEach(() => {
  workspace = openTestWorkspace()
})
afterEach(() => workspace.dispose())

function append(count: number, action = 'finding.raised') {
  workspace.database.write((handle) =>
    appendAuditEvents(
      handle,
      workspace.as(people.desk),
      Array.from({ length: count }, (_, number) => ({
        action,
        entity: 'finding',
        entityId: `finding-${number}`,
        entityLabel: `BATCH-${number}`,
        before: null,
        after: { title: `Ticket ${number} missing`, kind: 'car' },
      })),
    ),
  )
}

const wholeChain = { from: null, to: null }

async function check(range: { from: number | null; to: number | null } = wholeChain) {
  const result = await verifyAuditChain(workspace.as(people.compliance), range)
  if (!result.ok) throw new Error(result.error.message)
  return result.value
}

test('an empty chain holds', async () => {
  expect(await check()).toEqual({ ok: true, checked: 0, head: null, firstBreak: null })
})

test('the hash of an entry can be computed by anybody from what the design says', () => {
  append(1)
  const result = listAuditEntries(workspace.as(people.compliance), { text: '', action: null, before: null, limit: 1 })
  if (!result.ok) throw new Error(result.error.message)
  const entry = result.value.entries[0]
  if (entry === undefined) throw new Error('no entry')
  const row = workspace.database.read.first(workspace.database.build.selectFrom('audit_event').selectAll())
  // Sorted keys, no white space, written out by hand.
  const text =
    `{"action":"finding.raised","actor_id":"${people.desk.id}","actor_kind":"person","actor_name":"Dewi Lestari",` +
    `"after":{"kind":"car","title":"Ticket 0 missing"},"at":"2026-11-20T09:00:00.000Z","before":null,` +
    `"device_id":"${workspace.deviceId}","entity":"finding","entity_id":"finding-0","entity_label":"BATCH-0",` +
    `"event_id":"${row?.event_id}","previous_hash":"${'0'.repeat(64)}","sequence":1}`
  expect(entry.hash).toBe(createHash('sha256').update(text).digest('hex'))
})

test('a chain over several transactions and slices holds, with progress', async () => {
  for (let part = 0; part < 3; part++) append(900)
  const seen: number[] = []
  const result = await verifyAuditChain(workspace.as(people.compliance), wholeChain, ({ checked, total }) => {
    expect(total).toBe(2700)
    seen.push(checked)
  })
  expect(result).toMatchObject({ ok: true, value: { ok: true, checked: 2700, firstBreak: null } })
  expect(seen).toEqual([1000, 2000, 2700])
})

test('a part of the chain is checked against the entry before it', async () => {
  append(20)
  expect(await check({ from: 5, to: 9 })).toMatchObject({ ok: true, checked: 5 })
})

test('the log takes no change and no removal', () => {
  append(3)
  const write = (text: string) => () => workspace.database.write((handle) => handle.prepare(text).run())
  expect(write("update audit_event set actor_name = 'Nobody'")).toThrow(/append-only/)
  expect(write('delete from audit_event where sequence = 3')).toThrow(/append-only/)
})

/** What somebody with the key and a database tool could do. */
function tamper(...statements: readonly string[]) {
  workspace.database.write((handle) => {
    handle.prepare('drop trigger audit_event_is_append_only_update').run()
    handle.prepare('drop trigger audit_event_is_append_only_delete').run()
    for (const statement of statements) handle.prepare(statement).run()
  })
}

test('a changed entry is found, with the expected and the actual hash', async () => {
  append(10)
  tamper("update audit_event set after = replace(after, 'car', 'far') where sequence = 4")
  const { ok, checked, firstBreak } = await check()
  expect({ ok, checked, sequence: firstBreak?.sequence }).toEqual({ ok: false, checked: 3, sequence: 4 })
  expect(firstBreak?.message).toContain('was changed')
  expect(firstBreak?.expected).toMatch(/^[0-9a-f]{64}$/)
  expect(firstBreak?.actual).toMatch(/^[0-9a-f]{64}$/)
  expect(firstBreak?.actual).not.toBe(firstBreak?.expected)
})

test('an entry whose facts are no JSON any more counts as changed', async () => {
  append(3)
  tamper("update audit_event set after = '{' where sequence = 2")
  expect((await check()).firstBreak).toMatchObject({ sequence: 2, actual: 'not readable' })
})

test('a removed entry is found', async () => {
  append(10)
  tamper('delete from audit_event where sequence = 6')
  expect((await check()).firstBreak).toMatchObject({ sequence: 6, message: 'Entry 6 is missing.' })
})

test('a removed entry is found when the later ones were moved up', async () => {
  append(10)
  tamper(
    'delete from audit_event where sequence = 6',
    'update audit_event set sequence = sequence - 1 where sequence > 6',
  )
  expect((await check()).firstBreak?.sequence).toBe(6)
})

test('two entries that changed places are found', async () => {
  append(10)
  tamper(
    'update audit_event set sequence = 100 where sequence = 3',
    'update audit_event set sequence = 3 where sequence = 4',
    'update audit_event set sequence = 4 where sequence = 100',
  )
  expect((await check()).firstBreak?.sequence).toBe(3)
})

test('a missing end is found', async () => {
  append(10)
  tamper('delete from audit_event where sequence > 8')
  expect((await check()).firstBreak).toMatchObject({ sequence: 9, message: 'Entry 9 is missing.' })
})

test('the list is filtered by words and by action, pages by number, and counts what matches', () => {
  append(30)
  append(5, 'finding.closed')
  const list = (text: string, action: string | null, before: number | null, limit: number) => {
    const result = listAuditEntries(workspace.as(people.compliance), { text, action, before, limit })
    if (!result.ok) throw new Error(result.error.message)
    return { total: result.value.total, sequences: result.value.entries.map(({ sequence }) => sequence) }
  }
  expect(list('', null, null, 3)).toEqual({ total: 35, sequences: [35, 34, 33] })
  expect(list('', null, 33, 2)).toEqual({ total: 35, sequences: [32, 31] })
  expect(list('', 'finding.closed', null, 10)).toEqual({ total: 5, sequences: [35, 34, 33, 32, 31] })
  expect(list('dewi BATCH-29', null, null, 10)).toEqual({ total: 1, sequences: [30] })
  expect(list('100%', null, null, 10)).toEqual({ total: 0, sequences: [] })
})
