import type { QueryClient } from '@tanstack/react-query'
import type { BatchIdList } from '../../../shared/contract/views.ts'
import type { Person } from '../../../shared/domain/person.ts'
import { unwrap } from '../../app/call-failure.ts'
import { channelQuery } from '../../app/use-channel.ts'
import { bridge } from '../../bridge.ts'
import { firstQueueState } from './use-queue-state.ts'
import { rowsAheadKey } from './use-rows.ts'
import { snapshotQuery } from './use-snapshot.ts'

/** As many rows as a tall window shows. */
const rowCount = 60

/** Asks for what the queue shows first, so that it is drawn once and with its rows. */
export async function askQueueAhead(client: QueryClient, person: Person): Promise<void> {
  const [{ body }] = await Promise.all([
    client.fetchQuery(channelQuery('draft.get', { key: 'queue.view' })),
    client.prefetchQuery(channelQuery('draft.get', { key: 'queue.views' })),
  ])
  const { filter, sort, activeRow } = firstQueueState(person, body)
  for (const assignment of ['assigned', 'pool', 'all'] as const)
    void client.prefetchQuery(channelQuery('batch.facets', { assignment, since: null }))
  const { rows } = await client.fetchQuery<BatchIdList>(snapshotQuery(filter, sort))
  const active = activeRow === null ? 0 : Math.max(0, rows.indexOf(activeRow))
  const first = Math.max(0, active - rowCount / 2)
  await client.prefetchQuery({
    queryKey: rowsAheadKey,
    queryFn: async () =>
      unwrap(await bridge.invoke('batch.rows', { rows: [...rows.subarray(first, first + rowCount)] })),
    gcTime: 10_000,
  })
}
