import { Inbox, SearchX } from 'lucide-react'
import { type Ref, useCallback, useMemo, useRef } from 'react'
import type { BatchFilter, BatchListRow, BatchSort } from '../../../shared/contract/views.ts'
import { useChannel } from '../../app/use-channel.ts'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorState } from '../../ui/error-state.tsx'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { useWidth } from '../../ui/use-width.ts'
import { VirtualGrid, type VirtualGridHandle } from '../../ui/virtual-grid.tsx'
import { filterWords } from './filter-words.ts'
import styles from './queue.module.css'
import { queueColumns } from './queue-columns.tsx'
import { nextSort, sortOptions } from './queue-view.ts'
import type { Selection } from './selection.ts'
import type { Snapshot } from './use-snapshot.ts'

/** The rows of the queue, or why there are none. */
export function QueueGrid({
  snapshot,
  filter,
  sort,
  onSort,
  rowHeight,
  now,
  activeIndex,
  selection,
  rowAt,
  onRangeChange,
  onActiveChange,
  onSelect,
  onOpen,
  onClearFilter,
  gridRef,
}: {
  readonly snapshot: Snapshot
  readonly filter: BatchFilter
  readonly sort: BatchSort
  readonly onSort: (sort: BatchSort) => void
  readonly rowHeight: number
  readonly now: number
  readonly activeIndex: number
  readonly selection: Selection
  readonly rowAt: (index: number) => BatchListRow | undefined
  readonly onRangeChange: (first: number, last: number) => void
  readonly onActiveChange: (index: number) => void
  readonly onSelect: (index: number, how: 'toggle' | 'extend') => void
  readonly onOpen: (index: number) => void
  readonly onClearFilter: () => void
  readonly gridRef: Ref<VirtualGridHandle>
}) {
  const box = useRef<HTMLDivElement>(null)
  const width = useWidth(box)
  const room = width < 780 ? 'narrow' : width < 1160 ? 'medium' : 'wide'
  const latest = useRef({ onSelect, onActiveChange, onOpen })
  latest.current = { onSelect, onActiveChange, onOpen }
  const toggle = useCallback((index: number) => latest.current.onSelect(index, 'toggle'), [])
  const select = useCallback((index: number, how: 'toggle' | 'extend') => latest.current.onSelect(index, how), [])
  const activate = useCallback((index: number) => latest.current.onActiveChange(index), [])
  const open = useCallback((index: number) => latest.current.onOpen(index), [])
  const columns = useMemo(() => queueColumns(room, now, toggle), [room, now, toggle])
  const { rows } = snapshot.list
  const { rows: selected } = selection
  const isSelected = useCallback((index: number) => selected.has(rows[index] ?? -1), [rows, selected])

  const body = () => {
    if (snapshot.error !== null) return <ErrorState error={snapshot.error} onRetry={snapshot.retake} />
    if (snapshot.isLoading) return <LoadingRows count={16} label="Loading the queue" />
    if (rows.length === 0) return <NoRows filter={filter} onClearFilter={onClearFilter} />
    return (
      <VirtualGrid
        ref={gridRef}
        label="Batches"
        rowCount={rows.length}
        rowHeight={rowHeight}
        columns={columns}
        rowAt={rowAt}
        activeIndex={activeIndex}
        onActiveChange={activate}
        isSelected={isSelected}
        onSelect={select}
        onOpen={open}
        onRangeChange={onRangeChange}
        sort={{ column: sort.by, direction: sort.direction }}
        onSort={(column) => {
          const option = sortOptions.find(({ by }) => by === column)
          if (option !== undefined) onSort(nextSort(sort, option.by))
        }}
        initialIndex={Math.max(0, activeIndex - 8)}
      />
    )
  }
  return (
    <div className={styles.grid} ref={box} style={{ height: '100%' }}>
      {body()}
    </div>
  )
}

function NoRows({ filter, onClearFilter }: { readonly filter: BatchFilter; readonly onClearFilter: () => void }) {
  const sync = useChannel('sync.state', {}).data
  if (sync?.progress?.phase === 'bootstrap')
    return (
      <EmptyState icon={<Inbox size={18} />} title="Your batches are on their way">
        The first copy is being brought to this computer. Rows appear here as they arrive.
      </EmptyState>
    )
  if (filter.unsentOnly)
    return (
      <EmptyState icon={<Inbox size={18} />} title="Everything is sent">
        Nothing that you did is waiting on this computer.
      </EmptyState>
    )
  if (filter.text !== '' || filter.standards.length > 0 || filter.statuses.length > 0)
    return (
      <EmptyState
        icon={<SearchX size={18} />}
        title="No batch matches"
        actions={<Button onClick={onClearFilter}>Clear the filters</Button>}
      >
        Looked for: {filterWords(filter)}.
      </EmptyState>
    )
  return (
    <EmptyState
      icon={<Inbox size={18} />}
      title={filter.assignment === 'pool' ? 'The pool is empty' : 'No batches here'}
    >
      {filter.assignment === 'pool'
        ? 'Every batch has been claimed. New ones appear here when they are submitted.'
        : 'Claim one from the pool, or wait until an administrator assigns one to you.'}
    </EmptyState>
  )
}
