import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import canonicalize from 'canonicalize'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { CaseContext } from '../database/case-context.ts'
import { fixture, openTestWorkspace, people, type TestWorkspace } from '../database/testing.ts'
import { resolveOutboxItem } from '../outbox/resolve-outbox-item.ts'
import { settleMutation } from '../outbox/settle-mutation.ts'
import { takeForPush } from '../outbox/take-for-push.ts'
import { sha256Hex } from '../platform/identifiers.ts'
import { setScore } from '../scores/set-score.ts'
import type { ExportedChange } from './changes-export.ts'
import { changesFileName, writeChanges } from './write-changes.ts'

let workspace: TestWorkspace
let context: CaseContext
beforeEach(() => {
  workspace = openTestWorkspace({ batches: 2 })
  context = workspace.as(people.desk)
})
afterEach(() => workspace.dispose())

const score = (batch: number, note: string) => {
  const scored = setScore(context, {
    batchId: fixture.batch(batch),
    criterionCode: 'Q-01',
    points: 4,
    notApplicableReason: null,
    note,
    evidenceFileIds: [],
  })
  if (!scored.ok) throw new Error(scored.error.message)
}

function refuseAll(message: string): readonly string[] {
  return workspace.database.write((handle) =>
    takeForPush(handle, workspace.clock, 100).map(({ mutation_id }) => {
      const fate = { mutation_id, code: 'not_assigned', message, action: null, rows: [] }
      settleMutation(handle, context, { ...fate, status: 'rejected' })
      return mutation_id
    }),
  )
}

const path = (name: string) => join(workspace.folder, name)
const write = (name: string, format: 'json' | 'csv', mutationIds: string[] | null = null) =>
  writeChanges(context, { states: [], mutationIds, format }, path(name))

interface Written {
  readonly changes_sha256: string
  readonly count: number
  readonly changes: readonly ExportedChange[]
}
const readJson = (name: string) => JSON.parse(readFileSync(path(name), 'utf8')) as Written

test('the JSON holds the body to the letter, the base, the fate and the log of each change, and its hashes are right', async () => {
  score(0, 'first')
  const [first] = refuseAll('You are not assigned to this batch.')
  if (first === undefined) throw new Error('Nothing was sent')
  resolveOutboxItem(context, { mutationId: first, choice: 'retry' })
  const answer = await write('changes.json', 'json')
  if (!answer.ok) throw new Error(answer.error.message)
  const bytes = readFileSync(path('changes.json'))
  expect(answer.value).toMatchObject({ rowCount: 2, sha256: sha256Hex(bytes), byteSize: bytes.byteLength })
  const { changes, changes_sha256, count } = readJson('changes.json')
  expect(count).toBe(2)
  expect(changes_sha256).toBe(sha256Hex(canonicalize(changes) ?? ''))
  const [refused, anew] = changes
  expect(refused).toMatchObject({
    mutation_id: first,
    state: 'superseded',
    resolution: 'sent_again',
    answer: { status: 'rejected', code: 'not_assigned' },
    events: [{ action: 'change.rejected' }],
  })
  expect(refused?.body_sha256).toBe(sha256Hex(refused?.body ?? ''))
  expect(JSON.parse(refused?.body ?? '')).toMatchObject({ kind: 'score.set', payload: { note: 'first', points: 4 } })
  expect(anew).toMatchObject({ state: 'queued', replaces: first, events: [{ action: 'change.sent_again' }] })
})

test('the CSV has a line for each change, and nothing in it is a formula', async () => {
  score(0, 'x')
  score(1, 'y')
  refuseAll('=HYPERLINK("http://example.org")')
  await write('changes.csv', 'csv')
  const lines = readFileSync(path('changes.csv'), 'utf8').trimEnd().split('\r\n')
  expect(lines).toHaveLength(3)
  expect(lines[0]).toContain('Body SHA-256')
  expect(lines[1]).toContain(`"'=HYPERLINK(""http://example.org"")"`)
})

test('chosen changes alone are written, and that they were is in the log with the file’s hash', async () => {
  score(0, 'x')
  score(1, 'y')
  const [chosen = ''] = refuseAll('No.')
  const answer = await write('one.json', 'json', [chosen])
  expect(readJson('one.json').changes.map(({ mutation_id }) => mutation_id)).toEqual([chosen])
  const entry = workspace.database.read.first(
    workspace.database.build
      .selectFrom('audit_event')
      .select(['entity_id', 'entity_label'])
      .where('action', '=', 'changes.exported'),
  )
  expect(entry).toEqual({ entity_id: answer.ok ? answer.value.sha256 : '', entity_label: 'one.json' })
})

test('with nothing to write no file is made, and a folder that is not there is told', async () => {
  expect(await write('none.json', 'json')).toMatchObject({ error: { code: 'not_found' } })
  expect(existsSync(path('none.json'))).toBe(false)
  score(0, 'x')
  expect(await write('missing/changes.json', 'json')).toMatchObject({ error: { code: 'not_allowed' } })
  expect(changesFileName('2026-11-20T09:00:00.000Z', 'csv')).toBe('changes-2026-11-20.csv')
})
