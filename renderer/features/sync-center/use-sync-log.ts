import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import type { SyncRun } from '../../../shared/domain/sync-journal.ts'
import type { AppError } from '../../../shared/result.ts'
import { errorOf, unwrap } from '../../app/call-failure.ts'
import { useProgramEvent } from '../../app/use-channel.ts'
import { bridge } from '../../bridge.ts'

/** Runs of one call. */
const pageSize = 200

/** The journal of synchronization, newest first, read page by page as it is scrolled. */
export function useSyncLog(failedOnly: boolean): {
  readonly runs: readonly SyncRun[]
  readonly total: number
  readonly isLoading: boolean
  readonly error: AppError | null
  readonly want: (first: number, last: number) => void
  readonly refetch: () => void
} {
  const query = useInfiniteQuery({
    queryKey: ['syncLog.pages', failedOnly],
    queryFn: async ({ pageParam }: { readonly pageParam: number | null }) =>
      unwrap(await bridge.invoke('syncLog.list', { failedOnly, before: pageParam, limit: pageSize })),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => (page.runs.length < pageSize ? null : (page.runs.at(-1)?.run ?? null)),
    placeholderData: keepPreviousData,
  })
  const runs = useMemo(() => query.data?.pages.flatMap((page) => page.runs) ?? [], [query.data])
  const { fetchNextPage, hasNextPage, isFetching, refetch } = query
  const want = useCallback(
    (_first: number, last: number) => {
      if (hasNextPage && !isFetching && last >= runs.length - 50) void fetchNextPage()
    },
    [runs.length, fetchNextPage, hasNextPage, isFetching],
  )
  // A run is written at its end. Far down the list, new ones wait until they are asked for.
  useProgramEvent('sync.changed', ({ progress }) => {
    if (progress === null && (query.data?.pages.length ?? 0) <= 1) void refetch()
  })
  return {
    runs,
    total: query.data?.pages[0]?.total ?? 0,
    isLoading: query.isLoading,
    error: query.error === null ? null : errorOf(query.error),
    want,
    refetch: () => void refetch(),
  }
}
