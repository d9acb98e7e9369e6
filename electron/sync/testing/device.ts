import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { CloudProfile } from '../../../shared/contract/views.ts'
import type { DeviceId, PersonId } from '../../../shared/domain/ids.ts'
import type { Person } from '../../../shared/domain/person.ts'
import type { SyncProgress } from '../../../shared/domain/sync-state.ts'
import type { AppError, Result } from '../../../shared/result.ts'
import { mirroredTableNames } from '../../../shared/wire/rows.ts'
import { type CloudClient, createCloudClient } from '../../cloud/cloud-client.ts'
import { memoryTokenStore, type TokenStore } from '../../cloud/tokens.ts'
import type { WorkspaceDatabase } from '../../database/database.ts'
import { openWorkspaceDatabase } from '../../database/open.ts'
import { deviceKeyOf } from '../../handover/device-key.ts'
import { type ChangeDraft, enqueueMutation } from '../../outbox/enqueue-mutation.ts'
import { type Clock, systemClock } from '../../platform/clock.ts'
import { newId } from '../../platform/identifiers.ts'
import { newDatabaseKey } from '../../platform/keychain.ts'
import { silentLog } from '../../platform/log.ts'
import { openVault, type Vault } from '../../platform/vault/vault.ts'
import { collectChangedBatches } from '../changed-batches.ts'
import { mirrorTables } from '../rows/mirror-tables.ts'
import { createRunJournal } from '../run-journal.ts'
import { runOnce } from '../run-once.ts'
import type { SyncContext } from '../sync-context.ts'
import { password } from './cloud-fixture.ts'

/** A workstation with a real encrypted database and vault, and a person signed in to a real cloud. */
export interface TestDevice {
  readonly folder: string
  readonly keyHex: string
  readonly deviceId: DeviceId
  readonly person: Person
  readonly cloud: CloudClient
  readonly tokens: TokenStore
  readonly vault: Vault
  readonly clock: Clock
  /** The open database; another one after `restart`. */
  readonly database: () => WorkspaceDatabase
  readonly context: (changes?: Partial<SyncContext>) => SyncContext
  readonly progress: SyncProgress[]
  /** One synchronization. Parts of the context may be exchanged, such as the cloud for one that breaks off. */
  readonly sync: (changes?: Partial<SyncContext>, signal?: AbortSignal) => Promise<Result<AppError | null>>
  /** Records a local change as a use case would. */
  readonly change: (draft: ChangeDraft) => string
  /** Closes the database as a killed program would leave it, and opens it again. */
  readonly restart: () => void
  readonly close: () => void
  readonly dispose: () => void
}

/** What a device of a test may differ in. */
export interface TestDeviceOptions {
  readonly fetch?: typeof globalThis.fetch
  readonly clock?: Clock
  /** Of a workspace that is there already. */
  readonly folder?: string
  readonly keyHex?: string
}

/** Signs somebody in on a new workstation. */
export async function openTestDevice(
  profile: CloudProfile,
  who: Pick<Person, 'role' | 'subRole'> & { readonly id: string; readonly email: string },
  options: TestDeviceOptions = {},
): Promise<TestDevice> {
  const folder = options.folder ?? mkdtempSync(path.join(tmpdir(), 'veridesk-device-'))
  const clock = options.clock ?? systemClock
  const keyHex = options.keyHex ?? newDatabaseKey()
  const deviceId = newId<DeviceId>()
  const open = (): WorkspaceDatabase => {
    const opened = openWorkspaceDatabase({
      path: path.join(folder, 'workspace.db'),
      keyHex,
      clock,
      backupDirectory: path.join(folder, 'backups'),
      log: silentLog,
    })
    if (!opened.ok) throw new Error(opened.error.message)
    return opened.value
  }
  let database = open()
  const closeNow = () => database.close()
  const tokens = memoryTokenStore()
  const cloud = createCloudClient({
    ...profile,
    clock,
    tokens,
    personId: who.id,
    timeoutMilliseconds: 20_000,
    stallMilliseconds: 10_000,
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
  })
  const signedIn = await cloud.signIn(who.email, password)
  if (!signedIn.ok) throw new Error(signedIn.error.message)
  const person: Person = {
    id: who.id as string as PersonId,
    name: who.email,
    email: who.email,
    role: who.role,
    subRole: who.subRole,
    grants: [],
    organizationId: null,
    organizationName: null,
  }
  const vault = openVault({ directory: path.join(folder, 'vault'), keyHex })
  const progress: SyncProgress[] = []
  const journalOf = (kind: 'sync' | 'files') =>
    createRunJournal({
      database: () => database,
      clock,
      log: silentLog,
      kind,
      clockOffsetMilliseconds: cloud.clockOffsetMilliseconds,
    })
  const journal = journalOf('sync')
  const fileJournal = journalOf('files')
  const context = (changes: Partial<SyncContext> = {}): SyncContext => ({
    database,
    cloud,
    vault,
    clock,
    log: silentLog,
    person,
    changed: collectChangedBatches(),
    journal,
    fileJournal,
    pageRows: 7,
    report: (step) => progress.push(step),
    ...changes,
  })
  return {
    folder,
    keyHex,
    deviceId,
    person,
    cloud,
    tokens,
    vault,
    clock,
    database: () => database,
    context,
    progress,
    sync: (changes, signal = new AbortController().signal) =>
      runOnce(context(changes), {
        device: {
          deviceId,
          deviceName: 'test',
          programVersion: '0.0.0',
          signingKey: deviceKeyOf(database).publicKey,
        },
        settleContext: () => ({ clock, person, deviceId }),
        onHandshake: () => {},
        signal,
      }),
    change: (draft) =>
      database.write((handle) => enqueueMutation(handle, { clock, deviceId, clockOffsetMilliseconds: null }, draft)),
    restart() {
      closeNow()
      database = open()
    },
    close: closeNow,
    dispose() {
      closeNow()
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Ids and versions of every mirrored row, by table: the mirror as the cloud's own query has it, or not. */
export function mirrorOf(database: WorkspaceDatabase): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    mirroredTableNames.map((table) => [
      table,
      database.read
        .all(database.build.selectFrom(mirrorTables[table].local).select(['id', 'version']).orderBy('id'))
        .map(({ id, version }) => `${id} ${version}`),
    ]),
  )
}

/** Ids and versions of every row that the cloud lets this person mirror: the oracle, straight from the live tables under its policies. */
export async function truthOf(
  owner: { query(sql: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }> },
  personId: string,
): Promise<Readonly<Record<string, readonly string[]>>> {
  await owner.query('begin')
  try {
    await owner.query(
      "select set_config('request.jwt.claims', $1, true), set_config('request.jwt.claim.sub', $2, true)",
      [JSON.stringify({ sub: personId, role: 'authenticated' }), personId],
    )
    const { rows } = await owner.query(
      `select s.tbl, s.row_id || ' ' || max(s.version) as line
       from private.scope_rows s where s.scope = any (private.held_scopes())
       group by s.tbl, s.row_id order by s.tbl, s.row_id`,
    )
    return Object.fromEntries(
      mirroredTableNames.map((table) => [
        table,
        rows.filter(({ tbl }) => tbl === table).map(({ line }) => String(line)),
      ]),
    )
  } finally {
    await owner.query('rollback')
  }
}
