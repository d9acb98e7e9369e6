import { expect, test } from 'vitest'
import { insertRow, openHistoricDatabase } from '../electron/database/historic-database.ts'
import { up as createMirror } from './20261120T0900-create-mirror.ts'
import { up as createWork } from './20261120T0910-create-work.ts'
import { up as createSearch } from './20261120T0920-create-search.ts'
import { up as createGrants } from './20261121T0100-create-grants.ts'
import { up } from './20261122T1100-mark-handed-over.ts'

test('changes that wait stay as they are and were never handed over', () => {
  const database = openHistoricDatabase()
  createMirror(database.run)
  createWork(database.run)
  createSearch(database.run)
  createGrants(database.run)
  const change = { mutation_id: 'm', kind: 'score.set', state: 'queued', batch_id: 'b', row_id: 'r', body: '{"a":1}' }
  insertRow(database, 'outbox', { ...change, schema_version: 1, summary: 'Score', created_at: '2026-11-20' })
  up(database.run)
  expect(database.query('select mutation_id, state, body, handed_over_at from outbox')).toEqual([
    { mutation_id: 'm', state: 'queued', body: '{"a":1}', handed_over_at: null },
  ])
})
