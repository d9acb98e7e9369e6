import { statSync } from 'node:fs'
import { sql } from 'kysely'
import { afterEach, expect, test } from 'vitest'
import { fail, ok } from '../../shared/result.ts'
import { reading, transact, type WorkspaceDatabase } from './database.ts'
import { listOf } from './lists.ts'
import { insertInto, openTestWorkspace, type TestWorkspace } from './testing.ts'

let workspace: TestWorkspace | null = null
afterEach(() => {
  workspace?.dispose()
  workspace = null
})

function open(): WorkspaceDatabase {
  workspace = openTestWorkspace({ batches: 3 })
  return workspace.database
}

const draft = (key: string) => ({ key, body: 'words', saved_at: '2026-11-20T09:00:00.000Z' })
const drafts = (database: WorkspaceDatabase) =>
  database.read.all(database.build.selectFrom('draft').select('key').orderBy('key')).map(({ key }) => key)

test('a transaction that throws leaves nothing behind', () => {
  const database = open()
  expect(() =>
    database.write((handle) => {
      insertInto(handle, 'draft', draft('a'))
      throw new Error('stop')
    }),
  ).toThrow('stop')
  expect(drafts(database)).toEqual([])
})

test('a use case that answers with a failure is rolled back; one that succeeds is seen at once', () => {
  const database = open()
  const refused = transact(database, (handle) => {
    insertInto(handle, 'draft', draft('a'))
    return fail('blocked', 'No.')
  })
  expect(refused).toEqual({ ok: false, error: { code: 'blocked', message: 'No.' } })
  expect(drafts(database)).toEqual([])
  expect(transact(database, (handle) => ok(insertInto(handle, 'draft', draft('b')))).ok).toBe(true)
  expect(drafts(database)).toEqual(['b'])
})

test('a transaction inside a transaction, and one that waits for something, are defects', () => {
  const database = open()
  expect(() => database.write(() => database.write(() => 1))).toThrow(/already open/)
  expect(() => database.write(async (handle) => insertInto(handle, 'draft', draft('a')))).toThrow(/synchronous/)
  expect(drafts(database)).toEqual([])
})

test('fault 17: a full disk is a plain answer; nothing of the change stays and everything before it does', () => {
  const database = open()
  database.write((handle) => insertInto(handle, 'draft', draft('before')))
  const setLimit = (pages: number) =>
    database.write((handle) => handle.prepare(`pragma max_page_count = ${pages}`).get())
  setLimit(1)
  const result = transact(database, (handle) => {
    for (let number = 0; number < 500; number++) {
      insertInto(handle, 'draft', { ...draft(`many-${number}`), body: 'x'.repeat(4000) })
    }
    return ok(null)
  })
  expect(result.ok ? 'ok' : result.error.code).toBe('disk_full')
  expect(result.ok ? '' : result.error.action).toContain('Free some space')
  expect(drafts(database)).toEqual(['before'])
  setLimit(1_000_000)
  database.write((handle) => insertInto(handle, 'draft', draft('after')))
  expect(drafts(database)).toEqual(['after', 'before'])
})

test('a broken rule of the schema is a defect and not a failure of the disk', () => {
  const database = open()
  const twice = () =>
    transact(database, (handle) => {
      insertInto(handle, 'draft', draft('a'))
      return ok(insertInto(handle, 'draft', draft('a')))
    })
  expect(twice).toThrow(/UNIQUE/)
  expect(() => reading(() => database.read.all(sql`select * from nowhere`.compile(database.build)))).toThrow(/nowhere/)
})

test('a list of any length goes in as one parameter', () => {
  const database = open()
  const keys = Array.from({ length: 40_000 }, (_, number) => `key-${number}`)
  database.write((handle) => insertInto(handle, 'draft', draft('key-39999')))
  const query = database.build.selectFrom('draft').select('key').where('key', 'in', listOf(keys))
  expect(query.compile().parameters).toHaveLength(1)
  expect(database.read.all(query)).toEqual([{ key: 'key-39999' }])
})

test('a bulk load of 80 MB stays in the log until it is over, and other writes do not', () => {
  const database = open()
  const size = (): number => statSync(workspace?.path ?? '').size
  const before = size()
  const body = 'w'.repeat(8_000_000)
  const write = (from: number) => {
    for (let number = from; number < from + 10; number += 1)
      database.write((handle) => insertInto(handle, 'draft', { ...draft(String(number)), body }), 'normal')
  }
  database.makeRoomForLoad()
  write(0)
  expect(size()).toBe(before)
  expect(drafts(database)).toHaveLength(10)
  database.endLoad()
  const after = size()
  expect(after).toBeGreaterThan(before + 80_000_000)
  write(10)
  expect(size()).toBeGreaterThan(after + 50_000_000)
})
