import type { EvidenceView } from '../../shared/contract/views.ts'
import type { Batch, BatchStatus } from '../../shared/domain/batch.ts'
import { contentHash } from '../../shared/domain/content-hash.ts'
import { formatHundredths } from '../../shared/domain/decimal.ts'
import type { DecisionAction } from '../../shared/domain/decision.ts'
import type { Finding } from '../../shared/domain/finding.ts'
import type { Gate } from '../../shared/domain/gate.ts'
import { decisionGates } from '../../shared/domain/gates.ts'
import type { GrantFacts } from '../../shared/domain/grant-gates.ts'
import type { OrganizationId } from '../../shared/domain/ids.ts'
import type { Person } from '../../shared/domain/person.ts'
import type { Rubric } from '../../shared/domain/rubric.ts'
import { type RubricScore, rubricScore } from '../../shared/domain/rubric-score.ts'
import type { Score } from '../../shared/domain/score.ts'
import type { RowSyncMark } from '../../shared/domain/sync-state.ts'
import { grantFactsOf, readPersonGrants } from '../access-grants/grant-facts.ts'
import type { CaseContext } from '../database/case-context.ts'
import type { ReadHandle } from '../database/handles.ts'
import { listOf } from '../database/lists.ts'
import { queryBuilder } from '../database/query-builder.ts'
import { type DecisionWithState, readDecisions } from '../decisions/read-decisions.ts'
import { readFindings } from '../findings/read-findings.ts'
import { readPendingRows } from '../outbox/pending-rows.ts'
import { sha256Hex } from '../platform/identifiers.ts'
import { readRubricsInForce } from '../rubrics/read-rubrics.ts'
import { readScores } from '../scores/read-scores.ts'
import { toBatch } from './batch-row.ts'
import { readEvidence } from './read-evidence.ts'

/** All that a decision on one batch looks at, with the local changes on top. */
export interface ReviewFacts {
  readonly batch: Batch
  readonly status: BatchStatus
  readonly assigned: boolean
  readonly recyclerOrganizationId: OrganizationId | null
  readonly evidence: readonly EvidenceView[]
  readonly rubric: Rubric | null
  /** The person's own scores by the rubric in force. */
  readonly scores: readonly Score[]
  readonly score: RubricScore
  readonly findings: readonly Finding[]
  readonly decisions: readonly DecisionWithState[]
  readonly syncMark: RowSyncMark
  /** Changed under an open local decision, or not what its content hash says. */
  readonly stale: boolean
  /** What the person was granted, and what the registry asks for. */
  readonly grants: Omit<GrantFacts, 'action'>
}

const noScore: RubricScore = { hundredths: null, unscored: [], knockedOut: [] }

/** Reads the facts of many batches with one query for each kind of thing. Batches that are not here are missing in the answer. */
export function readReviewFacts(
  read: ReadHandle,
  context: Pick<CaseContext, 'person' | 'clock' | 'clockOffsetMilliseconds'>,
  batchIds: readonly string[],
): ReadonlyMap<string, ReviewFacts> {
  const { person } = context
  const rows = read.all(
    queryBuilder
      .selectFrom('batch')
      .leftJoin('batch_overlay', 'batch_overlay.batch_id', 'batch.id')
      .leftJoin('person', 'person.id', 'batch.user_id')
      .selectAll('batch')
      .select([
        'batch_overlay.status as local_status',
        'batch_overlay.mark',
        'batch_overlay.stale',
        'person.organization_id',
      ])
      .where('batch.id', 'in', listOf(batchIds)),
  )
  const evidence = readEvidence(read, person.id, batchIds)
  const findings = readFindings(read, batchIds)
  const scores = readScores(read, person.id, batchIds)
  const decisions = readDecisions(read, batchIds)
  const assigned = readAssignedIds(read, person, batchIds)
  const rubrics = readRubricsInForce(read)
  const granted = readPersonGrants(read, context)
  return new Map(
    rows.map((row) => {
      const batch = toBatch(row)
      const rubric = rubrics.get(batch.standard) ?? null
      const mine = (scores.get(batch.id) ?? []).filter(({ rubricId }) => rubricId === rubric?.id)
      const files = evidence.get(batch.id) ?? []
      return [
        batch.id,
        {
          batch,
          status: (row.local_status ?? batch.status) as BatchStatus,
          assigned: assigned.has(batch.id),
          recyclerOrganizationId: row.organization_id as OrganizationId | null,
          evidence: files,
          rubric,
          scores: mine,
          score: rubric === null ? noScore : rubricScore(rubric.criteria, mine),
          findings: findings.get(batch.id) ?? [],
          decisions: decisions.get(batch.id) ?? [],
          syncMark: row.mark as RowSyncMark,
          stale: row.stale === 1 || localContentHash(batch, files, rubric) !== batch.contentHash,
          grants: grantFactsOf(granted, {
            standard: batch.standard,
            recyclerId: batch.recyclerId,
            organizationId: row.organization_id,
            projectId: batch.projectId,
          }),
        },
      ]
    }),
  )
}

/** The content hash of what is mirrored here; another one than the batch's own means that not all of it is here, or not the same. */
export function localContentHash(
  batch: Batch,
  evidence: readonly Pick<EvidenceView, 'id' | 'kind' | 'sha256'>[],
  rubric: Pick<Rubric, 'id' | 'revision'> | null,
): string {
  return contentHash(
    {
      batch: {
        id: batch.id,
        batch_hash: batch.batchHash,
        user_id: batch.recyclerId,
        project_id: batch.projectId,
        standard: batch.standard,
        tons_or_kwh: formatHundredths(batch.quantity),
        location: batch.location,
        date_submitted: batch.dateSubmitted,
        description: batch.description,
      },
      calculation: {
        plastic_credits: formatHundredths(batch.plasticCredits),
        carbon_credits: formatHundredths(batch.carbonCredits),
      },
      evidence,
      rubric,
    },
    sha256Hex,
  )
}

/** The gates of one action on one batch that are not open, see `decisionGates`. */
export function gatesFor(
  facts: ReviewFacts,
  person: Person,
  action: DecisionAction,
  batchCount: number,
): readonly Gate[] {
  return decisionGates({
    action,
    person,
    status: facts.status,
    assigned: facts.assigned,
    recyclerId: facts.batch.recyclerId,
    recyclerOrganizationId: facts.recyclerOrganizationId,
    decisions: facts.decisions,
    findings: facts.findings,
    rubric: facts.rubric,
    score: facts.score,
    evidence: facts.evidence.map(({ id, title, viewedAt, presence }) => ({
      id,
      title,
      viewed: viewedAt !== null,
      altered: presence === 'altered',
    })),
    riskScore: facts.batch.riskScore,
    batchCount,
    stale: facts.stale,
    conflictPending: facts.syncMark === 'conflict' || facts.syncMark === 'rejected',
    grants: facts.grants,
  })
}

/** Which of these batches the person works on, unsent claims included. */
function readAssignedIds(read: ReadHandle, person: Person, batchIds: readonly string[]): ReadonlySet<string> {
  const mirrored = read.all(
    queryBuilder
      .selectFrom('assignment')
      .select('batch_id')
      .where('batch_id', 'in', listOf(batchIds))
      .where('user_id', '=', person.id)
      .where('ended_at', 'is', null),
  )
  const claimed = readPendingRows(read, 'assignment', batchIds)
  return new Set([...mirrored.map(({ batch_id }) => batch_id), ...claimed.map(({ batchId }) => batchId)])
}
