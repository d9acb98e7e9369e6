import { join } from 'node:path'
import { expect, test } from 'vitest'
import { indexBatches, mergeSome } from '../batches/search-index.ts'
import { restoreNextUpkeep } from '../database/deferred-upkeep.ts'
import type { WriteHandle } from '../database/handles.ts'
import { openWorkspaceDatabase } from '../database/open.ts'
import { fixture, insertFixture, openTestWorkspace } from '../database/testing.ts'
import { silentLog } from '../platform/log.ts'
import { beginBulkLoad, countInserted } from './bulk-load.ts'

const schemaOf = (handle: WriteHandle) =>
  handle.prepare("select type, name, sql from sqlite_master where tbl_name = 'batch' order by name").all()
const mergingOf = (handle: WriteHandle) =>
  handle.prepare("select k, v from batch_search_config where k like '%merge' order by k").all()
const countersOf = (handle: WriteHandle) =>
  handle.prepare('select standard, status, total from batch_counter where total > 0 order by standard, status').all()
const countedNow = (handle: WriteHandle) =>
  handle
    .prepare(
      'select standard, status, count(*) as total from batch group by standard, status order by standard, status',
    )
    .all()
const foundBatches = (handle: WriteHandle) =>
  handle.prepare("select count(*) as found from batch_search where batch_search match 'river'").get()

/** Twelve batches as a page of the mirror writes them. */
function writePage(handle: WriteHandle): void {
  const addToCounters = countInserted(handle)
  insertFixture(handle, { batches: 12 })
  addToCounters()
  const ids = Array.from({ length: 12 }, (_, number) => fixture.batch(number))
  for (const id of ids) indexBatches(handle, [id])
}

test('a large first mirror drops indexes, counts and finds every batch all the same, and ends with the schema it began with', () => {
  const workspace = openTestWorkspace()
  const { database } = workspace
  // The fixture has written people and rubrics: they are written again with the page.
  database.write((handle) => {
    for (const table of ['organization', 'person', 'rubric', 'project']) handle.prepare(`delete from ${table}`).run()
  })
  const before = database.write(schemaOf)
  database.write((handle) => beginBulkLoad(handle, 100_000))
  expect(database.write(schemaOf).length).toBeLessThan(before.length)
  database.write(writePage)
  expect(database.write(countersOf)).toEqual(database.write(countedNow))
  expect(database.write(foundBatches)).toEqual({ found: 12 })
  while (database.write(restoreNextUpkeep));
  expect(database.write(schemaOf)).toEqual(before)
  expect(database.write(countersOf)).toEqual(database.write(countedNow))
  while (database.write(mergeSome));
  expect(database.write(mergingOf)).toEqual([
    { k: 'automerge', v: 4 },
    { k: 'crisismerge', v: 16 },
  ])
  expect(database.write(foundBatches)).toEqual({ found: 12 })
  workspace.dispose()
})

test('few batches, or fewer than are here already, are written with every index in place', () => {
  const workspace = openTestWorkspace({ batches: 3 })
  const before = workspace.database.write(schemaOf)
  workspace.database.write((handle) => beginBulkLoad(handle, 500))
  workspace.database.write((handle) => beginBulkLoad(handle, 2))
  expect(workspace.database.write(schemaOf)).toEqual(before)
  expect(workspace.database.write(mergeSome)).toBe(false)
  workspace.dispose()
})

test('a program that ended in the middle of a large first mirror finds its indexes again when it opens the database', () => {
  const workspace = openTestWorkspace()
  const { database, path, keyHex, clock, folder } = workspace
  const before = database.write(schemaOf)
  database.write((handle) => beginBulkLoad(handle, 100_000))
  database.close()
  const reopened = openWorkspaceDatabase({
    path,
    keyHex,
    clock,
    backupDirectory: join(folder, 'backups'),
    log: silentLog,
  })
  if (!reopened.ok) throw new Error(reopened.error.message)
  expect(reopened.value.write(schemaOf)).toEqual(before)
  // Its pieces are merged by the next pull.
  expect(reopened.value.write(mergingOf)).toContainEqual({ k: 'automerge', v: 0 })
  reopened.value.close()
  workspace.dispose()
})
