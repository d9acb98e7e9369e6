import type { MutationId, Sha256 } from '../../shared/domain/ids.ts'
import type { MutationKind, OutboxState } from '../../shared/domain/sync-state.ts'
import { type MutationDto, type MutationPayload, schemaVersion } from '../../shared/wire/sync.ts'
import type { CaseContext } from '../database/case-context.ts'
import type { WriteHandle } from '../database/handles.ts'
import { laterThan } from '../platform/clock.ts'
import { newIdAt } from '../platform/identifiers.ts'
import { refreshOverlay } from './batch-overlay.ts'
import { readCloudSide } from './cloud-side.ts'
import type { PendingChange } from './pending-rows.ts'

/** What of a use case's context a change carries with it. */
export type ChangeContext = Pick<CaseContext, 'clock' | 'deviceId' | 'clockOffsetMilliseconds'>

/** A local change before it is frozen. */
export type ChangeDraft<Kind extends MutationKind = MutationKind> = {
  readonly [Each in Kind]: {
    readonly kind: Each
    /** The row that is made or changed; for a claim the batch. */
    readonly rowId: string
    readonly batchId: string
    /** Mirrored version of the row, 0 for a new one; for claims and decisions that of the batch. */
    readonly baseVersion: number
    /** What a decision or certificate is bound to. */
    readonly contentHash: Sha256 | null
    readonly payload: MutationPayload<Each>
    /** One line for the sync center. */
    readonly summary: string
    /** What of the row was otherwise for this person before, such as by an earlier unsent change. */
    readonly base: Readonly<Record<string, unknown>> | null
    /** How long it can be undone before it is sent; 0: goes at once. */
    readonly holdSeconds: number
    readonly pendingRows: readonly PendingChange[]
    /** Status and score (hundredths) that the batch has with this change on it. */
    readonly overlay?: { readonly status: string; readonly score?: number | null }
  }
}[Kind]

/** Freezes one change; see `enqueueMutations`. */
export function enqueueMutation(handle: WriteHandle, context: ChangeContext, change: ChangeDraft): MutationId {
  const [mutationId] = enqueueMutations(handle, context, [change])
  if (mutationId === undefined) throw new Error('One change gives one id')
  return mutationId
}

/**
 * Freezes changes as they will be sent, to the letter, and puts them last in the outbox with the rows they make. A change to a row
 * that has an unsent change already names it, so that the cloud takes its result as the base; behind a parked one it waits.
 */
export function enqueueMutations(
  handle: WriteHandle,
  context: ChangeContext,
  changes: readonly ChangeDraft[],
): readonly MutationId[] {
  const ids = changes.map((change) => insertChange(handle, context, change))
  refreshOverlay(
    handle,
    changes.map(({ batchId }) => batchId),
  )
  return ids
}

function insertChange(handle: WriteHandle, context: ChangeContext, change: ChangeDraft): MutationId {
  const now = context.clock.now()
  const mutationId = newIdAt<MutationId>(now)
  const earlier = findEarlierChange(handle, change)
  const body: MutationDto = {
    mutation_id: mutationId,
    kind: change.kind,
    schema_version: schemaVersion,
    row_id: change.rowId,
    batch_id: change.batchId,
    base_version: change.baseVersion,
    after_mutation_id: earlier?.mutation_id ?? null,
    content_hash: change.contentHash,
    device_id: context.deviceId,
    occurred_at: now,
    clock_offset_ms: context.clockOffsetMilliseconds === null ? null : Math.round(context.clockOffsetMilliseconds),
    payload: change.payload,
  }
  const parked = earlier?.state === 'conflict' || earlier?.state === 'waiting'
  const state: OutboxState = parked ? 'waiting' : change.holdSeconds > 0 ? 'held' : 'queued'
  handle
    .prepare(
      `insert into outbox (mutation_id, kind, state, batch_id, row_id, body, schema_version, summary, created_at, hold_until, base)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      mutationId,
      change.kind,
      state,
      change.batchId,
      change.rowId,
      JSON.stringify(body),
      schemaVersion,
      change.summary,
      now,
      state === 'held' ? laterThan(now, change.holdSeconds * 1000) : null,
      frozenBase(handle, change),
    )
  const insertRow = handle.prepare(
    'insert into pending_row (mutation_id, table_name, row_id, batch_id, body) values (?, ?, ?, ?, ?)',
  )
  for (const { table, row } of change.pendingRows) {
    insertRow.run(mutationId, table, row.id, change.batchId, JSON.stringify(row))
  }
  if (change.overlay !== undefined) {
    const { status, score } = change.overlay
    const row = { id: change.batchId, status, ...(score === undefined ? {} : { verification_score: score }) }
    insertRow.run(mutationId, 'batch', change.batchId, change.batchId, JSON.stringify(row))
  }
  return mutationId
}

/** The common base: the row as the mirror holds it now, with what earlier changes of this person make of it on top. */
function frozenBase(handle: WriteHandle, change: ChangeDraft): string | null {
  const mirrored = readCloudSide(handle, change, null)
  return mirrored === null && change.base === null ? null : JSON.stringify({ ...mirrored, ...change.base })
}

interface EarlierChange {
  readonly mutation_id: string
  readonly state: string
}

const open = "state in ('held', 'queued', 'sending', 'conflict', 'waiting')"

/**
 * The latest open change to what this one's version counts: the batch for claims and decisions, else the row. A rejected one does not
 * count: the cloud did nothing, so its version still stands.
 */
function findEarlierChange(handle: WriteHandle, change: ChangeDraft): EarlierChange | undefined {
  const countsBatch = change.kind === 'batch.claim' || change.kind === 'decision.record'
  const statement = countsBatch
    ? handle.prepare(
        `select mutation_id, state from outbox where batch_id = ? and ${open} and kind in ('batch.claim', 'decision.record')
        order by sequence desc limit 1`,
      )
    : handle.prepare(
        `select mutation_id, state from outbox where row_id = ? and ${open} order by sequence desc limit 1`,
      )
  return statement.get(countsBatch ? change.batchId : change.rowId) as EarlierChange | undefined
}
