import { z } from 'zod'
import { declarations } from '../domain/access-grant.ts'
import { roles, subRoles } from '../domain/person.ts'
import { mutationKinds } from '../domain/sync-state.ts'
import { mirroredTableNames } from './rows.ts'

/** Version of the calls below. A workstation and a cloud that differ do not exchange data. */
export const protocolVersion = 1

/** Version of the rows and mutation bodies. The cloud accepts bodies of this version and the two before. */
export const schemaVersion = 1

/** `workstation_handshake(p_request jsonb)`: who I am, before anything else. */
export const handshakeRequest = z.object({
  protocol_version: z.int(),
  schema_version: z.int(),
  device_id: z.guid(),
  device_name: z.string().max(200),
  program_version: z.string(),
  /** Public key that the device signs outbox files with, see `devicePublicKey`; left out before there is a workspace. */
  signing_key: z.string().optional(),
})

/** Its answer. A changed `server_epoch` means a restored backup: bootstrap again and keep the outbox. */
export const handshakeAnswer = z.object({
  protocol_version: z.int(),
  schema_version: z.int(),
  server_epoch: z.guid(),
  server_time: z.string(),
  /** The key that the request named, once it is registered. */
  signing_key: z.string().optional(),
  /** Stands for all of this but time and key in a later `sync_poll`; missing in a cloud that does not have that call. */
  fingerprint: z.string().optional(),
  person: z.object({
    id: z.guid(),
    name: z.string(),
    email: z.string(),
    role: z.enum(roles),
    sub_role: z.enum(subRoles).nullable(),
    grants: z.array(z.string()),
    organization_id: z.guid().nullable(),
    organization_name: z.string().nullable(),
  }),
  /**
   * What this person mirrors: `reference`, `person:<uuid>`, `pool` (claimable by any verifier), `pool:<body>` or `pool:bodies`
   * (claimable by verifiers of a body, or of none), `register` (everything, for compliance), `register:<body>` (all of one body).
   */
  scopes: z.array(z.string()),
})

const tableName = z.enum(mirroredTableNames as [string, ...string[]])

/** `sync_bootstrap(p_scope text, p_table text, p_after uuid, p_limit int)`: one table of a scope by key, for a new scope. */
export const bootstrapPage = z.object({
  /** `pg_current_snapshot()` of this statement; the first page's is where the difference starts. */
  snapshot: z.string(),
  rows: z.array(z.record(z.string(), z.unknown())),
  /** Last id of the page, or null after the last page. */
  next: z.guid().nullable(),
  /** Rows of this table in the scope, counted on the first page only. */
  total: z.int().nullable(),
})

/**
 * `sync_pull(p_scope text, p_cursor text, p_upto text, p_after jsonb, p_limit int)`: what became visible between two snapshots,
 * in one statement. `p_upto` is null on the first page and the answer's `upto` on the following.
 */
export const pullPage = z.object({
  upto: z.string(),
  changes: z.array(
    z.object({
      table: tableName,
      id: z.guid(),
      /** U: upsert. R: the row left this scope. */
      op: z.enum(['U', 'R']),
      version: z.int(),
      /** Null for R, and for a row that this person may not read any more. */
      row: z.record(z.string(), z.unknown()).nullable(),
    }),
  ),
  next: z.object({ xid: z.string(), table: z.string(), id: z.guid() }).nullable(),
})

/** One local change on its way. The body is frozen when it is made; a repeat is the same to the letter. */
export const mutationDto = z.object({
  mutation_id: z.guid(),
  kind: z.enum(mutationKinds),
  schema_version: z.int(),
  /** The row that is made or changed: batch, score, finding, decision or certificate. */
  row_id: z.guid(),
  batch_id: z.guid(),
  /** Version of the row it was based on; 0 for a new row; for `decision.record` the batch's version. */
  base_version: z.int().min(0),
  /** An earlier change of this device to the same row; its resulting version then stands in for `base_version`. */
  after_mutation_id: z.guid().nullable(),
  /** Content hash that a decision or certificate is bound to; null for other kinds. */
  content_hash: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
  device_id: z.guid(),
  /** Device time: evidence, never an order. */
  occurred_at: z.string(),
  clock_offset_ms: z.int().nullable(),
  payload: z.record(z.string(), z.unknown()),
})
export type MutationDto = z.infer<typeof mutationDto>

