import { expect, test } from 'vitest'
import { historicBatch, insertRow, openHistoricDatabase } from '../electron/database/historic-database.ts'
import { up as createMirror } from './20261120T0900-create-mirror.ts'
import { up } from './20261120T0910-create-work.ts'

function upgrade() {
  const database = openHistoricDatabase()
  createMirror(database.run)
  insertRow(database, 'batch', historicBatch(1))
  up(database.run)
  return database
}

const change = {
  kind: 'score.set',
  batch_id: 'batch-1',
  row_id: 'score-1',
  body: '{}',
  schema_version: 1,
  summary: 'x',
  created_at: 'now',
}

test('rows of the mirror stay as they were', () => {
  expect(upgrade().query('select id, version from batch')).toEqual([{ id: 'batch-1', version: 1 }])
})

test('changes are numbered in their order, also after the last one is gone', () => {
  const database = upgrade()
  for (const mutation_id of ['a', 'b']) insertRow(database, 'outbox', { ...change, mutation_id, state: 'queued' })
  database.query("delete from outbox where mutation_id = 'b'")
  insertRow(database, 'outbox', { ...change, mutation_id: 'c', state: 'queued' })
  expect(database.query('select sequence, mutation_id, attempts from outbox order by sequence')).toEqual([
    { sequence: 1, mutation_id: 'a', attempts: 0 },
    { sequence: 3, mutation_id: 'c', attempts: 0 },
  ])
})

test('a state that does not exist, a body that is no JSON, and an id that was used are refused', () => {
  const database = upgrade()
  insertRow(database, 'outbox', { ...change, mutation_id: 'a', state: 'held' })
  expect(() => insertRow(database, 'outbox', { ...change, mutation_id: 'b', state: 'lost' })).toThrow(/CHECK/)
  expect(() => insertRow(database, 'outbox', { ...change, mutation_id: 'b', state: 'held', body: '{' })).toThrow(
    /CHECK/,
  )
  expect(() => insertRow(database, 'outbox', { ...change, mutation_id: 'a', state: 'held' })).toThrow(/UNIQUE/)
})

test('the audit log takes no change and no removal', () => {
  const database = upgrade()
  insertRow(database, 'audit_event', {
    sequence: 1,
    event_id: 'e',
    at: 'now',
    actor_kind: 'person',
    actor_name: 'Dewi',
    device_id: 'd',
    action: 'score.set',
    entity: 'score',
    entity_id: 's',
    previous_hash: '0',
    hash: '1',
  })
  expect(() => database.query("update audit_event set hash = '2'")).toThrow(/append-only/)
  expect(() => database.query('delete from audit_event')).toThrow(/append-only/)
})

test('there is one signing key at most', () => {
  const database = upgrade()
  const key = { pkcs12: Buffer.from('p'), certificate_der: Buffer.from('c'), imported_at: 'now' }
  insertRow(database, 'signing_key', { id: 1, ...key })
  expect(() => insertRow(database, 'signing_key', { id: 2, ...key })).toThrow(/CHECK/)
})
