import type { WorkspaceDatabase } from '../database/database.ts'
import type { ReadHandle, WriteHandle } from '../database/handles.ts'

/** What synchronization keeps about itself, one value each. */
export interface SyncFacts {
  /** Which life of the cloud the mirror is of. */
  readonly 'sync.server_epoch': string
  /** True while the cloud may have lost changes that it had applied, and could not be asked which. */
  readonly 'sync.ledger_unsure': boolean
  /** The public key of this workspace that the cloud has registered for outbox files. */
  readonly 'sync.signing_key': string
  /** How many bytes files may take on this computer; not there until somebody chooses. */
  readonly 'files.budget_bytes': number
  readonly 'sync.last_pulled_at': string
  readonly 'sync.last_pushed_at': string
  readonly 'sync.clock_offset_ms': number
  /** True while the person works offline on purpose. */
  readonly 'sync.switched_off': boolean
  /** True while rows that no scope holds may not be removed yet. */
  readonly 'sync.removals_due': boolean
  /** Batches that left every scope, or parts of which did, and stay because work is pending on them. */
  readonly 'sync.held_back': readonly string[]
  /** Rows of the cloud that could not be read, by table and id. */
  readonly 'sync.parked_rows': readonly ParkedRow[]
}

/** A row of the cloud that could not be read. It is asked for again whenever it changes there. */
export interface ParkedRow {
  readonly table: string
  readonly id: string
  readonly field: string
  readonly reason: string
}

/** A fact, or null while nothing is known. */
export function readFact<Key extends keyof SyncFacts>(
  handle: ReadHandle,
  database: WorkspaceDatabase,
  key: Key,
): SyncFacts[Key] | null {
  const row = handle.first(database.build.selectFrom('workspace_fact').select('value').where('key', '=', key))
  return row === undefined ? null : (JSON.parse(row.value) as SyncFacts[Key])
}

/** Keeps a fact in place of what was known. */
export function writeFact<Key extends keyof SyncFacts>(
  handle: WriteHandle,
  database: WorkspaceDatabase,
  key: Key,
  value: SyncFacts[Key],
): void {
  const text = JSON.stringify(value)
  handle.run(
    database.build
      .insertInto('workspace_fact')
      .values({ key, value: text })
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: text })),
  )
}
