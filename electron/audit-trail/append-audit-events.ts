import type { CaseContext } from '../database/case-context.ts'
import type { WriteHandle } from '../database/handles.ts'
import { newIdAt } from '../platform/identifiers.ts'
import { type AuditFacts, canonicalFacts, genesisHash, newEntryHash } from './audit-entry.ts'

/** Who acts, where and when. */
export type AuditActor = Pick<CaseContext, 'clock' | 'person' | 'deviceId'>

/** Something that happened, in the past tense: `decision.recorded`, `finding.closed`. */
export interface AuditEvent {
  readonly action: string
  readonly entity: string
  readonly entityId: string
  /** What a person calls the thing, such as a batch's public id. */
  readonly entityLabel: string | null
  readonly before: AuditFacts | null
  readonly after: AuditFacts | null
  /** `system` for what the program did by itself, such as taking in the cloud's answer. The person unless told. */
  readonly by?: 'person' | 'system'
}

/** Under this name the last entry's number and hash are kept beside the chain, so that a missing end is noticed. */
export const headFact = 'audit_head'

/** Appends entries to the chain, in the transaction of what they tell about. */
export function appendAuditEvents(handle: WriteHandle, actor: AuditActor, events: readonly AuditEvent[]): void {
  if (events.length === 0) return
  const last = handle.prepare('select sequence, hash from audit_event order by sequence desc limit 1').get()
  let { sequence, hash } = (last ?? { sequence: 0, hash: genesisHash }) as { sequence: number; hash: string }
  const insert = handle.prepare(
    `insert into audit_event (sequence, event_id, at, actor_kind, actor_id, actor_name, device_id, action, entity, entity_id,
      entity_label, before, after, previous_hash, hash) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const at = actor.clock.now()
  for (const event of events) {
    sequence += 1
    const bySystem = event.by === 'system'
    const row = {
      sequence,
      event_id: newIdAt<string>(at),
      at,
      actor_kind: bySystem ? 'system' : 'person',
      actor_id: bySystem ? null : actor.person.id,
      actor_name: bySystem ? 'Veridesk' : actor.person.name,
      device_id: actor.deviceId,
      action: event.action,
      entity: event.entity,
      entity_id: event.entityId,
      entity_label: event.entityLabel,
      before: canonicalFacts(event.before),
      after: canonicalFacts(event.after),
      previous_hash: hash,
    }
    hash = newEntryHash(row)
    insert.run(...Object.values(row), hash)
  }
  handle
    .prepare(
      'insert into workspace_fact (key, value) values (?, ?) on conflict (key) do update set value = excluded.value',
    )
    .run(headFact, JSON.stringify({ sequence, hash }))
}
