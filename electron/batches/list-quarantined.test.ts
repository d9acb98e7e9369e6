import { afterEach, beforeEach, expect, test } from 'vitest'
import type { CaseContext } from '../database/case-context.ts'
import { fixture, openTestWorkspace, people, type TestWorkspace } from '../database/testing.ts'
import { setScore } from '../scores/set-score.ts'
import { listQuarantined } from './list-quarantined.ts'

let workspace: TestWorkspace
let context: CaseContext
beforeEach(() => {
  workspace = openTestWorkspace({ batches: 3 })
  context = workspace.as(people.desk)
})
afterEach(() => workspace.dispose())

test('names the batches that are kept for the work on them, with how much of it there is', () => {
  expect(listQuarantined(context)).toEqual({ ok: true, value: [] })
  for (const points of [1, 2]) {
    setScore(context, {
      batchId: fixture.batch(1),
      criterionCode: 'Q-01',
      points,
      notApplicableReason: null,
      note: '',
      evidenceFileIds: [],
    })
  }
  workspace.database.write((handle) => {
    const quarantine = handle.prepare('update batch set scopes = 0, quarantined_at = ? where id = ?')
    quarantine.run('2026-11-20T09:00:00.000Z', fixture.batch(1))
    quarantine.run('2026-11-20T10:00:00.000Z', fixture.batch(2))
  })
  expect(listQuarantined(context)).toMatchObject({
    ok: true,
    value: [
      { batchId: fixture.batch(2), changes: 0, since: '2026-11-20T10:00:00.000Z' },
      { batchId: fixture.batch(1), changes: 2, projectName: 'River project 0', batchHash: expect.any(String) },
    ],
  })
})
