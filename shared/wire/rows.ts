import { z } from 'zod'
import { accessGrantKinds } from '../domain/access-grant.ts'
import { batchStatuses } from '../domain/batch.ts'
import { assuranceLevels, decisionActions, opinions } from '../domain/decision.ts'
import { evidenceKinds } from '../domain/evidence.ts'
import { findingKinds, findingStatuses } from '../domain/finding.ts'
import { grantedActions, grantGateNames } from '../domain/grant-gates.ts'
import { roles, subRoles } from '../domain/person.ts'
import { criterionGroups } from '../domain/rubric.ts'
import { standards } from '../domain/standard.ts'

/** A row's id. */
const id = z.guid()
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
/** An instant as the cloud writes it: RFC 3339 with an offset. Converted to UTC with milliseconds on arrival. */
const instant = z.string().min(20)
const date = z.string().regex(/^\d{4}-\d{2}-\d{2}$/)
/** A decimal with two places as text, `-12.50`: never a JSON number, so that no binary fraction enters. */
const decimal = z.string().regex(/^-?\d+\.\d{2}$/)
const version = z.int().min(1)

export const batchDto = z.object({
  id,
  batch_hash: z.string(),
  user_id: id,
  project_id: id,
  standard: z.enum(standards),
  tons_or_kwh: decimal,
  location: z.string(),
  date_submitted: date,
  period_start: date.nullable(),
  period_end: date.nullable(),
  description: z.string().nullable(),
  status: z.enum(batchStatuses),
  calculated_plastic_credits: decimal,
  calculated_carbon_credits: decimal,
  verification_score: decimal.nullable(),
  verified_by: id.nullable(),
  verified_at: instant.nullable(),
  risk_score: z.int().min(0).max(100),
  risk_reasons: z.array(z.string()),
  content_hash: sha256,
  updated_at: instant,
  version,
})

export const projectDto = z.object({
  id,
  user_id: id,
  name: z.string(),
  description: z.string().nullable(),
  standard: z.enum(standards),
  location: z.string(),
  latitude: z.number().min(-90).max(90).nullable(),
  longitude: z.number().min(-180).max(180).nullable(),
  time_zone: z.string(),
  status: z.enum(['active', 'inactive', 'suspended']),
  updated_at: instant,
  version,
})

/** The register's directory of people: names and roles, no address. */
export const personDto = z.object({
  id,
  name: z.string(),
  organization_id: id.nullable(),
  organization_name: z.string().nullable(),
  role: z.enum(roles),
  sub_role: z.enum(subRoles).nullable(),
  version,
})

export const organizationDto = z.object({
  id,
  name: z.string(),
  kind: z.string(),
  country: z.string().nullable(),
  version,
})

export const assignmentDto = z.object({
  id,
  batch_id: id,
  user_id: id,
  role: z.enum(['desk_verifier', 'accredited_auditor', 'field_agent', 'reviewer']),
  assigned_by: id.nullable(),
  assigned_at: instant,
  due_at: instant.nullable(),
  ended_at: instant.nullable(),
  version,
})

export const evidenceFileDto = z.object({
  id,
  batch_id: id,
  bucket: z.enum(['batch-photos', 'verification-docs']),
  object_path: z.string(),
  sha256,
  byte_size: z.int().min(0),
  media_type: z.string(),
  kind: z.enum(evidenceKinds),
  title: z.string(),
  effective_at: instant.nullable(),
  uploaded_by: id,
  uploaded_at: instant,
  deleted_at: instant.nullable(),
  version,
})

export const criterionDto = z.object({
  code: z.string(),
  group: z.enum(criterionGroups),
  question: z.string(),
  guidance: z.string(),
  weight: z.int().min(1),
  anchors: z.array(z.string()).length(6),
  required_evidence: z.array(z.enum(evidenceKinds)),
  knock_out: z.boolean(),
  not_applicable: z.enum(['never', 'with_reason']),
})

export const rubricDto = z.object({
  id,
  standard: z.enum(standards),
  revision: z.int().min(1),
  title: z.string(),
  body: z.object({ criteria: z.array(criterionDto) }),
  published_at: instant,
  version,
})

export const scoreDto = z.object({
  id,
  batch_id: id,
  verifier_id: id,
  rubric_id: id,
  criterion_code: z.string(),
  points: z.int().min(0).max(5).nullable(),
  not_applicable_reason: z.string().nullable(),
  note: z.string(),
  evidence_ids: z.array(id),
  updated_at: instant,
  version,
})

