import type { RegisterRow } from '../../shared/contract/views.ts'
import type { BatchStatus } from '../../shared/domain/batch.ts'
import type { DecisionAction, Opinion } from '../../shared/domain/decision.ts'
import type { CalendarDate, Sha256 } from '../../shared/domain/ids.ts'
import type { Standard } from '../../shared/domain/standard.ts'
import type { CaseContext } from '../database/case-context.ts'

/** Days in UTC, both included. */
export interface RegisterPeriod {
  readonly from: CalendarDate
  readonly to: CalendarDate
}

/** Every decision that the cloud holds and this person may see, taken in a period, oldest first. */
export function readDecisionsRegister(
  context: CaseContext,
  { from, to }: RegisterPeriod,
  limit: number | null,
): { readonly rows: readonly RegisterRow[]; readonly total: number } {
  const { build, read } = context.database
  const inPeriod = build
    .selectFrom('decision')
    .where('decision.decided_at', '>=', `${from}T00:00:00.000Z`)
    .where('decision.decided_at', '<=', `${to}T23:59:59.999Z`)
  const total = read.first(inPeriod.select(({ fn }) => fn.countAll<number>().as('total')))?.total ?? 0
  const query = inPeriod
    .leftJoin('batch', 'batch.id', 'decision.batch_id')
    .leftJoin('project', 'project.id', 'batch.project_id')
    .leftJoin('person', 'person.id', 'decision.actor_id')
    .leftJoin('certificate', 'certificate.decision_id', 'decision.id')
    .select([
      'decision.id as decision_id',
      'decision.decided_at',
      'decision.received_at',
      'decision.action',
      'decision.from_status',
      'decision.to_status',
      'decision.reason',
      'decision.score',
      'decision.opinion',
      'decision.content_hash',
      'decision.actor_id',
      'decision.batch_id',
      'batch.batch_hash',
      'batch.standard',
      'batch.quantity',
      'project.name as project_name',
      'person.name as actor_name',
      'certificate.certificate_number',
    ])
    .orderBy('decision.decided_at')
    .orderBy('decision.id')
  const rows = read.all(limit === null ? query : query.limit(limit)).map(
    (row): RegisterRow => ({
      decisionId: row.decision_id,
      decidedAt: row.decided_at,
      receivedAt: row.received_at,
      // A decision outlives a person's sight of its batch; the ids then stand for the names.
      batchHash: row.batch_hash ?? row.batch_id,
      projectName: row.project_name ?? '',
      standard: row.standard as Standard | null,
      quantity: row.quantity,
      action: row.action as DecisionAction,
      fromStatus: row.from_status as BatchStatus,
      toStatus: row.to_status as BatchStatus,
      reason: row.reason,
      score: row.score,
      actorName: row.actor_name ?? row.actor_id,
      opinion: row.opinion as Opinion | null,
      certificateNumber: row.certificate_number,
      contentHash: row.content_hash as Sha256,
    }),
  )
  return { rows, total }
}
