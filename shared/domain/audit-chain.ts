/** An entry of the cloud's audit log as the chain's check reads it: every value as the database writes it in text, digit for digit. */
export interface AuditChainEntry {
  readonly id: string
  /** Entries with one number are sealed together. */
  readonly bundle: number
  /** Place in the bundle, from 1 without gaps. */
  readonly ordinal: number
  readonly action: string
  readonly actor: string
  readonly actor_type: string
  /** UTC with microseconds. */
  readonly created_at: string
  readonly ip_address: string | null
  /** The text that PostgreSQL writes the row's jsonb in. */
  readonly new_values: string | null
  readonly old_values: string | null
  readonly record_id: string | null
  readonly severity: string
  readonly table_name: string | null
  readonly user_agent: string | null
  readonly user_id: string | null
  /** SHA-256 of `auditEntryText`, hexadecimal. */
  readonly entry_hash: string
  /** Personal values of which the entry holds only digests; null where it has none or they were erased. */
  readonly personal: AuditPersonalValues | null
}

/** Personal values by field, each as the text of its jsonb, and the salt (hexadecimal) that their digests were made with. */
export interface AuditPersonalValues {
  readonly salt: string
  readonly old_values: Readonly<Record<string, string>>
  readonly new_values: Readonly<Record<string, string>>
}

/** A seal: what one transaction wrote, with the hash of the seal before it. Hashes are hexadecimal. */
export interface AuditSeal {
  readonly seq: number
  readonly bundle: number
  readonly entries: number
  /** UTC with microseconds, as all instants here. */
  readonly entries_at: string
  readonly sealed_at: string
  readonly xid: string
  /** SHA-256 over the bytes of the entry hashes, in the order of their ordinals. */
  readonly entries_hash: string
  readonly previous_hash: string
  /** SHA-256 of `auditSealText`. */
  readonly hash: string
}

/** An anchor as `audit_anchor_list()` gives it: a seal that the chain had, or where it goes on after a month was removed. */
export interface AuditAnchor {
  readonly number: number
  readonly kind: 'head' | 'retirement'
  readonly created_at: string
  readonly seal_seq: number
  readonly seal_hash: string
  readonly retired_from: string | null
  readonly retired_until: string | null
  readonly first_seal: number | null
  readonly last_seal: number | null
  readonly last_hash: string | null
  readonly seals: number | null
  readonly entries: number | null
  readonly digest: string | null
  readonly previous_hash: string
  /** SHA-256 of `auditAnchorText`. */
  readonly hash: string
}

/** SHA-256, hexadecimal in lower case, over bytes given in hexadecimal digits and then the UTF-8 of a text. */
export type AuditDigest = (hexadecimal: string, text: string) => string

/** What the first seal and the first anchor name as the hash of the one before them. */
export const auditGenesisHash = '0'.repeat(64)

/**
 * Canonical JSON (RFC 8785) of an entry. The values of the row enter as the SHA-256 of their text: RFC 8785 knows numbers only as
 * doubles, and a decimal keeps its digits here. Every value is a string, an integer or null, so sorted keys are all that is needed.
 */
export const auditEntryText = (entry: AuditChainEntry, digest: AuditDigest): string =>
  JSON.stringify({
    action: entry.action,
    actor: entry.actor,
    actor_type: entry.actor_type,
    bundle: entry.bundle,
    created_at: entry.created_at,
    id: entry.id,
    ip_address: entry.ip_address,
    new_values: entry.new_values === null ? null : digest('', entry.new_values),
    old_values: entry.old_values === null ? null : digest('', entry.old_values),
    ordinal: entry.ordinal,
    record_id: entry.record_id,
    schema: 1,
    severity: entry.severity,
    table_name: entry.table_name,
    user_agent: entry.user_agent,
    user_id: entry.user_id,
  })

/** Canonical JSON (RFC 8785) of a seal without its own hash. */
export const auditSealText = (seal: AuditSeal): string =>
  JSON.stringify({
    bundle: seal.bundle,
    entries: seal.entries,
    entries_at: seal.entries_at,
    entries_hash: seal.entries_hash,
    previous_hash: seal.previous_hash,
    schema: 1,
    sealed_at: seal.sealed_at,
    seq: seal.seq,
    xid: seal.xid,
  })

/** Canonical JSON (RFC 8785) of an anchor without its own hash. */
export const auditAnchorText = (anchor: AuditAnchor): string =>
  JSON.stringify({
    created_at: anchor.created_at,
    digest: anchor.digest,
    entries: anchor.entries,
    first_seal: anchor.first_seal,
    kind: anchor.kind,
    last_hash: anchor.last_hash,
    last_seal: anchor.last_seal,
    number: anchor.number,
    previous_hash: anchor.previous_hash,
    retired_from: anchor.retired_from,
    retired_until: anchor.retired_until,
    schema: 1,
    seal_hash: anchor.seal_hash,
    seal_seq: anchor.seal_seq,
    seals: anchor.seals,
  })

/** What stands in an entry for a personal value, given as the text of its jsonb. */
export const auditCommitment = (salt: string, field: string, value: string, digest: AuditDigest): string =>
  digest(salt, `${field}=${value}`)
