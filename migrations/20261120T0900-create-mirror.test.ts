import { expect, test } from 'vitest'
import { historicBatch, insertRow, openHistoricDatabase } from '../electron/database/historic-database.ts'
import { up } from './20261120T0900-create-mirror.ts'

function open() {
  const database = openHistoricDatabase()
  up(database.run)
  return database
}

test('a mirrored row gets a small number of its own and keeps what the cloud said', () => {
  const database = open()
  insertRow(database, 'batch', historicBatch(7))
  expect(database.query('select row, id, quantity, verification_score, quarantined_at from batch')).toEqual([
    { row: 1, id: 'batch-7', quantity: 2550, verification_score: null, quarantined_at: null },
  ])
})

test('a second row with the same id, a value of another type, and JSON that is none are refused', () => {
  const database = open()
  insertRow(database, 'batch', historicBatch(7))
  expect(() => insertRow(database, 'batch', historicBatch(7))).toThrow(/UNIQUE/)
  expect(() => insertRow(database, 'batch', historicBatch(8, { quantity: 25.5 }))).toThrow(/INTEGER/)
  expect(() => insertRow(database, 'batch', historicBatch(8, { risk_reasons: 'high' }))).toThrow(/CHECK/)
})

test('the queue in its usual order is answered by an index alone', () => {
  const plan = open().query(
    "explain query plan select row from batch where status = 'pending' and standard = 'APRS' order by risk_score desc, row",
  )
  expect(JSON.stringify(plan)).toContain('USING COVERING INDEX batch_queue')
  expect(JSON.stringify(plan)).not.toContain('TEMP B-TREE')
})

test('a scope has a bit of its own, and at most 62 are held', () => {
  const database = open()
  const scope = (name: string, bit: number) => ({ scope: name, bit, state: 'live' })
  insertRow(database, 'sync_scope', scope('reference', 0))
  expect(() => insertRow(database, 'sync_scope', scope('pool', 0))).toThrow(/UNIQUE/)
  expect(() => insertRow(database, 'sync_scope', scope('pool', 62))).toThrow(/CHECK/)
})
