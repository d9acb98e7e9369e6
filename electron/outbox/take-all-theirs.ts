import type { RequestOf } from '../../shared/contract/channels.ts'
import type { KindCount, ManyResolved } from '../../shared/contract/outbox-views.ts'
import type { MutationKind } from '../../shared/domain/sync-state.ts'
import { fail, ok, type Result } from '../../shared/result.ts'
import type { CaseContext } from '../database/case-context.ts'
import { reading, transact } from '../database/database.ts'
import { queryBuilder } from '../database/query-builder.ts'
import { refreshOverlay } from './batch-overlay.ts'
import { parkedStates } from './change-states.ts'
import { giveUp } from './give-up.ts'

/** How many changes of each kind are in these states, most first. */
export function countKinds(
  { database }: Pick<CaseContext, 'database'>,
  { states }: RequestOf<'outbox.kinds'>,
): Result<readonly KindCount[]> {
  return reading(() =>
    database.read
      .all(
        queryBuilder
          .selectFrom('outbox')
          .select(({ fn }) => ['kind', fn.countAll<number>().as('count')])
          .where('state', 'in', states)
          .groupBy('kind')
          .orderBy('count', 'desc'),
      )
      .map(({ kind, count }) => ({ kind: kind as MutationKind, count })),
  )
}

/**
 * Gives every parked change of one kind up for the cloud's rows, in one transaction, and those that build on them. Refused with `stale`
 * when there are not as many as the person was asked about.
 */
export function takeAllTheirs(
  context: CaseContext,
  { states, kind, expected }: RequestOf<'outbox.takeAllTheirs'>,
): Result<ManyResolved> {
  const wanted = parkedStates.filter((state) => states.includes(state))
  return transact(context.database, (handle) => {
    const changes = handle.all(
      queryBuilder
        .selectFrom('outbox')
        .selectAll()
        .where('kind', '=', kind)
        .where('state', 'in', wanted)
        .orderBy('sequence'),
    )
    if (changes.length !== expected) {
      return fail(
        'stale',
        `There are now ${changes.length} of these changes, not ${expected}.`,
        'Look again, then choose.',
      )
    }
    const stillParked = handle.prepare(
      "select 1 from outbox where mutation_id = ? and state in ('conflict', 'rejected', 'waiting')",
    )
    // What builds on an earlier one of these was given up with it.
    for (const change of changes) {
      if (stillParked.get(change.mutation_id) !== undefined) giveUp(handle, context, change, 'taken_theirs')
    }
    const batchIds = [...new Set(changes.map(({ batch_id }) => batch_id))]
    refreshOverlay(handle, batchIds)
    return ok({ mutationIds: changes.map(({ mutation_id }) => mutation_id), batchIds, refused: [] })
  })
}
