import { expect, test } from 'vitest'
import { historicBatch, insertRow, openHistoricDatabase } from '../electron/database/historic-database.ts'
import { up as createMirror } from './20261120T0900-create-mirror.ts'
import { up as createWork } from './20261120T0910-create-work.ts'
import { up as createSearch } from './20261120T0920-create-search.ts'
import { up } from './20261129T0900-search-without-prefixes.ts'

function upgrade() {
  const database = openHistoricDatabase()
  createMirror(database.run)
  createWork(database.run)
  createSearch(database.run)
  insertRow(database, 'person', { id: 'recycler', name: 'Rina', role: 'recycler', version: 1, scopes: 1 })
  for (let number = 1; number <= 5; number++)
    insertRow(database, 'batch', historicBatch(number, { location: number === 3 ? 'Đà Nẵng' : 'Surabaya' }))
  // A first mirror that was cut off before its pieces were merged.
  database.query("insert into batch_search (batch_search, rank) values ('automerge', 0)")
  up(database.run)
  return database
}

test('batches that were there before are found by whole words and by their beginnings, without accents and strokes', () => {
  const database = upgrade()
  const find = (query: string) =>
    database.query('select rowid from batch_search where batch_search match ? order by rowid', query)
  expect(find('"surabaya"')).toEqual([1, 2, 4, 5].map((rowid) => ({ rowid })))
  expect(find('"da nan"*')).toEqual([{ rowid: 3 }])
  expect(find('"su"* NOT "batch 4"')).toEqual([1, 2, 5].map((rowid) => ({ rowid })))
  expect(find('"rin"*')).toHaveLength(5)
  database.query("insert or replace into batch_search (rowid, location) values (1, 'Recife')")
  expect(find('"su"*')).toHaveLength(3)
  expect(find('"rec"*')).toEqual([{ rowid: 1 }])
})

test('the beginnings of words are written no more, and pieces are merged as they come', () => {
  const database = upgrade()
  const [{ sql }] = database.query("select sql from sqlite_master where name = 'batch_search'") as [{ sql: string }]
  expect(sql).not.toContain('prefix')
  expect(database.query("select v from batch_search_config where k = 'automerge'")).toEqual([])
})
