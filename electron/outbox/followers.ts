import type { WriteHandle } from '../database/handles.ts'
import { queryBuilder } from '../database/query-builder.ts'
import type { Row } from '../database/tables.ts'

/** Waiting changes that build on this one, directly or through others, oldest first. */
export const followersOf = (handle: WriteHandle, change: Row<'outbox'>): readonly Row<'outbox'>[] =>
  chainBehind(handle, change, 'waiting')

/** Changes that were given up together with this one because they build on it, oldest first. */
export const givenUpWith = (handle: WriteHandle, change: Row<'outbox'>): readonly Row<'outbox'>[] =>
  chainBehind(handle, change, 'superseded').filter(
    ({ resolution, settled_at }) => resolution === change.resolution && settled_at === change.settled_at,
  )

function chainBehind(
  handle: WriteHandle,
  change: Row<'outbox'>,
  state: 'waiting' | 'superseded',
): readonly Row<'outbox'>[] {
  const later = handle.all(
    queryBuilder
      .selectFrom('outbox')
      .selectAll()
      .where('batch_id', '=', change.batch_id)
      .where('state', '=', state)
      .where('sequence', '>', change.sequence)
      .orderBy('sequence'),
  )
  const chain = new Set([change.mutation_id])
  return later.filter((each) => {
    const { after_mutation_id: after } = JSON.parse(each.body) as { readonly after_mutation_id: string | null }
    if (after === null || !chain.has(after)) return false
    chain.add(each.mutation_id)
    return true
  })
}
