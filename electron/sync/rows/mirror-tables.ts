import type { z } from 'zod'
import { type MirroredTable, mirroredTables } from '../../../shared/wire/rows.ts'
import type { Tables } from '../../database/tables.ts'
import { asItIs, type Conversion, criteria, flag, hundredths, instant, json } from './conversions.ts'
import { compileCheck, type FieldCheck } from './field-check.ts'

/** A mirrored table, by its name here. */
export type MirrorTableName = {
  readonly [Name in keyof Tables]: 'scopes' extends keyof Tables[Name] ? Name : never
}[keyof Tables]

/** A column of the mirror: its name here, its name in the cloud, and how what was checked becomes what is stored. */
export interface MirrorColumn {
  readonly local: string
  readonly wire: string
  readonly convert: Conversion
}

/** A mirrored table: its two names, the shape of its rows on the wire, and how each becomes a row here. */
export interface MirrorTable {
  readonly wire: MirroredTable
  readonly local: MirrorTableName
  readonly schema: z.ZodType<Readonly<Record<string, unknown>> & { readonly id: string; readonly version: number }>
  /** The same field by field, in the order of the columns; null where one of them is for zod alone. */
  readonly checks: { readonly columns: readonly FieldCheck[]; readonly version: FieldCheck } | null
  /** Every field of the wire but `version`, which is kept beside `scopes`. */
  readonly columns: readonly MirrorColumn[]
  /** Column with the batch that the row belongs to; null for rows that belong to none, `id` for the batch itself. */
  readonly batchColumn: 'id' | 'batch_id' | null
}

/** Fields that are not stored as they come: how they are converted, and their name here where it is another. */
type Differences = Readonly<Record<string, Conversion | readonly [local: string, convert: Conversion]>>

function mirror(wire: MirroredTable, local: MirrorTableName, differences: Differences): MirrorTable {
  const schema = mirroredTables[wire]
  const fields = Object.keys(schema.shape)
  const columns = fields
    .filter((field) => field !== 'version')
    .map((field) => {
      const difference = differences[field] ?? asItIs
      return typeof difference === 'function'
        ? { wire: field, local: field, convert: difference }
        : { wire: field, local: difference[0], convert: difference[1] }
    })
  return {
    wire,
    local,
    schema,
    checks: checksOf(schema.shape, columns),
    batchColumn: local === 'batch' ? 'id' : fields.includes('batch_id') ? 'batch_id' : null,
    columns,
  }
}

function checksOf(shape: z.core.$ZodShape, columns: readonly MirrorColumn[]): MirrorTable['checks'] {
  const check = (field: string) => (shape[field] === undefined ? null : compileCheck(shape[field]))
  const version = check('version')
  const checked = columns.flatMap(({ wire }) => check(wire) ?? [])
  return version === null || checked.length < columns.length ? null : { columns: checked, version }
}

/** How each table of the cloud is mirrored. */
export const mirrorTables: Readonly<Record<MirroredTable, MirrorTable>> = {
  organizations: mirror('organizations', 'organization', {}),
  people: mirror('people', 'person', {}),
  trust_anchors: mirror('trust_anchors', 'trust_anchor', {}),
  rubrics: mirror('rubrics', 'rubric', { body: ['criteria', criteria], published_at: instant }),
  grant_keys: mirror('grant_keys', 'grant_key', { valid_from: instant, retired_at: instant }),
  gate_rules: mirror('gate_rules', 'gate_rule', { required: flag, unconfirmed: flag }),
  access_grants: mirror('access_grants', 'access_grant', { revoked_at: instant }),
  projects: mirror('projects', 'project', { updated_at: instant }),
  batches: mirror('batches', 'batch', {
    tons_or_kwh: ['quantity', hundredths],
    calculated_plastic_credits: ['plastic_credits', hundredths],
    calculated_carbon_credits: ['carbon_credits', hundredths],
    verification_score: hundredths,
    verified_at: instant,
    risk_reasons: json,
    updated_at: instant,
  }),
  assignments: mirror('assignments', 'assignment', { assigned_at: instant, due_at: instant, ended_at: instant }),
  evidence_files: mirror('evidence_files', 'evidence_file', {
    effective_at: instant,
    uploaded_at: instant,
    deleted_at: instant,
  }),
  scores: mirror('scores', 'score', { evidence_ids: json, updated_at: instant }),
  findings: mirror('findings', 'finding', {
    due_at: instant,
    misstatement: hundredths,
    raised_at: instant,
    closed_at: instant,
  }),
  finding_rounds: mirror('finding_rounds', 'finding_round', { created_at: instant }),
  decisions: mirror('decisions', 'decision', { score: hundredths, decided_at: instant, received_at: instant }),
  certificates: mirror('certificates', 'certificate', { claimed_at: instant, received_at: instant }),
  signatures: mirror('signatures', 'signature', { claimed_at: instant }),
}

/** The mirrored table of a name of the cloud, or undefined where this program does not know it. */
export const findMirrorTable = (wire: string): MirrorTable | undefined =>
  Object.hasOwn(mirrorTables, wire) ? mirrorTables[wire as MirroredTable] : undefined
