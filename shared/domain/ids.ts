declare const brand: unique symbol

/** A UUID that belongs to one table; ids of two tables cannot be exchanged by mistake. */
export type Id<Table extends string> = string & { readonly [brand]: Table }

export type BatchId = Id<'batch'>
export type ProjectId = Id<'project'>
export type PersonId = Id<'person'>
export type OrganizationId = Id<'organization'>
export type EvidenceFileId = Id<'evidence_file'>
export type RubricId = Id<'rubric'>
export type ScoreId = Id<'score'>
export type FindingId = Id<'finding'>
export type FindingRoundId = Id<'finding_round'>
export type DecisionId = Id<'decision'>
export type CertificateId = Id<'certificate'>
export type SignatureId = Id<'signature'>
export type DeviceId = Id<'device'>
export type MutationId = Id<'mutation'>

/** SHA-256 in 64 lower-case hexadecimal digits. */
export type Sha256 = string & { readonly [brand]: 'sha256' }

/** An instant in UTC with milliseconds, `2026-11-20T21:33:00.000Z` (RFC 3339). */
export type Instant = string

/** A calendar day without a zone, `2026-11-20` (ISO 8601). */
export type CalendarDate = string

/** A quantity in hundredths of its unit (tonnes, kWh, credits): an integer, so that no binary fraction ever enters. */
export type Hundredths = number
