import { keepPreviousData, type QueryClient, type QueryKey, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useEffectEvent } from 'react'
import type { ChannelName, EventName } from '../../shared/contract/channel-names.ts'
import type { Events, ResponseOf } from '../../shared/contract/channels.ts'
import type { AppError } from '../../shared/result.ts'
import { bridge, type Request } from '../bridge.ts'
import { errorOf, unwrap } from './call-failure.ts'

/** An answer on its way, here, or failed. An older answer stays while a new one is on its way. */
export interface ChannelAnswer<Value> {
  readonly data: Value | undefined
  readonly error: AppError | null
  readonly isLoading: boolean
  readonly isFetching: boolean
  readonly refetch: () => void
}

/** The key under which an answer is kept. */
export const channelKey = <Channel extends ChannelName>(channel: Channel, request?: Request<Channel>): QueryKey =>
  request === undefined ? [channel] : [channel, request]

/** How an answer is asked for and under which key it is kept. */
export const channelQuery = <Channel extends ChannelName>(channel: Channel, request: Request<Channel>) => ({
  queryKey: channelKey(channel, request),
  queryFn: async (): Promise<ResponseOf<Channel>> => unwrap(await bridge.invoke(channel, request)),
})

/**
 * Asks the program and keeps the answer. The answer is asked for again by `useRefresh` and by the events that the providers listen
 * to, never because the window was focused. `keepPrevious` shows the last answer while the request changes.
 */
export function useChannel<Channel extends ChannelName>(
  channel: Channel,
  request: Request<Channel>,
  options: { readonly enabled?: boolean; readonly keepPrevious?: boolean } = {},
): ChannelAnswer<ResponseOf<Channel>> {
  const query = useQuery<ResponseOf<Channel>>({
    ...channelQuery(channel, request),
    enabled: options.enabled ?? true,
    ...(options.keepPrevious === true ? { placeholderData: keepPreviousData } : {}),
  })
  return {
    data: query.data,
    error: query.error === null ? null : errorOf(query.error),
    isLoading: query.isLoading,
    isFetching: query.isFetching,
    refetch: () => void query.refetch(),
  }
}

/** Calls `listener` for each event as long as the component is shown. */
export function useProgramEvent<Event extends EventName>(
  event: Event,
  listener: (payload: Events[Event]) => void,
): void {
  const latest = useEffectEvent(listener)
  useEffect(() => bridge.on(event, (payload) => latest(payload)), [event])
}

/** Asks again for every kept answer of these channels. */
export function useRefresh(): (...channels: readonly ChannelName[]) => void {
  const client = useQueryClient()
  return useCallback(
    (...channels) => {
      for (const channel of channels) void client.invalidateQueries({ queryKey: [channel] })
    },
    [client],
  )
}

/**
 * Replaces a kept answer by one that another call or an event brought, such as the `BatchDetail` that a score answers with. What is
 * being asked for meanwhile is given up: its answer may be older than this one, and would take its place.
 */
export function putAnswer<Channel extends ChannelName>(
  client: QueryClient,
  channel: Channel,
  request: Request<Channel>,
  value: ResponseOf<Channel>,
): void {
  const queryKey = channelKey(channel, request)
  void client.cancelQueries({ queryKey, exact: true })
  client.setQueryData(queryKey, value)
}

/** `putAnswer` into the answers of this window. */
export function usePutAnswer(): <Channel extends ChannelName>(
  channel: Channel,
  request: Request<Channel>,
  value: ResponseOf<Channel>,
) => void {
  const client = useQueryClient()
  return useCallback((channel, request, value) => putAnswer(client, channel, request, value), [client])
}
