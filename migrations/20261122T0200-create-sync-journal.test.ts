import { expect, test } from 'vitest'
import { insertRow, openHistoricDatabase } from '../electron/database/historic-database.ts'
import { up as createMirror } from './20261120T0900-create-mirror.ts'
import { up as createWork } from './20261120T0910-create-work.ts'
import { up as createSearch } from './20261120T0920-create-search.ts'
import { up as createGrants } from './20261121T0100-create-grants.ts'
import { up } from './20261122T0200-create-sync-journal.ts'

function upgrade() {
  const database = openHistoricDatabase()
  for (const step of [createMirror, createWork, createSearch, createGrants]) step(database.run)
  insertRow(database, 'sync_scope', { scope: 'reference', bit: 0, state: 'live', cursor: '1:2:' })
  insertRow(database, 'workspace_fact', { key: 'sync.last_pulled_at', value: '"2026-11-20T09:00:00.000Z"' })
  up(database.run)
  return database
}

const run = { kind: 'sync', started_at: '2026-11-22T09:00:00.000Z', outcome: 'done', attempt: 1 }

test('the journal begins empty and how far the copy was pulled stays', () => {
  const database = upgrade()
  expect(database.query('select scope, state, cursor from sync_scope')).toEqual([
    { scope: 'reference', state: 'live', cursor: '1:2:' },
  ])
  expect(database.query("select value from workspace_fact where key = 'sync.last_pulled_at'")).toHaveLength(1)
  expect(database.query('select count(*) as runs from sync_run')).toEqual([{ runs: 0 }])
})

test('a number of a run is never given twice, and an outcome is one of those that are known', () => {
  const database = upgrade()
  insertRow(database, 'sync_run', run)
  database.query('delete from sync_run returning run')
  insertRow(database, 'sync_run', run)
  expect(database.query('select run, quiet_runs, bytes_in from sync_run')).toEqual([
    { run: 2, quiet_runs: 0, bytes_in: 0 },
  ])
  expect(() => insertRow(database, 'sync_run', { ...run, outcome: 'fine' })).toThrow(/CHECK/)
})
