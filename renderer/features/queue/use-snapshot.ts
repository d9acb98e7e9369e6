import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef } from 'react'
import type { BatchFilter, BatchIdList, BatchSort } from '../../../shared/contract/views.ts'
import type { AppError } from '../../../shared/result.ts'
import { errorOf, unwrap } from '../../app/call-failure.ts'
import { useChannel, useProgramEvent } from '../../app/use-channel.ts'
import { bridge } from '../../bridge.ts'

const none: BatchIdList = { rows: new Uint32Array(), takenAt: '' }

/**
 * How long until the snapshot is taken anew while the first mirror fills, in milliseconds: soon while there is little to see, and later
 * the more rows there are, of which the first ones change less and less. A list of 100,000 costs each of its three processes a frame.
 */
const untilRetaken = (rows: number): number => Math.max(700, rows / 20)

/** How the snapshot of a filter and an order is taken and kept. */
export const snapshotQuery = (filter: BatchFilter, sort: BatchSort) => ({
  queryKey: ['queue.snapshot', filter, sort],
  queryFn: async (): Promise<BatchIdList> => unwrap(await bridge.invoke('batch.ids', { filter, sort })),
  staleTime: Number.POSITIVE_INFINITY,
  gcTime: 60_000,
})

/** A frozen snapshot of the queue. */
export interface Snapshot {
  readonly list: BatchIdList
  /** True while `list` is still that of the filter before: it may be looked at, and nothing may be done with its rows. */
  readonly isPrevious: boolean
  readonly isLoading: boolean
  readonly error: AppError | null
  /** How many batches have come since the snapshot was taken. */
  readonly newCount: number
  /** Takes a new snapshot: the only way in which rows move. */
  readonly retake: () => void
}

/**
 * Takes a snapshot of the queue and keeps it until it is asked to take another one, so that rows never jump. Only while the first
 * mirror is filling and the person has not begun (`untouched`), or nothing is there at all, new batches are taken in by themselves.
 */
export function useSnapshot(filter: BatchFilter, sort: BatchSort, untouched: boolean): Snapshot {
  const client = useQueryClient()
  const query = useQuery<BatchIdList>({ ...snapshotQuery(filter, sort), placeholderData: keepPreviousData })
  const list = query.data ?? none
  const facets = useChannel(
    'batch.facets',
    { assignment: filter.assignment, since: list.takenAt },
    { enabled: list.takenAt !== '', keepPrevious: true },
  )
  const sync = useChannel('sync.state', {})
  const retake = useCallback(() => void client.invalidateQueries({ queryKey: ['queue.snapshot'] }), [client])

  const filling = untouched && sync.data?.progress?.phase === 'bootstrap'
  const takesItself = filling || (!query.isLoading && list.rows.length === 0)
  const newCount = list.takenAt === '' ? 0 : (facets.data?.newSince ?? 0)
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null)
  const rows = list.rows.length
  const retakeSoon = useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = null
      retake()
    }, untilRetaken(rows))
  }, [retake, rows])
  useProgramEvent('batches.changed', () => {
    if (takesItself) retakeSoon()
  })
  // What came while another screen was open told nobody here.
  useEffect(() => {
    if (takesItself && newCount > 0) retakeSoon()
  }, [takesItself, newCount, retakeSoon])
  // What came last is not waited for: nothing comes after it. Where the person has begun, no row moves any more.
  const mayMove = untouched || rows === 0
  useEffect(() => {
    if (filling || timer.current === null) return
    clearTimeout(timer.current)
    timer.current = null
    if (mayMove) retake()
  }, [filling, mayMove, retake])
  useEffect(
    () => () => {
      if (timer.current !== null) clearTimeout(timer.current)
      timer.current = null
    },
    [],
  )
  return {
    list,
    isPrevious: query.isPlaceholderData,
    isLoading: query.isLoading,
    error: query.error === null ? null : errorOf(query.error),
    newCount,
    retake,
  }
}