/** `sync_push(p_mutations jsonb)`: at most this many per call, in order. */
export const pushLimit = 100

/** The fate of one mutation, in the order sent. */
export const pushResult = z.object({
  mutation_id: z.guid(),
  /** `duplicate`: applied by an earlier call with the same id and body. */
  status: z.enum(['applied', 'duplicate', 'conflict', 'rejected']),
  /** Why a rejected or conflicting one was not applied, such as `four_eyes`, `open_findings`, `content_changed`. */
  code: z.string().nullable(),
  message: z.string().nullable(),
  action: z.string().nullable(),
  /** Rows as they now are in the cloud: those it wrote, or the one it is in conflict with. */
  rows: z.array(z.object({ table: tableName, row: z.record(z.string(), z.unknown()) })),
})
export type PushResult = z.infer<typeof pushResult>
export const pushAnswer = z.array(pushResult)

/** `sync_applied(p_mutations jsonb)`: at most this many ids per call; the answer is those that the ledger knows as applied. */
export const appliedLimit = 1000
export const appliedAnswer = z.array(z.guid())

/** Payload of each kind of mutation. */
export const mutationPayloads = {
  'batch.claim': z.object({ assignment_id: z.guid() }),
  'score.set': z.object({
    rubric_id: z.guid(),
    criterion_code: z.string(),
    points: z.int().min(0).max(5).nullable(),
    not_applicable_reason: z.string().nullable(),
    note: z.string(),
    evidence_ids: z.array(z.guid()),
  }),
  'finding.raise': z.object({
    round_id: z.guid(),
    kind: z.enum(['car', 'cl', 'far', 'observation']),
    title: z.string(),
    description: z.string(),
    criterion_code: z.string().nullable(),
    evidence_file_id: z.guid().nullable(),
    due_at: z.string().nullable(),
    misstatement: z.string().nullable(),
  }),
  'finding.respond': z.object({ round_id: z.guid(), body: z.string(), on_behalf_of: z.string().nullable() }),
  'finding.close': z.object({ round_id: z.guid(), body: z.string() }),
  'finding.withdraw': z.object({ round_id: z.guid(), body: z.string() }),
  'decision.record': z.object({
    action: z.enum(['approve', 'reject', 'request_changes', 'verify']),
    reason_code: z.string(),
    reason: z.string(),
    score: z.string().nullable(),
    rubric_id: z.guid().nullable(),
    opinion: z.enum(['unmodified', 'qualified', 'adverse', 'disclaimed']).nullable(),
    assurance_level: z.enum(['reasonable', 'limited']).nullable(),
    unviewed_evidence_ids: z.array(z.guid()),
  }),
  'certificate.issue': z.object({
    decision_id: z.guid(),
    certificate_number: z.string(),
    opinion: z.enum(['unmodified', 'qualified', 'adverse', 'disclaimed']),
    assurance_level: z.enum(['reasonable', 'limited']),
    object_path: z.string(),
    sha256: z.string(),
    byte_range_digest: z.string(),
    byte_size: z.int(),
    signature_id: z.guid(),
    signer_subject: z.string(),
    signer_serial: z.string(),
    signer_fingerprint: z.string(),
    level: z.literal('B-B'),
    claimed_at: z.string(),
  }),
  'independence.declare': z.object({ declaration: z.enum(declarations), statement: z.string() }),
} as const

/** The payload of a kind. */
export type MutationPayload<Kind extends keyof typeof mutationPayloads> = z.infer<(typeof mutationPayloads)[Kind]>
