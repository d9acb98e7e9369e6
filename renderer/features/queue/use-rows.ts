import { type QueryKey, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useEffectEvent, useMemo, useRef, useSyncExternalStore } from 'react'
import type { BatchListRow } from '../../../shared/contract/views.ts'
import { useProgramEvent } from '../../app/use-channel.ts'
import { bridge } from '../../bridge.ts'
import { createRowStore, type RowStore } from './row-store.ts'

/** Where the first rows are kept when they were asked for before the queue was drawn. */
export const rowsAheadKey: QueryKey = ['queue.rowsAhead']

/** How often rows in sight are read again at most while many change. */
const pauseMilliseconds = 150

/** The rows of a snapshot by their place in it, read as they come into sight and kept fresh while they are. */
export function useRows(snapshot: Uint32Array): {
  readonly store: RowStore
  readonly rowAt: (index: number) => BatchListRow | undefined
  readonly onRangeChange: (first: number, last: number) => void
} {
  const client = useQueryClient()
  const store = useMemo(
    () =>
      createRowStore(
        (rows) => bridge.invoke('batch.rows', { rows: [...rows] }),
        client.getQueryData<readonly BatchListRow[]>(rowsAheadKey),
      ),
    [client],
  )
  const version = useSyncExternalStore(store.subscribe, store.version)
  const range = useRef({ first: 0, last: 0 })
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null)

  const wantRange = useCallback(() => {
    const { first, last } = range.current
    // Whole blocks, so that a held key finds the next rows here already.
    store.want(snapshot.subarray(Math.floor(first / 100) * 100, Math.ceil((last + 1) / 100) * 100))
  }, [store, snapshot])
  const onRangeChange = useCallback(
    (first: number, last: number) => {
      range.current = { first, last }
      wantRange()
    },
    [wantRange],
  )
  useProgramEvent('batches.changed', ({ batchIds }) => {
    store.outdate(batchIds)
    timer.current ??= setTimeout(() => {
      timer.current = null
      wantRange()
    }, pauseMilliseconds)
  })
  // Behind another screen nothing is heard of changes: what was read before may be old.
  const readAnew = useEffectEvent(() => {
    store.outdate(null)
    wantRange()
  })
  useEffect(() => {
    readAnew()
    return () => {
      if (timer.current !== null) clearTimeout(timer.current)
      timer.current = null
    }
  }, [])
  // The version makes the function a new one, so that the grid looks at its rows again.
  const rowAt = useCallback(
    (index: number) => {
      const row = version < 0 ? undefined : snapshot[index]
      return row === undefined ? undefined : store.get(row)
    },
    [store, snapshot, version],
  )
  return { store, rowAt, onRangeChange }
}
