import { expect, test } from 'vitest'
import { historicBatch, insertRow, openHistoricDatabase } from '../electron/database/historic-database.ts'
import { up as createMirror } from './20261120T0900-create-mirror.ts'
import { up as createWork } from './20261120T0910-create-work.ts'
import { up } from './20261120T0920-create-search.ts'

function upgrade() {
  const database = openHistoricDatabase()
  createMirror(database.run)
  createWork(database.run)
  for (let number = 1; number <= 5; number++) {
    insertRow(database, 'batch', historicBatch(number, { standard: number === 5 ? 'PCX' : 'APRS' }))
  }
  up(database.run)
  return database
}

const counters = (database: ReturnType<typeof upgrade>) =>
  database.query('select standard, status, total from batch_counter where total <> 0 order by standard, status')

test('batches that were there before are counted and found', () => {
  const database = upgrade()
  expect(counters(database)).toEqual([
    { standard: 'APRS', status: 'pending', total: 4 },
    { standard: 'PCX', status: 'pending', total: 1 },
  ])
  expect(database.query("select rowid from batch_search where batch_search match 'surabaya'")).toHaveLength(5)
})

test('the counters follow what comes, changes and goes', () => {
  const database = upgrade()
  insertRow(database, 'batch', historicBatch(6, { status: 'approved' }))
  database.query("update batch set status = 'approved' where id = 'batch-1'")
  database.query("update batch set standard = 'ARCS', version = 2 where id = 'batch-2'")
  database.query("update batch set version = 3 where id = 'batch-2'")
  database.query("delete from batch where id = 'batch-5'")
  expect(counters(database)).toEqual([
    { standard: 'APRS', status: 'approved', total: 2 },
    { standard: 'APRS', status: 'pending', total: 2 },
    { standard: 'ARCS', status: 'pending', total: 1 },
  ])
})

test('a batch is found by a beginning of a word without its accents, and a replaced row by its new words alone', () => {
  const database = upgrade()
  const put = (location: string) =>
    database.query('insert or replace into batch_search (rowid, location) values (1, ?)', location)
  const find = (query: string) => database.query('select rowid from batch_search where batch_search match ?', query)
  put('São Paulo')
  expect(find('"sao pau"*')).toEqual([{ rowid: 1 }])
  put('Recife')
  expect(find('"sao"*')).toEqual([])
  expect(find('"rec"*')).toEqual([{ rowid: 1 }])
})
