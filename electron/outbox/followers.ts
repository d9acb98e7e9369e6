import type { WriteHandle } from '../database/handles.ts'
import { queryBuilder } from '../database/query-builder.ts'
import type { Row } from '../database/tables.ts'

/** Waiting changes that build on this one, directly or through others, oldest first. */
export function followersOf(handle: WriteHandle, change: Row<'outbox'>): readonly Row<'outbox'>[] {
  const waiting = handle.all(
    queryBuilder
      .selectFrom('outbox')
      .selectAll()
      .where('batch_id', '=', change.batch_id)
      .where('state', '=', 'waiting')
      .where('sequence', '>', change.sequence)
      .orderBy('sequence'),
  )
  const chain = new Set([change.mutation_id])
  return waiting.filter((each) => {
    const { after_mutation_id: after } = JSON.parse(each.body) as { readonly after_mutation_id: string | null }
    if (after === null || !chain.has(after)) return false
    chain.add(each.mutation_id)
    return true
  })
}
