import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import type { AuditEntry } from '../../../shared/contract/views.ts'
import type { AppError } from '../../../shared/result.ts'
import { errorOf, unwrap } from '../../app/call-failure.ts'
import { useProgramEvent } from '../../app/use-channel.ts'
import { bridge } from '../../bridge.ts'

/** Entries of one call. */
const pageSize = 500

/** The audit log, newest first, read page by page as it is scrolled. */
export function useAuditLog(
  text: string,
  action: string | null,
): {
  readonly entries: readonly AuditEntry[]
  readonly total: number
  readonly isLoading: boolean
  readonly error: AppError | null
  readonly want: (first: number, last: number) => void
  readonly refetch: () => void
} {
  const query = useInfiniteQuery({
    queryKey: ['audit.pages', text, action],
    queryFn: async ({ pageParam }: { readonly pageParam: number | null }) =>
      unwrap(await bridge.invoke('audit.list', { text, action, before: pageParam, limit: pageSize })),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => (page.entries.length < pageSize ? null : (page.entries.at(-1)?.sequence ?? null)),
    placeholderData: keepPreviousData,
  })
  const entries = useMemo(() => query.data?.pages.flatMap((page) => page.entries) ?? [], [query.data])
  const { fetchNextPage, hasNextPage, isFetching, refetch } = query
  const want = useCallback(
    (_first: number, last: number) => {
      if (hasNextPage && !isFetching && last >= entries.length - 50) void fetchNextPage()
    },
    [entries.length, fetchNextPage, hasNextPage, isFetching],
  )
  // Far down the log, new entries at the top wait until they are asked for.
  useProgramEvent('batches.changed', () => {
    if ((query.data?.pages.length ?? 0) <= 1) void refetch()
  })
  return {
    entries,
    total: query.data?.pages[0]?.total ?? 0,
    isLoading: query.isLoading,
    error: query.error === null ? null : errorOf(query.error),
    want,
    refetch: () => void refetch(),
  }
}
