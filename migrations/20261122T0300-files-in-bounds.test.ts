import { expect, test } from 'vitest'
import { insertRow, openHistoricDatabase } from '../electron/database/historic-database.ts'
import { up as createMirror } from './20261120T0900-create-mirror.ts'
import { up as createWork } from './20261120T0910-create-work.ts'
import { up as createSearch } from './20261120T0920-create-search.ts'
import { up as createGrants } from './20261121T0100-create-grants.ts'
import { up } from './20261122T0300-files-in-bounds.ts'

function upgrade() {
  const database = openHistoricDatabase()
  createMirror(database.run)
  createWork(database.run)
  createSearch(database.run)
  createGrants(database.run)
  const upload = { mutation_id: 'm', bucket: 'certificates', object_path: 'a.pdf', media_type: 'application/pdf' }
  insertRow(database, 'upload', { ...upload, sha256: 'a', byte_size: 10, state: 'sending', attempts: 2 })
  insertRow(database, 'stored_file', { sha256: 'a', byte_size: 10, state: 'present', received_bytes: 10 })
  up(database.run)
  return database
}

test('an upload that was under way is kept, and begins at its beginning', () => {
  const database = upgrade()
  expect(database.query('select sha256, state, attempts, resume_path, sent_bytes from upload')).toEqual([
    { sha256: 'a', state: 'sending', attempts: 2, resume_path: null, sent_bytes: 0 },
  ])
  expect(database.query('select state from stored_file')).toEqual([{ state: 'present' }])
})

test('a batch is pinned once', () => {
  const database = upgrade()
  insertRow(database, 'pinned_batch', { batch_id: 'b', pinned_at: '2026-11-22T03:00:00.000Z' })
  expect(() => insertRow(database, 'pinned_batch', { batch_id: 'b', pinned_at: 'later' })).toThrow(/UNIQUE/)
})

test('the used space is read off an index', () => {
  const plan = upgrade().query(
    "explain query plan select sum(byte_size) from stored_file where state = 'present'",
  ) as readonly { readonly detail: string }[]
  expect(plan.map(({ detail }) => detail).join()).toContain('COVERING INDEX stored_file_by_use')
})
