import type { Resolution } from '../../shared/domain/sync-state.ts'
import { appendAuditEvents } from '../audit-trail/append-audit-events.ts'
import type { CaseContext } from '../database/case-context.ts'
import type { WriteHandle } from '../database/handles.ts'
import type { Row } from '../database/tables.ts'
import { followersOf } from './followers.ts'

/** How the person gives a change up. */
export type GivenUp = Exclude<Resolution, 'sent_again'>

/**
 * Gives a parked change up, and those that build on it, for the cloud's row or to be decided again. Body, base, fate and rows stay, so
 * that it is readable for ever and can be taken up again.
 */
export function giveUp(handle: WriteHandle, context: CaseContext, change: Row<'outbox'>, resolution: GivenUp): void {
  const given = [change, ...followersOf(handle, change)]
  const supersede = handle.prepare(
    "update outbox set state = 'superseded', resolution = ?, settled_at = ? where mutation_id = ?",
  )
  const stopUpload = handle.prepare("update upload set state = 'refused' where mutation_id = ? and state <> 'done'")
  for (const { mutation_id } of given) {
    supersede.run(resolution, context.clock.now(), mutation_id)
    stopUpload.run(mutation_id)
  }
  appendAuditEvents(
    handle,
    context,
    given.map((each) => ({
      action: 'change.given_up',
      entity: 'change',
      entityId: each.mutation_id,
      entityLabel: each.summary,
      before: { state: each.state },
      after: { state: 'superseded', kind: each.kind, batch_id: each.batch_id, resolution },
    })),
  )
}
