import type { Compilable } from 'kysely'
import { formatHundredths } from '../../shared/domain/decimal.ts'
import type { MutationKind } from '../../shared/domain/sync-state.ts'
import type { ReadHandle } from '../database/handles.ts'
import { queryBuilder } from '../database/query-builder.ts'

/** One side of a comparison, field by field, in the names of the cloud. */
export type Side = Readonly<Record<string, unknown>>

/** What a change is about, as far as finding the cloud's row takes it. */
export interface Subject {
  readonly kind: MutationKind
  readonly rowId: string
  readonly batchId: string
  readonly payload: Readonly<Record<string, unknown>>
}

/**
 * The row that a change is about as the mirror holds it, with who did what last; null where the cloud has shown no such row. With a
 * person, a score is also found that this person gave on another device, under another id.
 */
export function readCloudSide(read: ReadHandle, subject: Subject, personId: string | null): Side | null {
  switch (subject.kind) {
    case 'score.set':
      return scoreSide(read, subject, personId)
    case 'finding.raise':
    case 'finding.respond':
    case 'finding.close':
    case 'finding.withdraw':
      return findingSide(read, subject)
    case 'batch.claim':
      return batchSide(read, subject.batchId, findClaim(read, subject.batchId))
    case 'decision.record':
      return batchSide(read, subject.batchId, findLastDecision(read, subject.batchId))
    case 'certificate.issue':
      return batchSide(read, subject.batchId, findCertificate(read, subject.batchId))
    case 'independence.declare':
      return batchSide(read, subject.batchId, undefined)
  }
}

const decimal = (hundredths: number | null): string | null =>
  hundredths === null ? null : formatHundredths(hundredths)

/** A query whose one parameter is an id, compiled once: a decision on thousands of batches asks it for each of them. */
function byId<Found>(query: Compilable<Found>): (read: ReadHandle, id: string) => Found | undefined {
  const compiled = query.compile()
  return (read, id) => read.first<Found>({ ...compiled, parameters: [id] })
}

const findBatch = byId(
  queryBuilder
    .selectFrom('batch')
    .select([
      'standard',
      'status',
      'quantity',
      'location',
      'date_submitted',
      'description',
      'verification_score',
      'risk_score',
      'content_hash',
      'updated_at',
      'version',
    ])
    .where('id', '=', ''),
)

function batchSide(read: ReadHandle, batchId: string, more: Side | undefined): Side | null {
  const batch = findBatch(read, batchId)
  if (batch === undefined) return null
  const { quantity, verification_score, ...same } = batch
  return { ...same, tons_or_kwh: decimal(quantity), verification_score: decimal(verification_score), ...more }
}

/** Who decided last on a batch, and how. */
const findLastDecision = byId(
  queryBuilder
    .selectFrom('decision')
    .select(['action', 'reason', 'opinion', 'assurance_level', 'actor_id', 'decided_at'])
    .where('batch_id', '=', '')
    .orderBy('received_at', 'desc')
    .orderBy('row', 'desc'),
)

/** Who has a batch. */
const findClaim = byId(
  queryBuilder
    .selectFrom('assignment')
    .select(['user_id as actor_id', 'assigned_at'])
    .where('batch_id', '=', '')
    .where('ended_at', 'is', null)
    .orderBy('assigned_at'),
)

const findCertificate = byId(
  queryBuilder
    .selectFrom('certificate')
    .select(['certificate_number', 'opinion', 'assurance_level', 'sha256', 'issued_by as actor_id', 'claimed_at'])
    .where('batch_id', '=', '')
    .orderBy('received_at', 'desc'),
)

const scores = queryBuilder
  .selectFrom('score')
  .select([
    'criterion_code',
    'points',
    'not_applicable_reason',
    'note',
    'evidence_ids',
    'verifier_id as actor_id',
    'updated_at',
    'version',
  ])

function scoreSide(read: ReadHandle, { rowId, batchId, payload }: Subject, personId: string | null): Side | null {
  const score = read.first(
    personId === null
      ? scores.where('id', '=', rowId)
      : scores
          .where('batch_id', '=', batchId)
          .where('verifier_id', '=', personId)
          .where('criterion_code', '=', String(payload.criterion_code)),
  )
  return score === undefined ? null : { ...score, evidence_ids: JSON.parse(score.evidence_ids) as unknown }
}

function findingSide(read: ReadHandle, { rowId, batchId }: Subject): Side | null {
  const finding = read.first(
    queryBuilder
      .selectFrom('finding')
      .select([
        'kind',
        'title',
        'description',
        'criterion_code',
        'status',
        'due_at',
        'misstatement',
        'round',
        'version',
      ])
      .where('id', '=', rowId),
  )
  if (finding === undefined) return null
  const said = read.first(
    queryBuilder
      .selectFrom('finding_round')
      .select(['body', 'on_behalf_of', 'author_id as actor_id', 'created_at as updated_at'])
      .where('batch_id', '=', batchId)
      .where('finding_id', '=', rowId)
      .orderBy('created_at', 'desc')
      .orderBy('row', 'desc')
      .limit(1),
  )
  return { ...finding, misstatement: decimal(finding.misstatement), ...said }
}
