import type { RequestOf } from '../../shared/contract/channels.ts'
import type { ManyResolved } from '../../shared/contract/outbox-views.ts'
import type { OutboxState } from '../../shared/domain/sync-state.ts'
import { type AppError, fail, ok, type Result } from '../../shared/result.ts'
import type { PushResult } from '../../shared/wire/sync.ts'
import { appendAuditEvents } from '../audit-trail/append-audit-events.ts'
import type { CaseContext } from '../database/case-context.ts'
import { transact } from '../database/database.ts'
import type { ReadHandle, WriteHandle } from '../database/handles.ts'
import { listOf } from '../database/lists.ts'
import { queryBuilder } from '../database/query-builder.ts'
import type { Row } from '../database/tables.ts'
import { refreshOverlay } from './batch-overlay.ts'
import { givenUpWith } from './followers.ts'
import { findLaterChange } from './later-change.ts'
import { stateFrom } from './settle-mutation.ts'

/**
 * Takes given-up changes up again, with what was given up behind them, the newest first: each is parked as it was. One that was made
 * anew since is refused, because then two would be open to the same thing.
 */
export function reopenChanges(context: CaseContext, { mutationIds }: RequestOf<'outbox.reopen'>): Result<ManyResolved> {
  return transact(context.database, (handle) => {
    const changes = handle.all(
      queryBuilder
        .selectFrom('outbox')
        .selectAll()
        .where('mutation_id', 'in', listOf(mutationIds))
        .orderBy('sequence', 'desc'),
    )
    const refused: AppError[] = []
    const reopened: Row<'outbox'>[] = []
    for (const change of changes) {
      const blocked = whyNotReopened(handle, change)
      if (blocked === null) reopened.push(...reopen(handle, context, change))
      else refused.push(blocked)
    }
    const batchIds = [...new Set(reopened.map(({ batch_id }) => batch_id))]
    refreshOverlay(handle, batchIds)
    return ok({ mutationIds: changes.map(({ mutation_id }) => mutation_id), batchIds, refused })
  })
}

/** Why a given-up change cannot be taken up again; null when it can. */
export function whyNotReopened(read: ReadHandle, change: Row<'outbox'>): AppError | null {
  if (change.state !== 'superseded')
    return fail('blocked', 'Only a change that was given up can be taken up again.').error
  if (change.resolution === 'sent_again') {
    return fail('blocked', 'This change was sent again as a new one.', 'Look at the new one.').error
  }
  const later = findLaterChange(read, change)
  if (later === undefined) return null
  return later.state === 'held'
    ? fail('blocked', 'You decided anew since.', 'Take the new decision back first; it was not sent yet.').error
    : fail(
        'blocked',
        'You decided anew since, and it is on its way.',
        'Both stay readable; decide again to correct it.',
      ).error
}

function reopen(handle: WriteHandle, context: CaseContext, change: Row<'outbox'>): readonly Row<'outbox'>[] {
  const chain = [change, ...givenUpWith(handle, change)]
  const park = handle.prepare('update outbox set state = ?, resolution = null, settled_at = ? where mutation_id = ?')
  const waitForUpload = handle.prepare(
    "update upload set state = 'waiting' where mutation_id = ? and state = 'refused'",
  )
  for (const each of chain) {
    const state = formerState(each)
    park.run(state, state === 'waiting' ? null : context.clock.now(), each.mutation_id)
    waitForUpload.run(each.mutation_id)
  }
  appendAuditEvents(
    handle,
    context,
    chain.map((each) => ({
      action: 'change.taken_up_again',
      entity: 'change',
      entityId: each.mutation_id,
      entityLabel: each.summary,
      before: { state: 'superseded', resolution: each.resolution },
      after: { state: formerState(each), kind: each.kind, batch_id: each.batch_id },
    })),
  )
  return chain
}

/** How a change was parked: what the cloud answered, or waiting where it never came so far. */
const formerState = ({ result }: Row<'outbox'>): OutboxState =>
  result === null ? 'waiting' : stateFrom(JSON.parse(result) as PushResult)
