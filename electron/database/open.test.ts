import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Migration, migrations } from '../../migrations/index.ts'
import { newDatabaseKey } from '../platform/keychain.ts'
import { silentLog } from '../platform/log.ts'
import type { WorkspaceDatabase } from './database.ts'
import { type OpenOptions, openWorkspaceDatabase } from './open.ts'
import { insertFixture, insertInto, testClock } from './testing.ts'

let folder = ''
let opened: WorkspaceDatabase[] = []
const keyHex = newDatabaseKey()
const clock = testClock()

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veridesk-open-'))
})
afterEach(() => {
  for (const database of opened) database.close()
  opened = []
  rmSync(folder, { recursive: true, force: true })
})

const path = () => join(folder, 'workspace.db')

function open(more: Partial<OpenOptions> = {}) {
  const result = openWorkspaceDatabase({
    path: path(),
    keyHex,
    clock,
    backupDirectory: join(folder, 'backups'),
    log: silentLog,
    ...more,
  })
  if (result.ok) opened.push(result.value)
  return result
}

function openOrThrow(more: Partial<OpenOptions> = {}): WorkspaceDatabase {
  const result = open(more)
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`)
  return result.value
}

const codeOf = (result: ReturnType<typeof open>) => (result.ok ? 'ok' : result.error.code)

const addDraft = (database: WorkspaceDatabase, key: string, body = 'words') =>
  database.write((handle) => insertInto(handle, 'draft', { key, body, saved_at: clock.now() }))

const countOf = (database: WorkspaceDatabase, table: 'draft' | 'outbox' | 'batch' | 'audit_event') =>
  database.read.first(database.build.selectFrom(table).select(({ fn }) => fn.countAll<number>().as('count')))?.count

function addUnsent(database: WorkspaceDatabase, count: number) {
  database.write((handle) => {
    for (let number = 0; number < count; number++) {
      insertInto(handle, 'outbox', {
        mutation_id: `mutation-${number}`,
        kind: 'decision.record',
        state: number % 2 === 0 ? 'queued' : 'sending',
        batch_id: 'batch',
        row_id: 'row',
        body: JSON.stringify({ number, filler: 'x'.repeat(2000) }),
        schema_version: 1,
        summary: 'Approved',
        created_at: clock.now(),
      })
    }
  })
}

test('what was written is there after closing and opening again', () => {
  const first = openOrThrow()
  addDraft(first, 'a')
  first.close()
  expect(countOf(openOrThrow(), 'draft')).toBe(1)
})

test('a copied file opens for nobody without the key, and shows nothing of what is in it', () => {
  const database = openOrThrow()
  addDraft(database, 'plan', 'the-secret-words-of-the-auditor')
  const whileOpen = Buffer.concat([readFileSync(path()), readFileSync(`${path()}-wal`)])
  database.close()
  for (const bytes of [whileOpen, readFileSync(path())]) {
    expect(bytes.length).toBeGreaterThan(8192)
    for (const text of [
      'SQLite format 3',
      'the-secret-words-of-the-auditor',
      'create table',
      'CREATE TABLE',
      'draft',
    ]) {
      expect(bytes.includes(text)).toBe(false)
    }
  }
  const elsewhere = join(folder, 'elsewhere')
  const stolen = join(elsewhere, 'workspace.db')
  expect(codeOf(open({ path: stolen, keyHex: newDatabaseKey() }))).toBe('ok')
  opened.pop()?.close()
  for (const name of readdirSync(folder).filter((name) => name.startsWith('workspace.db'))) {
    copyFileSync(join(folder, name), join(elsewhere, name))
  }
  const before = readFileSync(stolen)
  for (const key of [newDatabaseKey(), '0'.repeat(64)]) {
    expect(codeOf(open({ path: stolen, keyHex: key }))).toBe('key_lost')
  }
  expect(readFileSync(stolen).equals(before)).toBe(true)
  expect(existsSync(join(elsewhere, 'saved-aside'))).toBe(false)
  expect(codeOf(open({ path: stolen }))).toBe('ok')
})

test('fault 21: a second program is told that the data is in use, and gets it once the first has closed', () => {
  const first = openOrThrow()
  expect(codeOf(open())).toBe('database_locked')
  first.close()
  expect(codeOf(open())).toBe('ok')
})

test('the reading handle cannot write', () => {
  const database = openOrThrow()
  expect(() => database.read.all(database.build.deleteFrom('draft').returning('key'))).toThrow()
})

test('queries do not run through the builder', async () => {
  const database = openOrThrow()
  await expect(database.build.selectFrom('draft').selectAll().execute()).rejects.toThrow(/handle/)
})

const addColumn: Migration = {
  name: '29991231T0000-add-column',
  up: (run) => void run(sql`alter table draft add column color text`),
}

test('fault 14: a newer database is refused and left as it is', () => {
  openOrThrow({ migrations: [...migrations, addColumn] }).close()
  const before = readFileSync(path())
  const result = open()
  expect(codeOf(result)).toBe('database_newer')
  expect(result.ok ? '' : result.error.action).toContain('newer version')
  expect(readFileSync(path()).equals(before)).toBe(true)
})

test('before an upgrade an encrypted copy is made, and the last three stay', () => {
  addDraft(openOrThrow(), 'kept')
  opened.pop()?.close()
  expect(existsSync(join(folder, 'backups'))).toBe(false)
  const steps = Array.from({ length: 5 }, (_, number) => ({
    name: `29991231T000${number}-step`,
    up: (run: Parameters<Migration['up']>[0]) => void run(sql.raw(`create table step_${number} (a integer) strict`)),
  }))
  for (let count = 1; count <= steps.length; count++) {
    clock.advance(1000)
    openOrThrow({ migrations: [...migrations, ...steps.slice(0, count)] }).close()
  }
  const backups = readdirSync(join(folder, 'backups')).sort()
  expect(backups).toHaveLength(3)
  const copy = join(folder, 'backups', backups[0] ?? '')
  expect(readFileSync(copy).includes('SQLite format 3')).toBe(false)
  const restored = openOrThrow({ path: copy, migrations: [...migrations, ...steps.slice(0, 2)] })
  expect(countOf(restored, 'draft')).toBe(1)
})

test('fault 14: a migration that fails leaves nothing of itself, and the ones before it stay', () => {
  const failing: Migration = {
    name: '29991231T0001-failing',
    up: (run) => {
      run(sql`create table half_done (a integer) strict`)
      run(sql`insert into draft (key, body, saved_at) values ('half', 'done', 'now')`)
      run(sql`insert into no_such_table values (1)`)
    },
  }
  expect(() => open({ migrations: [...migrations, addColumn, failing] })).toThrow(/no_such_table/)
  const database = openOrThrow({ migrations: [...migrations, addColumn] })
  expect(countOf(database, 'draft')).toBe(0)
  const left = database.read.all<{ name: string }>(
    sql<{ name: string }>`select name from sqlite_master where name = 'half_done'`.compile(database.build),
  )
  expect(left).toEqual([])
})

/** Overwrites bytes in the middle of the file, as a bad disk does. */
function damage(from: number, length: number) {
  const bytes = readFileSync(path())
  bytes.fill(0x5a, from, from + length)
  writeFileSync(path(), bytes)
}

function fillAndClose(unsent: number) {
  const database = openOrThrow()
  database.write((handle) => insertFixture(handle, { batches: 200 }))
  addDraft(database, 'kept')
  addUnsent(database, unsent)
  database.close()
}

function expectSavedAside(result: ReturnType<typeof open>) {
  if (result.ok) throw new Error('the damage was not noticed')
  expect(result.error.code).toBe('database_corrupt')
  const kept = String(result.error.detail?.folder)
  expect(result.error.message).toContain(kept)
  expect(statSync(join(kept, 'workspace.db')).size).toBeGreaterThan(0)
  expect(existsSync(path())).toBe(false)
  for (const name of readdirSync(kept)) expect(readFileSync(join(kept, name)).includes('mutation-1')).toBe(false)
  return result.error
}

test('fault 18: damage in the mirror: every local change is saved aside and back in the new database', () => {
  fillAndClose(20)
  damage(8192 * 12, 8192 * 3)
  const error = expectSavedAside(open())
  expect(error.detail?.unsentChanges).toBe(20)
  expect(error.message).toContain('20 changes')
  const again = openOrThrow()
  expect(countOf(again, 'batch')).toBe(0)
  expect(countOf(again, 'outbox')).toBe(20)
  expect(countOf(again, 'draft')).toBe(1)
  const states = again.read.all(again.build.selectFrom('outbox').select('state').distinct())
  expect(states).toEqual([{ state: 'queued' }])
  again.close()
  expect(countOf(openOrThrow(), 'outbox')).toBe(20)
})

test('fault 18: saved work is put back though the start that made the new database was cut off before it', () => {
  fillAndClose(20)
  damage(8192 * 12, 8192 * 3)
  expectSavedAside(open())
  renameSync(join(folder, 'saved-aside'), join(folder, 'out-of-sight'))
  openOrThrow().close()
  renameSync(join(folder, 'out-of-sight'), join(folder, 'saved-aside'))
  const again = openOrThrow()
  expect(countOf(again, 'outbox')).toBe(20)
  expect(countOf(again, 'draft')).toBe(1)
  again.close()
  expect(countOf(openOrThrow(), 'outbox')).toBe(20)
})

test('fault 18: an overwritten beginning: the kept first page makes the rest readable', () => {
  fillAndClose(20)
  damage(0, 8192)
  expect(expectSavedAside(open()).detail?.unsentChanges).toBe(20)
  expect(countOf(openOrThrow(), 'outbox')).toBe(20)
})

test('fault 18: damage inside the outbox: the changes around it are saved', () => {
  fillAndClose(2000)
  const size = statSync(path()).size
  damage(size - 8192 * 40, 8192)
  const error = expectSavedAside(open())
  expect(error.detail?.unsentChanges).toBeGreaterThan(1950)
  expect(error.detail?.unsentChanges).toBeLessThan(2000)
  expect(countOf(openOrThrow(), 'outbox')).toBe(error.detail?.unsentChanges)
})

test('fault 18: a truncated file is noticed, and what is left of it is saved', () => {
  fillAndClose(2000)
  truncateSync(path(), Math.floor(statSync(path()).size * 0.6))
  const error = expectSavedAside(open())
  expect(Number(error.detail?.unsentChanges)).toBeGreaterThan(0)
  openOrThrow()
})

test('fault 18: a file of which nothing is readable is kept, and says so', () => {
  fillAndClose(5)
  writeFileSync(path(), Buffer.alloc(100_000, 1))
  rmSync(`${path()}.first-page`)
  const error = expectSavedAside(open())
  expect(error.detail?.unsentChanges).toBe(null)
  expect(error.message).toContain('could not be read')
  expect(countOf(openOrThrow(), 'outbox')).toBe(0)
})
