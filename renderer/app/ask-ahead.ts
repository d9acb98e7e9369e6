import type { QueryClient } from '@tanstack/react-query'
import { askQueueAhead } from '../features/queue/ask-queue-ahead.ts'
import { channelQuery } from './use-channel.ts'

/**
 * Asks for what the window shows first before it is drawn, so that it is drawn once and not anew with each answer. Never fails: what
 * cannot be had is asked for again by whoever shows it, and says why.
 */
export async function askAhead(client: QueryClient): Promise<void> {
  const [session] = await Promise.allSettled([
    client.fetchQuery(channelQuery('session.state', {})),
    client.prefetchQuery(channelQuery('settings.get', {})),
  ])
  if (session.status === 'rejected' || session.value.kind !== 'signed_in') return
  await Promise.allSettled([
    askQueueAhead(client, session.value.person),
    client.prefetchQuery(channelQuery('draft.get', { key: 'window.place' })),
    client.prefetchQuery(channelQuery('draft.get', { key: 'window.zone' })),
    client.prefetchQuery(channelQuery('sync.state', {})),
    client.prefetchQuery(channelQuery('signingKey.state', {})),
  ])
}
