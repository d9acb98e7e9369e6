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
export function entryHash(row: UnhashedRow): Sha256 {
  const text = canonicalize({
    sequence: row.sequence,
    event_id: row.event_id,
    at: row.at,
    actor_kind: row.actor_kind,
    actor_id: row.actor_id,
    actor_name: row.actor_name,
    device_id: row.device_id,
    action: row.action,
    entity: row.entity,
    entity_id: row.entity_id,
    entity_label: row.entity_label,
    before: parseFacts(row.before),
    after: parseFacts(row.after),
    previous_hash: row.previous_hash,
  })
  if (text === undefined) throw new Error('An audit entry has no canonical form')
  return sha256Hex(text)
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
