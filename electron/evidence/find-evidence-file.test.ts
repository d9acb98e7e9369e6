import { afterEach, beforeEach, expect, test } from 'vitest'
import { fixture, openTestWorkspace, people, type TestWorkspace } from '../database/testing.ts'
import { findEvidenceFile } from './find-evidence-file.ts'

let workspace: TestWorkspace
beforeEach(() => {
  workspace = openTestWorkspace({ batches: 1 })
})
afterEach(() => workspace.dispose())

const find = (id: string) => findEvidenceFile(workspace.as(people.auditor), id)

test('a mirrored file is found with all that is known of it', () => {
  expect(find(fixture.evidence(0, 1))).toMatchObject({
    ok: true,
    value: {
      id: fixture.evidence(0, 1),
      batchId: fixture.batch(0),
      kind: 'weighbridge_ticket',
      title: 'Weighbridge ticket 2',
      mediaType: 'application/pdf',
      byteSize: 1001,
    },
  })
})

test('a file that the recycler withdrew is not found, and neither is one that was never here', () => {
  workspace.database.write((handle) =>
    handle
      .prepare('update evidence_file set deleted_at = ? where id = ?')
      .run('2026-11-19T09:00:00.000Z', fixture.evidence(0, 0)),
  )
  for (const id of [fixture.evidence(0, 0), fixture.evidence(0, 9), "' or 1 = 1 --"])
    expect(find(id)).toMatchObject({
      ok: false,
      error: { code: 'not_found', action: expect.stringContaining('withdrew') },
    })
})
