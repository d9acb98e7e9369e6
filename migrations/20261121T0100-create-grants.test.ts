import { expect, test } from 'vitest'
import { historicBatch, insertRow, openHistoricDatabase } from '../electron/database/historic-database.ts'
import { up as createMirror } from './20261120T0900-create-mirror.ts'
import { up as createWork } from './20261120T0910-create-work.ts'
import { up as createSearch } from './20261120T0920-create-search.ts'
import { up } from './20261121T0100-create-grants.ts'

function upgrade() {
  const database = openHistoricDatabase()
  createMirror(database.run)
  createWork(database.run)
  createSearch(database.run)
  insertRow(database, 'batch', historicBatch(1))
  insertRow(database, 'sync_scope', { scope: 'reference', bit: 0, state: 'live', cursor: '1:2:' })
  insertRow(database, 'sync_scope', { scope: 'pool#3', bit: 3, state: 'leaving' })
  up(database.run)
  return database
}

test('what was mirrored stays, and every scope is fetched again under another bit', () => {
  const database = upgrade()
  expect(database.query('select id, scopes from batch')).toEqual([{ id: 'batch-1', scopes: 1 }])
  expect(database.query('select scope, bit, state from sync_scope order by bit')).toEqual([
    { scope: 'reference#0', bit: 0, state: 'leaving' },
    { scope: 'pool#3', bit: 3, state: 'leaving' },
  ])
})

test('a grant is kept once by its id, and a rule says yes or no', () => {
  const database = upgrade()
  const mirrored = { version: 1, scopes: 1 }
  const grant = { id: 'g', user_id: 'u', kind: 'accreditation', body: '{}', key_id: 'k', signature: 's', ...mirrored }
  insertRow(database, 'access_grant', grant)
  expect(() => insertRow(database, 'access_grant', grant)).toThrow(/UNIQUE/)
  const rule = { id: 'r', standard: 'APRS', action: 'verify', gate: 'accreditation', unconfirmed: 0, ...mirrored }
  expect(() => insertRow(database, 'gate_rule', { ...rule, required: 2 })).toThrow(/CHECK/)
  insertRow(database, 'gate_rule', { ...rule, required: 1 })
  expect(database.query('select required from gate_rule')).toEqual([{ required: 1 }])
})
