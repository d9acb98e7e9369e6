import canonicalize from 'canonicalize'
import type { RequestOf } from '../../shared/contract/channels.ts'
import { type AuditFacts, parseFacts } from '../audit-trail/audit-entry.ts'
import type { CaseContext } from '../database/case-context.ts'
import type { ReadHandle } from '../database/handles.ts'
import { listOf } from '../database/lists.ts'
import { queryBuilder } from '../database/query-builder.ts'
import { sha256Hex } from '../platform/identifiers.ts'
import { csvField } from './register-lines.ts'

/** What the log says about one change: each entry with its place in the chain of hashes. */
interface LoggedEvent {
  readonly sequence: number
  readonly at: string
  readonly actor_name: string
  readonly action: string
  readonly before: AuditFacts | null
  readonly after: AuditFacts | null
  readonly previous_hash: string
  readonly hash: string
}

/** A change with all that proves what was done. */
export interface ExportedChange {
  readonly mutation_id: string
  readonly sequence: number
  readonly kind: string
  readonly state: string
  readonly resolution: string | null
  readonly overrides_cloud: boolean
  readonly replaces: string | null
  readonly summary: string
  readonly batch_id: string
  readonly batch_hash: string | null
  readonly row_id: string
  readonly created_at: string
  readonly settled_at: string | null
  readonly attempts: number
  /** As it was or would be sent, to the letter. */
  readonly body: string
  readonly body_sha256: string
  readonly base: unknown
  /** The cloud's answer, with its rows. */
  readonly answer: unknown
  readonly error: unknown
  readonly events: readonly LoggedEvent[]
}

/** Reads changes for an export, oldest first: the named ones, or all in these states (all when there are none). */
export function readExportedChanges(
  read: ReadHandle,
  { states, mutationIds }: Omit<RequestOf<'outbox.export'>, 'format'>,
): readonly ExportedChange[] {
  let query = queryBuilder
    .selectFrom('outbox')
    .leftJoin('batch', 'batch.id', 'outbox.batch_id')
    .selectAll('outbox')
    .select('batch.batch_hash')
    .orderBy('outbox.sequence')
  if (mutationIds !== null) query = query.where('outbox.mutation_id', 'in', listOf(mutationIds))
  else if (states.length > 0) query = query.where('outbox.state', 'in', states)
  const changes = read.all(query)
  const events = readEvents(
    read,
    changes.map(({ mutation_id }) => mutation_id),
  )
  return changes.map((change) => ({
    mutation_id: change.mutation_id,
    sequence: change.sequence,
    kind: change.kind,
    state: change.state,
    resolution: change.resolution,
    overrides_cloud: change.overrides === 1,
    replaces: change.replaces,
    summary: change.summary,
    batch_id: change.batch_id,
    batch_hash: change.batch_hash,
    row_id: change.row_id,
    created_at: change.created_at,
    settled_at: change.settled_at,
    attempts: change.attempts,
    body: change.body,
    body_sha256: sha256Hex(change.body),
    base: parsed(change.base),
    answer: parsed(change.result),
    error: parsed(change.last_error),
    events: events.get(change.mutation_id) ?? [],
  }))
}

const parsed = (text: string | null): unknown => (text === null ? null : JSON.parse(text))

function readEvents(read: ReadHandle, mutationIds: readonly string[]): ReadonlyMap<string, readonly LoggedEvent[]> {
  const rows = read.all(
    queryBuilder
      .selectFrom('audit_event')
      .select(['sequence', 'entity_id', 'at', 'actor_name', 'action', 'before', 'after', 'previous_hash', 'hash'])
      .where('entity', '=', 'change')
      .where('entity_id', 'in', listOf(mutationIds))
      .orderBy('sequence'),
  )
  const events = new Map<string, LoggedEvent[]>()
  for (const { entity_id, ...row } of rows) {
    const event = { ...row, before: parseFacts(row.before), after: parseFacts(row.after) }
    const known = events.get(entity_id)
    if (known === undefined) events.set(entity_id, [event])
    else known.push(event)
  }
  return events
}

/**
 * Changes as JSON. `changes_sha256` is over the canonical JSON (RFC 8785) of `changes`; each `body_sha256` over the text of `body`, which
 * is what the cloud was sent.
 */
export const changesJson = (
  changes: readonly ExportedChange[],
  { person, deviceId, clock, clockOffsetMilliseconds }: CaseContext,
): Uint8Array =>
  new TextEncoder().encode(
    `${JSON.stringify(
      {
        format: 'veridesk-changes',
        format_version: 1,
        generated_at: clock.now(),
        clock_offset_ms: clockOffsetMilliseconds,
        person: { id: person.id, name: person.name, email: person.email },
        device_id: deviceId,
        count: changes.length,
        changes_sha256: sha256Hex(canonicalize(changes) ?? ''),
        changes,
      },
      null,
      2,
    )}\n`,
  )

/** Columns of the summary, in order. */
const changesColumns = [
  'Made (UTC)',
  'Settled (UTC)',
  'Batch',
  'Kind',
  'Summary',
  'State',
  'Resolution',
  'Sent over the cloud’s version',
  'Attempts',
  'Code',
  'Message',
  'Made anew from',
  'Body SHA-256',
  'Change id',
] as const

/** Changes as a table of one line each: UTF-8 CSV (RFC 4180), cells that look like formulas made inert. */
export const changesCsv = (changes: readonly ExportedChange[]): Uint8Array =>
  new TextEncoder().encode(
    [changesColumns, ...changes.map(changeLine)].map((line) => `${line.map(csvField).join(',')}\r\n`).join(''),
  )

function changeLine(change: ExportedChange): readonly string[] {
  const error = change.error as { readonly code: string; readonly message: string } | null
  return [
    change.created_at,
    change.settled_at ?? '',
    change.batch_hash ?? change.batch_id,
    change.kind,
    change.summary,
    change.state,
    change.resolution ?? '',
    change.overrides_cloud ? 'yes' : '',
    String(change.attempts),
    error?.code ?? '',
    error?.message ?? '',
    change.replaces ?? '',
    change.body_sha256,
    change.mutation_id,
  ]
}
