import type { BatchDetail } from '../../shared/contract/views.ts'
import type { BatchId } from '../../shared/domain/ids.ts'
import { materiality } from '../../shared/domain/materiality.ts'
import type { Person } from '../../shared/domain/person.ts'
import { actionsOf } from '../../shared/domain/transitions.ts'
import { fail, ok, type Result } from '../../shared/result.ts'
import { grantStandings } from '../access-grants/grant-standing.ts'
import type { CaseContext } from '../database/case-context.ts'
import { reading } from '../database/database.ts'
import type { ReadHandle } from '../database/handles.ts'
import { listOf } from '../database/lists.ts'
import { queryBuilder } from '../database/query-builder.ts'
import { readDecisions } from '../decisions/read-decisions.ts'
import { unsettledStates } from '../outbox/change-states.ts'
import { overlayRows, readPendingRows } from '../outbox/pending-rows.ts'
import { readCertificates } from './read-certificates.ts'
import { gatesFor, type ReviewFacts, readReviewFacts } from './review-facts.ts'

/** Everything that the batch screen shows, with the local changes on top. Fails with `not_found` when the batch is not mirrored here. */
export function getBatchDetail(context: CaseContext, input: { readonly batchId: string }): Result<BatchDetail> {
  const { read } = context.database
  const batchId = input.batchId as BatchId
  const result = reading(() => {
    const facts = readReviewFacts(read, context, [batchId]).get(batchId)
    return facts === undefined ? null : assemble(read, context, facts)
  })
  if (!result.ok) return result
  return result.value === null
    ? fail(
        'not_found',
        'This batch is not on this computer.',
        'Sync; if it stays away, it is no longer assigned to you.',
      )
    : ok(result.value)
}

function assemble(read: ReadHandle, { person }: CaseContext, facts: ReviewFacts): BatchDetail {
  const { batch } = facts
  const project = read.first(queryBuilder.selectFrom('project').selectAll().where('id', '=', batch.projectId))
  const decisions = readDecisions(read, [batch.id], unsettledStates).get(batch.id) ?? []
  const assignments = readAssignments(read, batch.id)
  const people = readNames(read, [
    batch.recyclerId,
    ...decisions.map(({ actorId }) => actorId),
    ...assignments.map(({ user_id }) => user_id),
  ])
  return {
    batch,
    status: facts.status,
    project: {
      name: project?.name ?? 'Project not mirrored',
      description: project?.description ?? null,
      location: project?.location ?? batch.location,
      latitude: project?.latitude ?? null,
      longitude: project?.longitude ?? null,
      timeZone: project?.time_zone ?? 'UTC',
    },
    recyclerName: people.get(batch.recyclerId)?.name ?? unknownPerson,
    recyclerOrganization: people.get(batch.recyclerId)?.organization_name ?? null,
    assignments: assignments.map(({ user_id, role, due_at }) => ({
      personName: user_id === person.id ? person.name : (people.get(user_id)?.name ?? unknownPerson),
      role,
      dueAt: due_at,
      mine: user_id === person.id,
    })),
    evidence: facts.evidence,
    rubric: facts.rubric,
    scores: facts.scores,
    scoreHundredths: facts.score.hundredths,
    unscoredCriteria: facts.score.unscored,
    findings: facts.findings,
    materiality: materiality(facts.findings, batch.quantity, batch.standard),
    decisions: decisions.map((decision) => ({
      ...decision,
      actorName: decision.actorId === person.id ? person.name : (people.get(decision.actorId)?.name ?? unknownPerson),
    })),
    certificates: readCertificates(read, batch.id),
    actions: actionsOf(person).map((action) => ({ action, gates: gatesFor(facts, person, action, 1) })),
    standings: standingsFor(facts, person),
    syncMark: facts.syncMark,
    stale: facts.stale,
    pinned:
      read.first(queryBuilder.selectFrom('pinned_batch').select('batch_id').where('batch_id', '=', batch.id)) !==
      undefined,
  }
}

/** What of the person's grants concerns the batch: nothing for whoever decides nothing. */
const standingsFor = (facts: ReviewFacts, { subRole }: Person): BatchDetail['standings'] =>
  subRole === 'accredited_auditor' || subRole === 'desk_verifier'
    ? grantStandings(subRole === 'accredited_auditor' ? 'verify' : 'approve', facts.grants)
    : []

/** A person whom the register's mirrored directory does not hold. */
const unknownPerson = 'Unknown person'

function readAssignments(read: ReadHandle, batchId: BatchId) {
  const mirrored = read.all(
    queryBuilder
      .selectFrom('assignment')
      .selectAll()
      .where('batch_id', '=', batchId)
      .where('ended_at', 'is', null)
      .orderBy('assigned_at'),
  )
  return overlayRows(mirrored, readPendingRows(read, 'assignment', [batchId]))
}

function readNames(read: ReadHandle, ids: readonly string[]) {
  const rows = read.all(
    queryBuilder.selectFrom('person').select(['id', 'name', 'organization_name']).where('id', 'in', listOf(ids)),
  )
  return new Map<string, (typeof rows)[number]>(rows.map((row) => [row.id, row]))
}
