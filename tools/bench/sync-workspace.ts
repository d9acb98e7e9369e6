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
import { benchSession, benchTokens } from './bench-session.ts'
import { answerText, benchId, pullText, type ReceivedPages } from './sync-rows.ts'

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

/** Answers with a page of a table as the cloud does: the first, or the one after an id; null when the table is not of the scope. */
export type PageSource = (table: string, after: string | null) => Promise<Response | null>

/** An answer whose bytes have arrived already; they are not copied here. */
export const arrived = (answer: Uint8Array): Response =>
  new Response(
    new ReadableStream({
      start(controller) {
        controller.enqueue(answer)
        controller.close()
      },
    }),
    { headers: { 'content-type': 'application/json' } },
  )

/** Pages that have arrived already. */
export function fromReceived(received: ReceivedPages): PageSource {
  const tables = Object.entries(received).map(([table, pages]) => {
    const answers = pages.map((page, index) =>
      Buffer.from(answerText(page, index === 0 ? pages.length * pageRows : null)),
    )
    return [table, { pages, answers }] as const
  })
  const byTable = new Map(tables)
  return async (table, after) => {
    const { pages, answers } = byTable.get(table) ?? { pages: [], answers: [] }
    const answer = answers[after === null ? 0 : pages.findIndex(({ next }) => next === after) + 1]
    return answer === undefined ? null : arrived(answer)
  }
}

const nothing = Buffer.from(answerText({ text: '[]', next: null }, 0))

/** A network on which a cloud answers with pages of the source, and with these changes of the register. */
function networkOver(source: PageSource, changes: string): typeof globalThis.fetch {
  return async (input, init) => {
    const call = new URL(String(input)).pathname.split('/').at(-1)
    if (call === 'token') return Response.json(benchSession)
    const asked: Readonly<Record<string, string | null>> = JSON.parse(String(init?.body))
    const { p_scope: scope, p_table: table, p_after: after } = asked
    if (call === 'sync_pull') return arrived(Buffer.from(pullText(scope === 'register' ? changes : '[]')))
    const isOfScope = (scope === 'reference') === (table === 'people')
    return (isOfScope ? await source(table ?? '', after ?? null) : null) ?? arrived(nothing)
  }
}

/** The program's own parts that a pull is given, over a network of its own. */
function contextOver({ database, folder }: BenchDatabase, network: typeof globalThis.fetch): SyncContext {
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
    cloud: createCloudClient({
      url: 'http://localhost:1',
      publishableKey: 'bench',
      clock: systemClock,
      tokens: benchTokens(person),
      fetch: network,
    }),
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

async function pullFrom(bench: BenchDatabase, source: PageSource, changes: string): Promise<void> {
  const context = contextOver(bench, networkOver(source, changes))
  const pulled = await pull(context, handshake, new AbortController().signal)
  if (!pulled.ok) throw new Error(pulled.error.message)
}

/**
 * The program's own first pull: pages read from their bytes, checked, converted and written, each with its place, until every batch
 * can be found by every index and word.
 */
export const mirrorFrom = (bench: BenchDatabase, source: PageSource): Promise<void> => pullFrom(bench, source, '[]')

/** A pull of changes alone, whose only page came as this text. */
export const pullChanged = (bench: BenchDatabase, changes: string): Promise<void> =>
  pullFrom(bench, async () => null, changes)

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
