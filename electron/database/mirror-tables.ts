import type { Generated } from 'kysely'

// What the cloud last said. Decimals are integers of hundredths, instants UTC text with milliseconds, JSON is text.

/** An organization of the register. */
export interface OrganizationTable {
  readonly row: Generated<number>
  readonly id: string
  readonly name: string
  readonly kind: string
  readonly country: string | null
  readonly version: number
  readonly scopes: number
}

/** A person of the register: name and role, no address. */
export interface PersonTable {
  readonly row: Generated<number>
  readonly id: string
  readonly name: string
  readonly organization_id: string | null
  readonly organization_name: string | null
  readonly role: string
  readonly sub_role: string | null
  readonly version: number
  readonly scopes: number
}

/** A certificate authority whose signing certificates are accepted. */
export interface TrustAnchorTable {
  readonly row: Generated<number>
  readonly id: string
  readonly name: string
  readonly certificate_pem: string
  readonly version: number
  readonly scopes: number
}

/** A published rubric; `criteria` is JSON, `Criterion[]`. */
export interface RubricTable {
  readonly row: Generated<number>
  readonly id: string
  readonly standard: string
  readonly revision: number
  readonly title: string
  readonly criteria: string
  readonly published_at: string
  readonly version: number
  readonly scopes: number
}

/** A project; positions in degrees (WGS 84). */
export interface ProjectTable {
  readonly row: Generated<number>
  readonly id: string
  readonly user_id: string
  readonly name: string
  readonly description: string | null
  readonly standard: string
  readonly location: string
  readonly latitude: number | null
  readonly longitude: number | null
  readonly time_zone: string
  readonly status: string
  readonly updated_at: string
  readonly version: number
  readonly scopes: number
}

/** A batch; quantity, credits and score in hundredths, `risk_reasons` JSON `string[]`. */
export interface BatchTable {
  readonly row: Generated<number>
  readonly id: string
  readonly batch_hash: string
  readonly user_id: string
  readonly project_id: string
  readonly standard: string
  readonly quantity: number
  readonly location: string
  readonly date_submitted: string
  readonly period_start: string | null
  readonly period_end: string | null
  readonly description: string | null
  readonly status: string
  readonly plastic_credits: number
  readonly carbon_credits: number
  readonly verification_score: number | null
  readonly verified_by: string | null
  readonly verified_at: string | null
  readonly risk_score: number
  readonly risk_reasons: string
  readonly content_hash: string
  readonly updated_at: string
  readonly quarantined_at: string | null
  readonly version: number
  readonly scopes: number
}

/** Who works on which batch. */
export interface AssignmentTable {
  readonly row: Generated<number>
  readonly id: string
  readonly batch_id: string
  readonly user_id: string
  readonly role: string
  readonly assigned_by: string | null
  readonly assigned_at: string
  readonly due_at: string | null
  readonly ended_at: string | null
  readonly version: number
  readonly scopes: number
}

/** A file of evidence. */
export interface EvidenceFileTable {
  readonly row: Generated<number>
  readonly id: string
  readonly batch_id: string
  readonly bucket: string
  readonly object_path: string
  readonly sha256: string
  readonly byte_size: number
  readonly media_type: string
  readonly kind: string
  readonly title: string
  readonly effective_at: string | null
  readonly uploaded_by: string
  readonly uploaded_at: string
  readonly deleted_at: string | null
  readonly version: number
  readonly scopes: number
}

/** A verifier's points for one criterion; `evidence_ids` JSON `string[]`. */
export interface ScoreTable {
  readonly row: Generated<number>
  readonly id: string
  readonly batch_id: string
  readonly verifier_id: string
  readonly rubric_id: string
  readonly criterion_code: string
  readonly points: number | null
  readonly not_applicable_reason: string | null
  readonly note: string
  readonly evidence_ids: string
  readonly updated_at: string
  readonly version: number
  readonly scopes: number
}

