import { sql } from 'kysely'
import type { BatchListRow } from '../../shared/contract/views.ts'
import type { BatchStatus } from '../../shared/domain/batch.ts'
import type { BatchId } from '../../shared/domain/ids.ts'
import type { Standard } from '../../shared/domain/standard.ts'
import type { RowSyncMark } from '../../shared/domain/sync-state.ts'
import type { Result } from '../../shared/result.ts'
import type { CaseContext } from '../database/case-context.ts'
import { reading } from '../database/database.ts'
import type { ReadHandle } from '../database/handles.ts'
import { listOf } from '../database/lists.ts'
import { queryBuilder } from '../database/query-builder.ts'
import { overlayRows, readPendingRows } from '../outbox/pending-rows.ts'

/** Queue rows by their numbers, in the order asked for. Rows that left the mirror meanwhile are missing in the answer. */
export function readBatchRows(
  context: CaseContext,
  { rows }: { readonly rows: readonly number[] },
): Result<readonly BatchListRow[]> {
  const { read } = context.database
  return reading(() => {
    const found = new Map(readRows(read, context, rows).map((row) => [row.row, row]))
    return rows.flatMap((row) => found.get(row) ?? [])
  })
}

function readRows(read: ReadHandle, { person }: CaseContext, rows: readonly number[]): readonly BatchListRow[] {
  const batches = read.all(
    queryBuilder
      .selectFrom('batch')
      .leftJoin('project', 'project.id', 'batch.project_id')
      .leftJoin('person', 'person.id', 'batch.user_id')
      .leftJoin('batch_overlay', 'batch_overlay.batch_id', 'batch.id')
      .select([
        'batch.row',
        'batch.id',
        'batch.batch_hash',
        'batch.location',
        'batch.standard',
        'batch.quantity',
        'batch.status',
        'batch.risk_score',
        'batch.date_submitted',
        'batch.verification_score',
        'project.name as project_name',
        'person.name as recycler_name',
        'batch_overlay.status as local_status',
        'batch_overlay.score as local_score',
        'batch_overlay.mark',
        'batch_overlay.stale',
      ])
      .select(sql<string | null>`batch.risk_reasons ->> 0`.as('risk_reason'))
      .where('batch.row', 'in', listOf(rows)),
  )
  const ids = batches.map(({ id }) => id)
  const due = new Map(readDueDates(read, person.id, ids).map(({ batch_id, due_at }) => [batch_id, due_at]))
  const evidence = new Map(readEvidenceCounts(read, person.id, ids).map((row) => [row.batch_id, row]))
  const openFindings = countOpenFindings(read, ids)
  return batches.map((batch) => ({
    row: batch.row,
    id: batch.id as BatchId,
    batchHash: batch.batch_hash,
    projectName: batch.project_name ?? '',
    recyclerName: batch.recycler_name ?? '',
    location: batch.location,
    standard: batch.standard as Standard,
    quantity: batch.quantity,
    status: (batch.local_status ?? batch.status) as BatchStatus,
    riskScore: batch.risk_score,
    riskReason: batch.risk_reason,
    dateSubmitted: batch.date_submitted,
    dueAt: due.get(batch.id) ?? null,
    evidenceCount: evidence.get(batch.id)?.total ?? 0,
    viewedCount: evidence.get(batch.id)?.viewed ?? 0,
    openFindings: openFindings.get(batch.id) ?? 0,
    score: batch.local_score ?? batch.verification_score,
    syncMark: batch.mark as RowSyncMark,
    stale: batch.stale === 1,
  }))
}

/** When the person's own assignment is due. */
const readDueDates = (read: ReadHandle, personId: string, ids: readonly string[]) =>
  read.all(
    queryBuilder
      .selectFrom('assignment')
      .select(({ fn }) => ['batch_id', fn.min('due_at').as('due_at')])
      .where('batch_id', 'in', listOf(ids))
      .where('user_id', '=', personId)
      .where('ended_at', 'is', null)
      .groupBy('batch_id'),
  )

const readEvidenceCounts = (read: ReadHandle, personId: string, ids: readonly string[]) =>
  read.all(
    queryBuilder
      .selectFrom('evidence_file')
      .leftJoin('evidence_view', (join) =>
        join
          .onRef('evidence_view.evidence_file_id', '=', 'evidence_file.id')
          .onRef('evidence_view.sha256', '=', 'evidence_file.sha256')
          .on('evidence_view.person_id', '=', personId),
      )
      .select(({ fn }) => [
        'evidence_file.batch_id',
        fn.countAll<number>().as('total'),
        fn.count<number>('evidence_view.viewed_at').as('viewed'),
      ])
      .where('evidence_file.batch_id', 'in', listOf(ids))
      .where('evidence_file.deleted_at', 'is', null)
      .groupBy('evidence_file.batch_id'),
  )

/** Findings that still wait for somebody, unsent changes on top. */
function countOpenFindings(read: ReadHandle, ids: readonly string[]): ReadonlyMap<string, number> {
  const mirrored = read.all(
    queryBuilder.selectFrom('finding').select(['id', 'batch_id', 'status']).where('batch_id', 'in', listOf(ids)),
  )
  const counts = new Map<string, number>()
  for (const { batch_id, status } of overlayRows(mirrored, readPendingRows(read, 'finding', ids))) {
    if (status === 'open' || status === 'answered') counts.set(batch_id, (counts.get(batch_id) ?? 0) + 1)
  }
  return counts
}
