import { ArrowDownUp, ListFilter, PanelRight, RefreshCw, Search, X } from 'lucide-react'
import { memo, type Ref } from 'react'
import type { BatchFilter, BatchSort } from '../../../shared/contract/views.ts'
import { batchStatuses } from '../../../shared/domain/batch.ts'
import { standards } from '../../../shared/domain/standard.ts'
import { useChannel } from '../../app/use-channel.ts'
import { Button } from '../../ui/button.tsx'
import { formatCount, formatNoun } from '../../ui/format.ts'
import { IconButton } from '../../ui/icon-button.tsx'
import { Kbd } from '../../ui/kbd.tsx'
import { Menu, type MenuEntry } from '../../ui/menu.tsx'
import { Select } from '../../ui/select.tsx'
import { statusLabels } from '../../ui/status-mark.tsx'
import { StatusShape } from '../../ui/status-shape.tsx'
import { TextField } from '../../ui/text-field.tsx'
import styles from './queue.module.css'
import { nextSort, type QueueView, sortOptions, toggled } from './queue-view.ts'

/** Search, filters, order and count above the grid. */
export const QueueToolbar = memo(function QueueToolbar({
  views,
  viewId,
  onView,
  filter,
  onFilter,
  sort,
  onSort,
  sortOpen,
  onSortOpen,
  count,
  peek,
  onPeek,
  onRetake,
  onLeaveSearch,
  searchRef,
}: {
  readonly views: readonly QueueView[]
  readonly viewId: string
  readonly onView: (view: QueueView) => void
  readonly filter: BatchFilter
  readonly onFilter: (filter: BatchFilter) => void
  readonly sort: BatchSort
  readonly onSort: (sort: BatchSort) => void
  readonly sortOpen: boolean
  readonly onSortOpen: (open: boolean) => void
  readonly count: number | null
  readonly peek: boolean
  readonly onPeek: () => void
  readonly onRetake: () => void
  /** Enter or Escape in the search field: the keyboard goes back to the rows. */
  readonly onLeaveSearch: () => void
  readonly searchRef: Ref<HTMLInputElement>
}) {
  const facets = useChannel('batch.facets', { assignment: filter.assignment, since: null }, { keepPrevious: true }).data
  const noted = (value: number | undefined) => (facets === undefined ? {} : { note: formatCount(value ?? 0) })
  const filters = filter.statuses.length + filter.standards.length
  const filterEntries: readonly MenuEntry[] = [
    { kind: 'label', key: 'statuses', label: 'Status' },
    ...batchStatuses.map(
      (status): MenuEntry => ({
        kind: 'check',
        key: status,
        label: statusLabels[status],
        icon: <StatusShape status={status} />,
        ...noted(facets?.byStatus[status]),
        checked: filter.statuses.includes(status),
        onChange: () => onFilter({ ...filter, statuses: toggled(filter.statuses, status) }),
      }),
    ),
    { kind: 'separator', key: 'between' },
    { kind: 'label', key: 'standards', label: 'Standard' },
    ...standards.map(
      (standard): MenuEntry => ({
        kind: 'check',
        key: standard,
        label: standard,
        ...noted(facets?.byStandard[standard]),
        checked: filter.standards.includes(standard),
        onChange: () => onFilter({ ...filter, standards: toggled(filter.standards, standard) }),
      }),
    ),
    { kind: 'separator', key: 'end' },
    {
      kind: 'check',
      key: 'unsent',
      label: 'Unsent only',
      checked: filter.unsentOnly,
      onChange: (unsentOnly) => onFilter({ ...filter, unsentOnly }),
    },
  ]
  const sortEntries: readonly MenuEntry[] = [
    {
      kind: 'radio',
      key: 'by',
      value: sort.by,
      options: sortOptions.map(({ by, label, first }) => ({
        value: by,
        label: first === 'descending' ? `${label}, highest first` : label,
      })),
      onChange: (value) => {
        const option = sortOptions.find(({ by }) => by === value)
        if (option !== undefined) onSort({ by: option.by, direction: option.first })
      },
    },
    { kind: 'separator', key: 'between' },
    {
      kind: 'action',
      key: 'turn',
      label: 'Turn the order around',
      icon: <ArrowDownUp size={14} />,
      onSelect: () => onSort(nextSort(sort, sort.by)),
    },
  ]
  const sortLabel = sortOptions.find(({ by }) => by === sort.by)?.label ?? ''
  return (
    <div className={styles.toolbar} role="toolbar" aria-label="Filter and order">
      <div className={styles.viewPicker}>
        <Select
          label="View"
          labelHidden
          value={viewId}
          options={views.map((view) => ({ value: view.id, label: view.name }))}
          onChange={(id) => {
            const view = views.find((candidate) => candidate.id === id)
            if (view !== undefined) onView(view)
          }}
        />
      </div>
      <div className={styles.search}>
        <TextField
          ref={searchRef}
          label="Search the queue"
          labelHidden
          search
          type="search"
          placeholder="Search"
          value={filter.text}
          maxLength={500}
          before={<Search size={14} aria-hidden="true" />}
          after={filter.text === '' ? <Kbd keys="/" /> : undefined}
          onChange={(event) => onFilter({ ...filter, text: event.target.value })}
          onKeyDown={(event) => {
            if (event.key !== 'Escape' && event.key !== 'Enter') return
            event.preventDefault()
            if (event.key === 'Escape' && filter.text !== '') onFilter({ ...filter, text: '' })
            else onLeaveSearch()
          }}
        />
      </div>
      <Menu
        entries={filterEntries}
        trigger={
          <Button variant="quiet" icon={<ListFilter size={14} />}>
            Filter
            {filters === 0 ? null : <span className={styles.dotted}>{filters}</span>}
          </Button>
        }
      />
      {filters === 0 && !filter.unsentOnly ? null : (
        <IconButton
          label="Clear the filters"
          icon={<X size={14} />}
          onClick={() => onFilter({ ...filter, statuses: [], standards: [], unsentOnly: false })}
        />
      )}
      <Menu
        entries={sortEntries}
        open={sortOpen}
        onOpenChange={onSortOpen}
        trigger={
          <Button variant="quiet" icon={<ArrowDownUp size={14} />}>
            {sortLabel}
          </Button>
        }
      />
      <span className={styles.count} role="status">
        {count === null ? '' : formatNoun(count, 'batch', 'batches')}
      </span>
      <IconButton label="Take in what has changed" keys="U" icon={<RefreshCw size={14} />} onClick={onRetake} />
      <IconButton label="Peek" keys="Space" pressed={peek} icon={<PanelRight size={14} />} onClick={onPeek} />
    </div>
  )
})
