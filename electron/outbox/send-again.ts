import type { BatchStatus } from '../../shared/domain/batch.ts'
import type { DecisionAction } from '../../shared/domain/decision.ts'
import type { MutationId } from '../../shared/domain/ids.ts'
import { nextStatus } from '../../shared/domain/transitions.ts'
import { fail, ok, type Result } from '../../shared/result.ts'
import { type MutationDto, schemaVersion } from '../../shared/wire/sync.ts'
import { appendAuditEvents } from '../audit-trail/append-audit-events.ts'
import type { CaseContext } from '../database/case-context.ts'
import type { ReadHandle, WriteHandle } from '../database/handles.ts'
import { queryBuilder } from '../database/query-builder.ts'
import type { Row } from '../database/tables.ts'
import { newIdAt } from '../platform/identifiers.ts'
import { parkedStates } from './change-states.ts'
import { followersOf } from './followers.ts'

/** The row that a change made anew is based on. */
interface Base {
  readonly rowId: string
  readonly version: number
}

/**
 * Makes a parked change anew on the row as the cloud now has it, under a new id, because the cloud answers a repeat of the old id with
 * the old fate. What it says, when it was said and the content it is bound to stay. The old one is kept as superseded; changes that
 * waited behind it follow. That a conflict was overridden is in the log.
 */
export function sendAgain(handle: WriteHandle, context: CaseContext, change: Row<'outbox'>): Result<MutationId> {
  const body = JSON.parse(change.body) as MutationDto
  const base = findNewBase(handle, context, change)
  if (!base.ok) return base
  const mutationId = replace(handle, context, change, { ...base.value, after: null })
  const replaced = new Map([[change.mutation_id, mutationId as string]])
  for (const follower of followersOf(handle, change)) {
    const { row_id, base_version, after_mutation_id } = JSON.parse(follower.body) as MutationDto
    const after = replaced.get(after_mutation_id ?? '') ?? null
    const rowId = row_id === body.row_id ? base.value.rowId : row_id
    replaced.set(follower.mutation_id, replace(handle, context, follower, { rowId, version: base_version, after }))
  }
  return ok(mutationId)
}

/** The row that a parked change would be made anew on, or why it cannot be. */
export function findNewBase(read: ReadHandle, context: CaseContext, change: Row<'outbox'>): Result<Base> {
  const body = JSON.parse(change.body) as MutationDto
  const earlier = body.after_mutation_id === null ? undefined : findState(read, body.after_mutation_id)
  if (change.state === 'waiting' && earlier !== undefined && parkedStates.some((state) => state === earlier)) {
    return fail('blocked', 'An earlier change to the same row is not settled.', 'Settle the earlier one first.')
  }
  return findBase(read, context, body)
}

const findState = (handle: ReadHandle, mutationId: string): string | undefined =>
  handle.first(queryBuilder.selectFrom('outbox').select('state').where('mutation_id', '=', mutationId))?.state

/** The row that the change is about, as the mirror now has it. */
function findBase(handle: ReadHandle, context: CaseContext, body: MutationDto): Result<Base> {
  switch (body.kind) {
    case 'batch.claim':
    case 'decision.record':
      return findBatchBase(handle, context, body)
    case 'score.set': {
      const score = handle.first(
        queryBuilder
          .selectFrom('score')
          .select(['id', 'version'])
          .where('batch_id', '=', body.batch_id)
          .where('verifier_id', '=', context.person.id)
          .where('criterion_code', '=', String(body.payload.criterion_code)),
      )
      return ok({ rowId: score?.id ?? body.row_id, version: score?.version ?? 0 })
    }
    case 'finding.respond':
    case 'finding.close':
    case 'finding.withdraw': {
      const finding = handle.first(queryBuilder.selectFrom('finding').select('version').where('id', '=', body.row_id))
      return finding === undefined
        ? fail('not_found', 'The finding is not here any more.', 'Give this change up.')
        : ok({ rowId: body.row_id, version: finding.version })
    }
    case 'finding.raise':
    case 'certificate.issue':
    case 'independence.declare':
      return ok({ rowId: body.row_id, version: 0 })
  }
}

function findBatchBase(handle: ReadHandle, { person }: CaseContext, body: MutationDto): Result<Base> {
  const batch = handle.first(
    queryBuilder.selectFrom('batch').select(['version', 'status', 'content_hash']).where('id', '=', body.batch_id),
  )
  if (batch === undefined) return fail('not_found', 'The batch is not here any more.', 'Give this change up.')
  if (body.content_hash !== null && body.content_hash !== batch.content_hash) {
    return fail(
      'stale',
      'The batch, its evidence or its rubric changed after this was decided.',
      'Look at what changed, give this decision up, and decide again.',
    )
  }
  const action = (body.kind === 'batch.claim' ? 'claim' : body.payload.action) as DecisionAction
  if (nextStatus(batch.status as BatchStatus, action, person) === null) {
    return fail(
      'blocked',
      `A batch that is ${batch.status.replaceAll('_', ' ')} cannot take this decision.`,
      'Look at its history, then give this decision up.',
    )
  }
  return ok({ rowId: body.row_id, version: batch.version })
}

function replace(
  handle: WriteHandle,
  context: CaseContext,
  change: Row<'outbox'>,
  base: Base & { readonly after: string | null },
): MutationId {
  const mutationId = newIdAt<MutationId>(context.clock.now())
  // One that was sent over the cloud's version and refused is still that when it is sent once more.
  const overrides = change.state === 'conflict' || change.overrides === 1
  const body: MutationDto = {
    ...(JSON.parse(change.body) as MutationDto),
    mutation_id: mutationId,
    schema_version: schemaVersion,
    row_id: base.rowId,
    base_version: base.version,
    after_mutation_id: base.after,
  }
  handle
    .prepare(
      `insert into outbox
        (mutation_id, kind, state, batch_id, row_id, body, schema_version, summary, created_at, base, replaces, overrides)
      values (?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      mutationId,
      change.kind,
      change.batch_id,
      base.rowId,
      JSON.stringify(body),
      schemaVersion,
      change.summary,
      context.clock.now(),
      change.base,
      change.mutation_id,
      overrides ? 1 : 0,
    )
  handle
    .prepare("update outbox set state = 'superseded', resolution = 'sent_again', settled_at = ? where mutation_id = ?")
    .run(context.clock.now(), change.mutation_id)
  handle
    .prepare(
      `update pending_row set mutation_id = ?1,
        body = case when row_id = ?2 then json_set(body, '$.id', ?3) else body end,
        row_id = case when row_id = ?2 then ?3 else row_id end
      where mutation_id = ?4`,
    )
    .run({ 1: mutationId, 2: change.row_id, 3: base.rowId, 4: change.mutation_id })
  handle
    .prepare("update upload set mutation_id = ?, state = 'waiting' where mutation_id = ? and state <> 'done'")
    .run(mutationId, change.mutation_id)
  appendAuditEvents(handle, context, [
    {
      action: 'change.sent_again',
      entity: 'change',
      entityId: mutationId,
      entityLabel: change.summary,
      before: { mutation_id: change.mutation_id, state: change.state, error: change.last_error },
      after: { state: 'queued', base_version: base.version, overrides_conflict: overrides },
    },
  ])
  return mutationId
}
