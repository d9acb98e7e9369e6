import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { createCloudClient, type HandshakeAnswer } from '../../electron/cloud/cloud-client.ts'
import { beginUse } from '../../electron/database/connection.ts'
import { createDatabase, type WorkspaceDatabase } from '../../electron/database/database.ts'
import { migrate } from '../../electron/database/migrator.ts'
import { openWorkspaceDatabase } from '../../electron/database/open.ts'
import { systemClock } from '../../electron/platform/clock.ts'
import { newDatabaseKey } from '../../electron/platform/keychain.ts'
import { silentLog } from '../../electron/platform/log.ts'
import { openVault } from '../../electron/platform/vault/vault.ts'
import { collectChangedBatches } from '../../electron/sync/changed-batches.ts'
import { pull } from '../../electron/sync/pull.ts'
import { createRunJournal } from '../../electron/sync/run-journal.ts'
import type { SyncContext } from '../../electron/sync/sync-context.ts'
import { migrations } from '../../migrations/index.ts'
import type { PersonId } from '../../shared/domain/ids.ts'
import type { Person } from '../../shared/domain/person.ts'
import { protocolVersion, schemaVersion } from '../../shared/wire/sync.ts'
import { benchId, type ReceivedPage, type ReceivedPages } from './sync-rows.ts'

/** A database of the program in a folder of its own, which goes with it. */
export interface BenchDatabase {
  readonly folder: string
  readonly database: WorkspaceDatabase
  readonly dispose: () => void
}

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'veridesk-sync-bench-'))

/** The database as the program opens it: encrypted. */
export function openEncrypted(): BenchDatabase {
  const folder = newFolder()
  const opened = openWorkspaceDatabase({
    path: join(folder, 'workspace.db'),
    keyHex: newDatabaseKey(),
    clock: systemClock,
    backupDirectory: join(folder, 'backups'),
    log: silentLog,
  })
  if (!opened.ok) throw new Error(opened.error.message)
  return toBench(folder, opened.value)
}

/** The same tables, indexes, triggers and settings without a key: what encryption costs is the difference. */
export function openUnencrypted(): BenchDatabase {
  const folder = newFolder()
  const open = (mode: 'write' | 'read') => {
    const connection = new SqliteDatabase(join(folder, 'workspace.db'), { readonly: mode === 'read', timeout: 5000 })
    beginUse(connection)
    return connection
  }
  const writer = open('write')
  migrate(writer, migrations, systemClock)
  return toBench(folder, createDatabase({ writer, reader: open('read'), onDamage: () => {}, release: () => {} }))
}

const toBench = (folder: string, database: WorkspaceDatabase): BenchDatabase => ({
  folder,
  database,
  dispose() {
    database.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  },
})

const person: Person = {
  id: benchId('person', 1) as PersonId,
  name: 'Clara Souza',
  email: 'clara@example.org',
  role: 'verifier',
  subRole: null,
  grants: ['compliance'],
  organizationId: null,
  organizationName: null,
}

const handshake: HandshakeAnswer = {
  protocol_version: protocolVersion,
  schema_version: schemaVersion,
  server_epoch: benchId('epoch', 0),
  server_time: '2026-11-20T09:00:00Z',
  person: {
    id: person.id,
    name: person.name,
    email: person.email,
    role: person.role,
    sub_role: null,
    grants: ['compliance'],
    organization_id: null,
    organization_name: null,
  },
  scopes: ['reference', 'register'],
}

/** As the engine asks for them. */
export const pageRows = 2000

const noCursor = '1:1:'

/** Gives a page of a table as it came over the network: the first, or the one after an id; null when the table is not of the scope. */
export type PageSource = (table: string, after: string | null) => Promise<(ReceivedPage & { total: number }) | null>

/** Pages that have arrived already. */
export const fromReceived =
  (received: ReceivedPages): PageSource =>
  async (table, after) => {
    const pages = received[table] ?? []
    const page = pages[after === null ? 0 : pages.findIndex(({ next }) => next === after) + 1]
    return page === undefined ? null : { ...page, total: pages.length * pageRows }
  }

/** The program's own parts that a pull is given, over a cloud that answers with pages of the source and has no changes. */
export function contextOver({ database, folder }: BenchDatabase, source: PageSource): SyncContext {
  const journalOf = (kind: 'sync' | 'files') =>
    createRunJournal({
      database: () => database,
      clock: systemClock,
      log: silentLog,
      kind,
      clockOffsetMilliseconds: () => null,
    })
  return {
    database,
    cloud: {
      ...createCloudClient({ url: 'http://localhost:1', publishableKey: 'none', clock: systemClock }),
      bootstrap: async ({ table, after, scope }) => {
        const page = (scope === 'reference') === (table === 'people') ? await source(table, after) : null
        const { text, next, total } = page ?? { text: '[]', next: null, total: 0 }
        return {
          ok: true,
          value: { snapshot: noCursor, rows: JSON.parse(text), next, total: after === null ? total : null },
        }
      },
      pull: async () => ({ ok: true, value: { upto: noCursor, changes: [], next: null } }),
    },
    vault: openVault({ directory: join(folder, 'vault'), keyHex: newDatabaseKey() }),
    clock: systemClock,
    log: silentLog,
    person,
    changed: collectChangedBatches(),
    journal: journalOf('sync'),
    fileJournal: journalOf('files'),
    pageRows,
    report: () => {},
  }
}

/**
 * The program's own first pull: pages parsed from their text, checked, converted and written, each with its place, until every batch
 * can be found by every index and word.
 */
export async function mirrorFrom(bench: BenchDatabase, source: PageSource): Promise<void> {
  const pulled = await pull(contextOver(bench, source), handshake, new AbortController().signal)
  if (!pulled.ok) throw new Error(pulled.error.message)
}

/** A pull of changes alone, whose only page came as this text. */
export async function pullChanged(bench: BenchDatabase, text: string): Promise<void> {
  const context = contextOver(bench, async () => null)
  const pulled = await pull(
    {
      ...context,
      cloud: {
        ...context.cloud,
        pull: async ({ scope }) => ({
          ok: true,
          value: { upto: noCursor, changes: scope === 'register' ? JSON.parse(text) : [], next: null },
        }),
      },
    },
    handshake,
    new AbortController().signal,
  )
  if (!pulled.ok) throw new Error(pulled.error.message)
}

/** How many batches a word finds. */
export function countFound({ database }: BenchDatabase, word: string): number {
  return database.write(
    (handle) =>
      (
        handle.prepare('select count(*) as found from batch_search where batch_search match ?').get(word) as {
          readonly found: number
        }
      ).found,
  )
}
