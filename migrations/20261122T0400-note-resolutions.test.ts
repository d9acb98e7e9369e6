import { expect, test } from 'vitest'
import { type HistoricDatabase, insertRow, openHistoricDatabase } from '../electron/database/historic-database.ts'
import { up as createMirror } from './20261120T0900-create-mirror.ts'
import { up as createWork } from './20261120T0910-create-work.ts'
import { up } from './20261122T0400-note-resolutions.ts'

const change = (mutation_id: string, state: string) => ({
  mutation_id,
  state,
  kind: 'score.set',
  batch_id: 'batch-1',
  row_id: 'score-1',
  body: '{}',
  schema_version: 1,
  summary: 'x',
  created_at: 'now',
})

const sentAgain = (sequence: number, from: string, to: string, overrides: boolean) => ({
  sequence,
  event_id: `event-${sequence}`,
  at: 'now',
  actor_kind: 'person',
  actor_name: 'Dewi',
  device_id: 'd',
  action: 'change.sent_again',
  entity: 'change',
  entity_id: to,
  before: JSON.stringify({ mutation_id: from, state: 'conflict' }),
  after: JSON.stringify({ state: 'queued', overrides_conflict: overrides }),
  previous_hash: '0',
  hash: '1',
})

function upgrade(fill: (database: HistoricDatabase) => void) {
  const database = openHistoricDatabase()
  createMirror(database.run)
  createWork(database.run)
  fill(database)
  up(database.run)
  return database
}

test('what the log says of earlier resolutions is noted on the changes', () => {
  const database = upgrade((earlier) => {
    for (const id of ['replaced', 'refused', 'given up']) insertRow(earlier, 'outbox', change(id, 'superseded'))
    for (const id of ['override', 'repeat', 'plain']) insertRow(earlier, 'outbox', change(id, 'applied'))
    insertRow(earlier, 'audit_event', sentAgain(1, 'replaced', 'override', true))
    insertRow(earlier, 'audit_event', sentAgain(2, 'refused', 'repeat', false))
  })
  expect(database.query('select mutation_id, replaces, overrides, resolution from outbox order by sequence')).toEqual([
    { mutation_id: 'replaced', replaces: null, overrides: 0, resolution: 'sent_again' },
    { mutation_id: 'refused', replaces: null, overrides: 0, resolution: 'sent_again' },
    { mutation_id: 'given up', replaces: null, overrides: 0, resolution: 'taken_theirs' },
    { mutation_id: 'override', replaces: 'replaced', overrides: 1, resolution: null },
    { mutation_id: 'repeat', replaces: 'refused', overrides: 0, resolution: null },
    { mutation_id: 'plain', replaces: null, overrides: 0, resolution: null },
  ])
})

test('a resolution that does not exist is refused', () => {
  const database = upgrade(() => {})
  expect(() => insertRow(database, 'outbox', { ...change('a', 'superseded'), resolution: 'lost' })).toThrow(/CHECK/)
})
