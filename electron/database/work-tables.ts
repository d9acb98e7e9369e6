import type { Generated } from 'kysely'

// Local work, which no pull ever writes. Instants are UTC text with milliseconds, JSON is text.

/** A local change and its fate; `body`, `last_error`, `base` and `result` are JSON. */
export interface OutboxTable {
  readonly sequence: Generated<number>
  readonly mutation_id: string
  readonly kind: string
  readonly state: string
  readonly batch_id: string
  readonly row_id: string
  readonly body: string
  readonly schema_version: number
  readonly summary: string
  readonly created_at: string
  readonly hold_until: string | null
  readonly attempts: Generated<number>
  readonly next_attempt_at: string | null
  readonly last_error: string | null
  readonly base: string | null
  readonly result: string | null
  readonly settled_at: string | null
  /** When it was last written to an outbox file. */
  readonly handed_over_at: string | null
  /** The change that this one was made anew from. */
  readonly replaces: string | null
  /** 1: sent over a row that somebody else had changed in the cloud. */
  readonly overrides: Generated<number>
  /** How the person settled a parked change; null while it is not superseded. */
  readonly resolution: string | null
}

/** A row as a local change makes it; `body` is JSON with the columns of `table_name`. */
export interface PendingRowTable {
  readonly sequence: Generated<number>
  readonly mutation_id: string
  readonly table_name: string
  readonly row_id: string
  readonly batch_id: string
  readonly body: string
}

/** Status, score and mark of a batch with local changes on top. */
export interface BatchOverlayTable {
  readonly batch_id: string
  readonly status: string | null
  readonly score: number | null
  readonly mark: string | null
  readonly stale: Generated<number>
}

/** Who has seen which bytes. */
export interface EvidenceViewTable {
  readonly evidence_file_id: string
  readonly sha256: string
  readonly person_id: string
  readonly viewed_at: string
}

/** A file of the vault. */
export interface StoredFileTable {
  readonly sha256: string
  readonly byte_size: number
  readonly state: string
  readonly received_bytes: Generated<number>
  readonly last_used_at: string | null
  readonly problem: string | null
}

/** A file on its way to the cloud. */
export interface UploadTable {
  readonly sequence: Generated<number>
  readonly mutation_id: string
  readonly sha256: string
  readonly bucket: string
  readonly object_path: string
  readonly media_type: string
  readonly byte_size: number
  readonly state: string
  readonly attempts: Generated<number>
  readonly next_attempt_at: string | null
  readonly last_error: string | null
  readonly done_at: string | null
  readonly resume_path: Generated<string | null>
  readonly sent_bytes: Generated<number>
}

/** A batch whose evidence stays on this computer. */
export interface PinnedBatchTable {
  readonly batch_id: string
  readonly pinned_at: string
}

/** An entry of the hash-chained log; `before` and `after` are JSON. */
export interface AuditEventTable {
  readonly sequence: number
  readonly event_id: string
  readonly at: string
  readonly actor_kind: string
  readonly actor_id: string | null
  readonly actor_name: string
  readonly device_id: string
  readonly action: string
  readonly entity: string
  readonly entity_id: string
  readonly entity_label: string | null
  readonly before: string | null
  readonly after: string | null
  readonly previous_hash: string
  readonly hash: string
}

/** Words not yet sent anywhere. */
export interface DraftTable {
  readonly key: string
  readonly body: string
  readonly saved_at: string
}

/** A setting; `value` is JSON. */
export interface SettingTable {
  readonly key: string
  readonly value: string
}

/** A small fact with one value; `value` is JSON. */
export interface WorkspaceFactTable {
  readonly key: string
  readonly value: string
}

/** The PKCS#12 file and its certificate. */
export interface SigningKeyTable {
  readonly id: number
  readonly pkcs12: Uint8Array
  readonly certificate_der: Uint8Array
  readonly imported_at: string
}
