import canonicalize from 'canonicalize'
import type { AuditEntry } from '../../shared/contract/views.ts'
import type { Instant, Sha256 } from '../../shared/domain/ids.ts'
import type { Row } from '../database/tables.ts'
import { sha256Hex } from '../platform/identifiers.ts'

/** What a log entry tells about a thing before or after. */
export type AuditFacts = Readonly<Record<string, unknown>>

/** What the first entry names as the hash of the one before it. */
export const genesisHash = '0'.repeat(64) as Sha256

/** An entry without its own hash. */
export type UnhashedRow = Omit<Row<'audit_event'>, 'hash'>

/**
 * SHA-256 over the canonical JSON (RFC 8785) of the entry with the hash of the one before it: whoever changes, removes or moves an
 * entry has to make all the later ones again. `before` and `after` go in as JSON values, not as text.
 */
export const entryHash = (row: UnhashedRow): Sha256 =>
  hashOfParts(row, canonicalFacts(parseFacts(row.before)), canonicalFacts(parseFacts(row.after)))

/** The hash of an entry whose `before` and `after` are canonical already, as `canonicalFacts` makes them: they are not read again. */
export const newEntryHash = (row: UnhashedRow): Sha256 => hashOfParts(row, row.before, row.after)

/** Facts as canonical JSON; null for none. */
export const canonicalFacts = (facts: AuditFacts | null): string | null =>
  facts === null ? null : (canonicalize(facts) ?? null)

/** An object in canonical form is its members in the order of their names, each canonical: a text or a number as JSON has it. */
function hashOfParts(row: UnhashedRow, before: string | null, after: string | null): Sha256 {
  const value = (column: keyof UnhashedRow): string => `"${column}":${JSON.stringify(row[column])}`
  const first = `{${value('action')},${value('actor_id')},${value('actor_kind')},${value('actor_name')},"after":${after}`
  const then = `${value('at')},"before":${before},${value('device_id')},${value('entity')},${value('entity_id')}`
  const last = `${value('entity_label')},${value('event_id')},${value('previous_hash')},${value('sequence')}}`
  return sha256Hex(`${first},${then},${last}`)
}

/** Reads the JSON of `before` or `after`. Throws when it is not JSON. */
export const parseFacts = (text: string | null): AuditFacts | null =>
  text === null ? null : (JSON.parse(text) as AuditFacts)

/** Facts that a changed row no longer tells: shown as they lie there. */
function readFacts(text: string | null): AuditFacts | null {
  try {
    return parseFacts(text)
  } catch {
    return { unreadable: text }
  }
}

/** The entry as the audit screen shows it. */
export const toAuditEntry = (row: Row<'audit_event'>): AuditEntry => ({
  sequence: row.sequence,
  at: row.at as Instant,
  actorKind: row.actor_kind === 'system' ? 'system' : 'person',
  actorName: row.actor_name,
  action: row.action,
  entity: row.entity,
  entityId: row.entity_id,
  entityLabel: row.entity_label,
  before: readFacts(row.before),
  after: readFacts(row.after),
  deviceId: row.device_id,
  previousHash: row.previous_hash as Sha256,
  hash: row.hash as Sha256,
})
