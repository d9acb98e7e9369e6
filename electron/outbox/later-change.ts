import type { ReadHandle } from '../database/handles.ts'
import { queryBuilder } from '../database/query-builder.ts'
import type { Row } from '../database/tables.ts'

/**
 * The first change that this person made after this one to the same thing (the status of the batch, the mark of a criterion, the
 * finding), and that was neither taken back nor given up; undefined where there is none.
 */
export function findLaterChange(read: ReadHandle, change: Row<'outbox'>): Row<'outbox'> | undefined {
  const later = read.all(
    queryBuilder
      .selectFrom('outbox')
      .selectAll()
      .where('batch_id', '=', change.batch_id)
      .where('sequence', '>', change.sequence)
      .where('state', 'not in', ['undone', 'superseded'])
      .orderBy('sequence'),
  )
  const thing = thingOf(change)
  return later.find((each) => thingOf(each) === thing)
}

/** What a change is made to; changes of two kinds may be made to one thing. */
function thingOf({ kind, row_id, body }: Row<'outbox'>): string {
  switch (kind) {
    case 'batch.claim':
    case 'decision.record':
      return 'status'
    case 'score.set': {
      const { payload } = JSON.parse(body) as { readonly payload: { readonly criterion_code: string } }
      return `criterion ${payload.criterion_code}`
    }
    default:
      return row_id
  }
}