export const findingDto = z.object({
  id,
  batch_id: id,
  kind: z.enum(findingKinds),
  title: z.string(),
  description: z.string(),
  criterion_code: z.string().nullable(),
  evidence_file_id: id.nullable(),
  status: z.enum(findingStatuses),
  due_at: instant.nullable(),
  misstatement: decimal.nullable(),
  raised_by: id,
  raised_at: instant,
  closed_by: id.nullable(),
  closed_at: instant.nullable(),
  round: z.int().min(1),
  version,
})

export const findingRoundDto = z.object({
  id,
  finding_id: id,
  batch_id: id,
  round: z.int().min(1),
  kind: z.enum(['raised', 'response', 'review']),
  author_id: id,
  on_behalf_of: z.string().nullable(),
  body: z.string(),
  created_at: instant,
  version,
})

export const decisionDto = z.object({
  id,
  batch_id: id,
  actor_id: id,
  action: z.enum(decisionActions),
  from_status: z.enum(batchStatuses),
  to_status: z.enum(batchStatuses),
  reason_code: z.string(),
  reason: z.string(),
  score: decimal.nullable(),
  rubric_id: id.nullable(),
  content_hash: sha256,
  opinion: z.enum(opinions).nullable(),
  assurance_level: z.enum(assuranceLevels).nullable(),
  unviewed_evidence_count: z.int().min(0),
  device_id: id.nullable(),
  decided_at: instant,
  received_at: instant,
  version,
})

export const certificateDto = z.object({
  id,
  batch_id: id,
  decision_id: id,
  certificate_number: z.string(),
  opinion: z.enum(opinions),
  assurance_level: z.enum(assuranceLevels),
  content_hash: sha256,
  bucket: z.literal('certificates'),
  object_path: z.string(),
  sha256,
  byte_range_digest: sha256,
  byte_size: z.int().min(1),
  issued_by: id,
  claimed_at: instant,
  received_at: instant,
  version,
})

export const signatureDto = z.object({
  id,
  certificate_id: id,
  batch_id: id,
  signer_id: id,
  kind: z.enum(['auditor', 'reviewer']),
  level: z.enum(['B-B', 'B-T', 'B-LT', 'B-LTA']),
  signer_subject: z.string(),
  signer_serial: z.string(),
  signer_fingerprint: sha256,
  claimed_at: instant,
  version,
})

/** A certificate authority whose signing certificates this organization accepts. */
export const trustAnchorDto = z.object({ id, name: z.string(), certificate_pem: z.string(), version })

/** A key whose signatures on grants count: Ed25519, SubjectPublicKeyInfo in base64. */
export const grantKeyDto = z.object({
  id,
  key_id: z.string().regex(/^[0-9a-f]{16}$/),
  public_key: z.string(),
  valid_from: instant,
  retired_at: instant.nullable(),
  version,
})

/** Which grants an action needs, by standard. */
export const gateRuleDto = z.object({
  id,
  standard: z.enum(standards),
  action: z.enum(grantedActions),
  gate: z.enum(grantGateNames),
  required: z.boolean(),
  unconfirmed: z.boolean(),
  version,
})

/** A signed grant. What it says stands in `body` alone, the text that was signed: see `grantBody`. */
export const accessGrantDto = z.object({
  id,
  user_id: id,
  kind: z.enum(accessGrantKinds),
  body: z.string(),
  key_id: z.string(),
  signature: z.string(),
  revoked_at: instant.nullable(),
  revocation_reason: z.string().nullable(),
  version,
})

/** The mirrored tables by the cloud's name, each with the shape of its rows. Order: a row's parents come before it. */
export const mirroredTables = {
  organizations: organizationDto,
  people: personDto,
  trust_anchors: trustAnchorDto,
  rubrics: rubricDto,
  grant_keys: grantKeyDto,
  gate_rules: gateRuleDto,
  access_grants: accessGrantDto,
  projects: projectDto,
  batches: batchDto,
  assignments: assignmentDto,
  evidence_files: evidenceFileDto,
  scores: scoreDto,
  findings: findingDto,
  finding_rounds: findingRoundDto,
  decisions: decisionDto,
  certificates: certificateDto,
  signatures: signatureDto,
} as const

/** A mirrored table, by the cloud's name. */
export type MirroredTable = keyof typeof mirroredTables

/** The names of the mirrored tables, parents first. */
export const mirroredTableNames = Object.keys(mirroredTables) as readonly MirroredTable[]

export type BatchDto = z.infer<typeof batchDto>
export type EvidenceFileDto = z.infer<typeof evidenceFileDto>
