import { smallRubric } from '../support.ts'
import { type DescribeArea, endings, letIn, readings } from './area.ts'

const everything = ['mine', 'pool', 'settled', 'theirs']
const reviewing = {
  field_agent: ['mine'],
  desk_verifier: ['mine'],
  auditor: ['theirs'],
  compliance: everything,
  admin: everything,
}
const withRecycler = { ...reviewing, recycler: ['mine', 'pool'] }
const withPool = {
  ...withRecycler,
  desk_verifier: ['mine', 'pool'],
  auditor: ['pool', 'theirs'],
  other_organization: ['pool'],
}
/** What may be bought is read by buyers, who read nothing else that belongs to a batch. */
const withSold = {
  ...withPool,
  recycler: ['mine', 'pool', 'sold'],
  buyer: ['sold'],
  compliance: ['mine', 'pool', 'settled', 'sold', 'theirs'],
  admin: ['mine', 'pool', 'settled', 'sold', 'theirs'],
}

const allAssignments = ['mine', 'mine', 'mine', 'mine', 'settled', 'theirs', 'theirs', 'theirs']
const myAssignments = ['mine', 'mine', 'mine', 'mine']

/** Batches, what belongs to them, and the functions that administer reviews. */
export const review: DescribeArea = (world) => ({
  tables: {
    batches: { label: 'id', rows: readings(withSold) },
    evidence_files: { label: 'batch_id', rows: readings(withPool) },
    projects: {
      label: `case user_id when '$recycler' then 'mine' else 'theirs' end`,
      rows: readings({
        recycler: ['mine'],
        buyer: ['mine'],
        field_agent: ['mine'],
        desk_verifier: ['mine'],
        auditor: ['mine', 'theirs'],
        other_organization: ['mine'],
        compliance: ['mine', 'theirs'],
        admin: ['mine', 'theirs'],
      }),
    },
    assignments: {
      label: 'batch_id',
      rows: readings({
        field_agent: myAssignments,
        desk_verifier: myAssignments,
        auditor: ['theirs', 'theirs', 'theirs'],
        compliance: allAssignments,
        admin: allAssignments,
      }),
    },
    scores: { label: 'batch_id', rows: readings(reviewing) },
    findings: { label: 'batch_id', rows: readings(withRecycler) },
    finding_rounds: { label: 'batch_id', rows: readings(withRecycler) },
    decisions: { label: 'batch_id', rows: readings(withRecycler) },
    certificates: { label: 'batch_id', rows: readings(withRecycler) },
    signatures: { label: 'batch_id', rows: readings(withRecycler) },
    verifications: { label: 'batch_id', rows: readings(withRecycler) },
    trust_anchors: { label: 'name', rows: letIn(['in force']) },
    rubrics: { label: 'standard', rows: letIn(['APRS'], { admin: ['APRS', 'PCX'] }) },
    credit_rules: { label: `'rule'`, rows: letIn(Array.from({ length: 6 }, () => 'rule')) },
  },
  functions: {
    batch_content_hash: {
      parameters: () => ({ batch_id: world.batches.mine }),
      ends: endings('ok', { pending: 'ok', suspended: 'ok' }),
    },
    calculate_batch_credits: {
      parameters: () => ({ batch_id: world.batches.pool }),
      ends: endings('not_allowed', {
        recycler: 'ok',
        admin: 'ok',
        pending: 'not_allowed',
        suspended: 'not_allowed',
        service: 'ok',
      }),
    },
    publish_rubric: {
      parameters: () => ({ p_standard: 'ARCS', p_title: 'x', p_body: smallRubric }),
      ends: endings('not_allowed', { admin: 'ok', service: 'ok' }),
    },
    assign_batches: {
      parameters: () => ({
        p_batches: [world.batches.pool],
        p_user: world.people.auditor,
        p_role: 'accredited_auditor',
      }),
      ends: endings('not_allowed', { admin: 'ok', service: 'ok' }),
    },
    end_assignments: {
      parameters: () => ({ p_batches: [world.batches.pool], p_user: world.people.auditor }),
      ends: endings('not_allowed', { admin: 'ok', service: 'ok' }),
    },
  },
  writableColumns: {
    batches: {
      insert:
        'date_submitted description documents id location period_end period_start photos project_id standard tons_or_kwh user_id'.split(
          ' ',
        ),
      update: 'date_submitted description documents location period_end period_start photos tons_or_kwh'.split(' '),
    },
    projects: {
      insert:
        'coordinates credit_price description id latitude location longitude name standard time_zone user_id'.split(
          ' ',
        ),
      update: 'coordinates credit_price description latitude location longitude name time_zone'.split(' '),
    },
    evidence_files: {
      insert: 'batch_id bucket byte_size effective_at id kind media_type object_path sha256 title uploaded_by'.split(
        ' ',
      ),
      update: ['deleted_at'],
    },
  },
})
