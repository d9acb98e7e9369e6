import { createHash } from 'node:crypto'
import type { ClientBase } from 'pg'
import type { AuditAnchor, AuditChainEntry, AuditDigest, AuditSeal } from '../../shared/domain/audit-chain.ts'
import type { AuditChainRows } from '../../shared/domain/verify-audit-chain.ts'

/** SHA-256 as the check of the chain asks for it, by the platform's own library. */
export const auditDigest: AuditDigest = (hexadecimal, text) =>
  createHash('sha256').update(hexadecimal, 'hex').update(text, 'utf8').digest('hex')

const utc = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

const texts = (column: string): string =>
  `(select coalesce(json_object_agg(x.key, x.value::text), '{}') from jsonb_each(v.${column}) x)`

const ENTRIES = `
select l.id, l.bundle::float8 as bundle, l.ordinal, l.action, l.actor, l.actor_type, ${utc('l.created_at')} as created_at,
  l.ip_address::text, l.new_values::text, l.old_values::text, l.record_id, l.severity, l.table_name, l.user_agent, l.user_id,
  encode(l.entry_hash, 'hex') as entry_hash,
  case when v.entry_id is not null then json_build_object(
    'salt', encode(v.salt, 'hex'), 'old_values', ${texts('old_values')}, 'new_values', ${texts('new_values')}
  ) end as personal
from public.audit_logs l
left join public.audit_values v on v.entry_id = l.id`

const SEALS = `
select seq::float8 as seq, bundle::float8 as bundle, entries, ${utc('entries_at')} as entries_at, ${utc('sealed_at')} as sealed_at,
  xid::text, encode(entries_hash, 'hex') as entries_hash, encode(previous_hash, 'hex') as previous_hash, encode(hash, 'hex') as hash
from public.audit_seals`

/** Reads all of a chain in the transaction that the connection is in, by whoever may read the audit trail. */
export async function readAuditChainRows(client: ClientBase): Promise<AuditChainRows> {
  const entries = await client.query<AuditChainEntry & { [column: string]: unknown }>(ENTRIES)
  const seals = await client.query<AuditSeal & { [column: string]: unknown }>(SEALS)
  const anchors = await client.query<{ list: AuditAnchor[] }>('select public.audit_anchor_list() as list')
  return { entries: entries.rows, seals: seals.rows, anchors: anchors.rows[0]?.list ?? [] }
}

/** Reads all of a chain as it is at one moment. */
export async function readAuditChain(client: ClientBase): Promise<AuditChainRows> {
  await client.query('begin transaction isolation level repeatable read read only')
  try {
    return await readAuditChainRows(client)
  } finally {
    await client.query('rollback')
  }
}
