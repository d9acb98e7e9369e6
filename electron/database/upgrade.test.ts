import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Migration, migrations } from '../../migrations/index.ts'
import { outboxStates } from '../../shared/domain/sync-state.ts'
import { takeForPush } from '../outbox/take-for-push.ts'
import { newDatabaseKey } from '../platform/keychain.ts'
import { silentLog } from '../platform/log.ts'
import type { WorkspaceDatabase } from './database.ts'
import { openWorkspaceDatabase } from './open.ts'
import { insertInto, testClock } from './testing.ts'

const keyHex = newDatabaseKey()
const clock = testClock()
let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'veridesk-upgrade-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))

const open = (history: readonly Migration[]) =>
  openWorkspaceDatabase({
    path: path.join(folder, 'workspace.db'),
    keyHex,
    clock,
    backupDirectory: path.join(folder, 'backups'),
    log: silentLog,
    migrations: history,
  })
function openOrThrow(history: readonly Migration[]): WorkspaceDatabase {
  const opened = open(history)
  if (!opened.ok) throw new Error(`${opened.error.code}: ${opened.error.message}`)
  return opened.value
}

/** An older program's outbox with a change in each state; the words in the bodies are those of an older schema. */
function workOffline(history: readonly Migration[]): void {
  const database = openOrThrow(history)
  database.write((handle) => {
    for (const [number, state] of outboxStates.entries())
      insertInto(handle, 'outbox', {
        mutation_id: `mutation-${number}`,
        kind: 'score.set',
        state,
        batch_id: `batch-${number}`,
        row_id: `row-${number}`,
        body: `{"mutation_id":"mutation-${number}",  "schema_version":-1, "an_old_word":"é"}`,
        schema_version: -1,
        summary: 'Made by an older program',
        created_at: clock.now(),
      })
  })
  database.close()
}
const outboxOf = (database: WorkspaceDatabase) =>
  database.read.all(database.build.selectFrom('outbox').selectAll().orderBy('sequence'))

/** A change of the kind that touches every row of the outbox, as an upgrade may. */
const nextRelease: Migration = {
  name: '29991231T0000-next-release',
  up: (run) => {
    run(sql`alter table outbox add column color text`)
    run(sql`update outbox set color = 'green'`)
    run(sql`create table of_the_next_release (a integer) strict`)
  },
}

test('fault 14: from every earlier schema with an outbox, changes keep their order, state and words, and go out as they were made', () => {
  // The outbox came with the second migration.
  for (let release = 2; release <= migrations.length; release += 1) {
    workOffline(migrations.slice(0, release))
    const database = openOrThrow([...migrations, nextRelease])
    const upgraded = outboxOf(database)
    expect(upgraded.map(({ state }) => state)).toEqual(outboxStates)
    const words = upgraded.map(({ mutation_id, body }) => [mutation_id, body])
    expect(words).toEqual(
      outboxStates.map((_, number) => [
        `mutation-${number}`,
        `{"mutation_id":"mutation-${number}",  "schema_version":-1, "an_old_word":"é"}`,
      ]),
    )
    const sent = database.write((handle) => takeForPush(handle, clock, 100))
    expect(sent).toContainEqual({ mutation_id: 'mutation-1', schema_version: -1, an_old_word: 'é' })
    database.close()
    rmSync(folder, { recursive: true })
  }
})

test('fault 14: an upgrade that is killed in the middle is as if it had not begun, and is made at the next start', async () => {
  workOffline(migrations)
  const child = fork(path.join(import.meta.dirname, 'testing', 'endless-upgrade.ts'), [
    JSON.stringify({ folder, keyHex }),
  ])
  const exited = once(child, 'exit')
  // It says so from within the transaction, after it changed every change.
  await once(child, 'message')
  child.kill('SIGKILL')
  await exited
  const old = openOrThrow(migrations)
  expect(outboxOf(old).map(({ state }) => state)).toEqual(outboxStates)
  expect(Object.keys(outboxOf(old)[0] ?? {})).not.toContain('color')
  old.close()
  const upgraded = openOrThrow([...migrations, nextRelease])
  expect(outboxOf(upgraded)).toHaveLength(outboxStates.length)
  expect(outboxOf(upgraded)[0]).toMatchObject({ color: 'green' })
  upgraded.close()
})

test('fault 14: an older program refuses a newer database, touches nothing, and says what to do', () => {
  workOffline(migrations)
  openOrThrow([...migrations, nextRelease]).close()
  const before = readFileSync(path.join(folder, 'workspace.db'))
  const refused = open(migrations)
  expect(refused).toMatchObject({ error: { code: 'database_newer', action: expect.stringContaining('newer version') } })
  expect(readFileSync(path.join(folder, 'workspace.db')).equals(before)).toBe(true)
  const again = openOrThrow([...migrations, nextRelease])
  expect(outboxOf(again).map(({ state }) => state)).toEqual(outboxStates)
  again.close()
  // Who must go back has the copy that was made before the upgrade.
  const [backup = ''] = readdirSync(path.join(folder, 'backups'))
  const copy = openWorkspaceDatabase({
    path: path.join(folder, 'backups', backup),
    keyHex,
    clock,
    backupDirectory: path.join(folder, 'backups-of-the-copy'),
    log: silentLog,
    migrations,
  })
  if (!copy.ok) throw new Error(copy.error.message)
  expect(outboxOf(copy.value)).toHaveLength(outboxStates.length)
  copy.value.close()
})
