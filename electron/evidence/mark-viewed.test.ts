import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Person } from '../../shared/domain/person.ts'
import { getBatchDetail } from '../batches/get-batch-detail.ts'
import { fixture, openTestWorkspace, people, type TestWorkspace } from '../database/testing.ts'
import { sha256Hex } from '../platform/identifiers.ts'
import { markViewed } from './mark-viewed.ts'

const evidenceFileId = fixture.evidence(0, 0)
const sha256 = sha256Hex(evidenceFileId)

let workspace: TestWorkspace
beforeEach(() => {
  workspace = openTestWorkspace({ batches: 1 })
})
afterEach(() => workspace.dispose())

const mark = (person: Person = people.auditor, hash: string = sha256) =>
  markViewed(workspace.as(person), { evidenceFileId, sha256: hash })

const viewedBy = (person: Person): string | null | undefined => {
  const detail = getBatchDetail(workspace.as(person), { batchId: fixture.batch(0) })
  return detail.ok ? detail.value.evidence.find(({ id }) => id === evidenceFileId)?.viewedAt : undefined
}

const log = () =>
  workspace.database.read.all(
    workspace.database.build
      .selectFrom('audit_event')
      .select(['action', 'actor_id', 'entity_id', 'entity_label', 'after'])
      .orderBy('sequence'),
  )

test('having seen a file is recorded with its hash, once, at the time it was seen first', () => {
  expect(mark()).toEqual({ ok: true, value: { viewedAt: '2026-11-20T09:00:00.000Z' } })
  workspace.clock.advance(60_000)
  expect(mark()).toEqual({ ok: true, value: { viewedAt: '2026-11-20T09:00:00.000Z' } })
  expect(viewedBy(people.auditor)).toBe('2026-11-20T09:00:00.000Z')
  expect(log()).toEqual([
    {
      action: 'evidence.viewed',
      actor_id: people.auditor.id,
      entity_id: evidenceFileId,
      entity_label: 'Weighbridge ticket 1',
      after: JSON.stringify({ batch_id: fixture.batch(0), sha256 }),
    },
  ])
})

test('what one person has seen, another has not', () => {
  mark(people.auditor)
  expect(viewedBy(people.desk)).toBeNull()
  workspace.clock.advance(60_000)
  expect(mark(people.desk)).toEqual({ ok: true, value: { viewedAt: '2026-11-20T09:01:00.000Z' } })
  expect(log().map(({ actor_id }) => actor_id)).toEqual([people.auditor.id, people.desk.id])
})

test('other bytes than those of the register do not count, and a replaced file is unseen again', () => {
  expect(mark(people.auditor, sha256Hex('what was shown'))).toMatchObject({
    ok: false,
    error: { code: 'stale', action: 'Open it again.' },
  })
  expect(viewedBy(people.auditor)).toBeNull()
  mark()
  const replaced = sha256Hex('the new file')
  workspace.database.write((handle) =>
    handle.prepare('update evidence_file set sha256 = ? where id = ?').run(replaced, evidenceFileId),
  )
  expect(viewedBy(people.auditor)).toBeNull()
  expect(mark()).toMatchObject({ ok: false, error: { code: 'stale' } })
  expect(mark(people.auditor, replaced).ok).toBe(true)
  expect(log()).toHaveLength(2)
})

test('a withdrawn file cannot be marked', () => {
  workspace.database.write((handle) => handle.prepare("update evidence_file set deleted_at = '2026'").run())
  expect(mark()).toMatchObject({ ok: false, error: { code: 'not_found' } })
  expect(log()).toEqual([])
})

test('on a full disk neither the view nor its entry in the log is there', () => {
  const title = 'x'.repeat(40_000)
  workspace.database.write((handle) =>
    handle.prepare('update evidence_file set title = ? where id = ?').run(title, evidenceFileId),
  )
  workspace.database.write((handle) => handle.prepare('pragma max_page_count = 1').get())
  expect(mark()).toMatchObject({ ok: false, error: { code: 'disk_full', action: expect.stringContaining('Free') } })
  expect(viewedBy(people.auditor)).toBeNull()
  expect(log()).toEqual([])
})
