import { expect, test } from 'vitest'
import { openHistoricDatabase } from '../electron/database/historic-database.ts'
import { up as createMirror } from './20261120T0900-create-mirror.ts'
import { up as createWork } from './20261120T0910-create-work.ts'
import { up } from './20261129T1000-change-states-out-of-index.ts'

test('open changes of a batch are still found by an index, in which their state is no more', () => {
  const database = openHistoricDatabase()
  createMirror(database.run)
  createWork(database.run)
  up(database.run)
  const plan = database.query(
    "explain query plan select sequence from outbox where batch_id in ('a', 'b') and state in ('queued', 'held')",
  )
  expect(plan).toEqual([expect.objectContaining({ detail: expect.stringContaining('outbox_by_batch (batch_id=?)') })])
  expect(database.query("select name from pragma_index_info('outbox_by_batch')")).toEqual([{ name: 'batch_id' }])
})