/** A finding; `misstatement` in hundredths of the batch's unit. */
export interface FindingTable {
  readonly row: Generated<number>
  readonly id: string
  readonly batch_id: string
  readonly kind: string
  readonly title: string
  readonly description: string
  readonly criterion_code: string | null
  readonly evidence_file_id: string | null
  readonly status: string
  readonly due_at: string | null
  readonly misstatement: number | null
  readonly raised_by: string
  readonly raised_at: string
  readonly closed_by: string | null
  readonly closed_at: string | null
  readonly round: number
  readonly version: number
  readonly scopes: number
}

/** One exchange about a finding. */
export interface FindingRoundTable {
  readonly row: Generated<number>
  readonly id: string
  readonly finding_id: string
  readonly batch_id: string
  readonly round: number
  readonly kind: string
  readonly author_id: string
  readonly on_behalf_of: string | null
  readonly body: string
  readonly created_at: string
  readonly version: number
  readonly scopes: number
}

/** A decision; `score` in hundredths. */
export interface DecisionTable {
  readonly row: Generated<number>
  readonly id: string
  readonly batch_id: string
  readonly actor_id: string
  readonly action: string
  readonly from_status: string
  readonly to_status: string
  readonly reason_code: string
  readonly reason: string
  readonly score: number | null
  readonly rubric_id: string | null
  readonly content_hash: string
  readonly opinion: string | null
  readonly assurance_level: string | null
  readonly unviewed_evidence_count: number
  readonly device_id: string | null
  readonly decided_at: string
  readonly received_at: string
  readonly version: number
  readonly scopes: number
}

/** A signed certificate. */
export interface CertificateTable {
  readonly row: Generated<number>
  readonly id: string
  readonly batch_id: string
  readonly decision_id: string
  readonly certificate_number: string
  readonly opinion: string
  readonly assurance_level: string
  readonly content_hash: string
  readonly bucket: string
  readonly object_path: string
  readonly sha256: string
  readonly byte_range_digest: string
  readonly byte_size: number
  readonly issued_by: string
  readonly claimed_at: string
  readonly received_at: string
  readonly version: number
  readonly scopes: number
}

/** A signature on a certificate. */
export interface SignatureTable {
  readonly row: Generated<number>
  readonly id: string
  readonly certificate_id: string
  readonly batch_id: string
  readonly signer_id: string
  readonly kind: string
  readonly level: string
  readonly signer_subject: string
  readonly signer_serial: string
  readonly signer_fingerprint: string
  readonly claimed_at: string
  readonly version: number
  readonly scopes: number
}

/** A key whose signatures on grants count; `public_key` is SubjectPublicKeyInfo in base64. */
export interface GrantKeyTable {
  readonly row: Generated<number>
  readonly id: string
  readonly key_id: string
  readonly public_key: string
  readonly valid_from: string
  readonly retired_at: string | null
  readonly version: number
  readonly scopes: number
}

/** Which grants an action needs, by standard; `required` and `unconfirmed` are 0 or 1. */
export interface GateRuleTable {
  readonly row: Generated<number>
  readonly id: string
  readonly standard: string
  readonly action: string
  readonly gate: string
  readonly required: number
  readonly unconfirmed: number
  readonly version: number
  readonly scopes: number
}

/** A signed grant; `body` is the canonical JSON that was signed, and all that counts. */
export interface AccessGrantTable {
  readonly row: Generated<number>
  readonly id: string
  readonly user_id: string
  readonly kind: string
  readonly body: string
  readonly key_id: string
  readonly signature: string
  readonly revoked_at: string | null
  readonly revocation_reason: string | null
  readonly version: number
  readonly scopes: number
}

/** A held scope and how far it was pulled. */
export interface SyncScopeTable {
  readonly scope: string
  readonly bit: number
  readonly state: string
  readonly cursor: string | null
  readonly bootstrap_snapshot: string | null
  readonly bootstrap_table: string | null
  readonly bootstrap_after: string | null
  readonly last_pulled_at: string | null
}

/** How many batches have a standard and a status. */
export interface BatchCounterTable {
  readonly standard: string
  readonly status: string
  readonly total: number
}
