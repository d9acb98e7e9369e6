import type { BatchFilter, BatchSort } from '../../../shared/contract/views.ts'
import { type BatchStatus, batchStatuses } from '../../../shared/domain/batch.ts'
import { type Standard, standards } from '../../../shared/domain/standard.ts'

/** A named way to look at the queue. */
export interface QueueView {
  readonly id: string
  readonly name: string
  readonly filter: BatchFilter
  readonly sort: BatchSort
  /** True for a view that the person saved, which can be removed again. */
  readonly own: boolean
}

/** What of the queue survives a restart. */
export interface QueueState {
  readonly viewId: string
  readonly filter: BatchFilter
  readonly sort: BatchSort
  /** Local row number of the active row; found again in whatever snapshot is taken. */
  readonly activeRow: number | null
  readonly selection: readonly number[]
  readonly peek: boolean
}

/** No restriction but the assignment. */
export const emptyFilter: BatchFilter = {
  text: '',
  statuses: [],
  standards: [],
  assignment: 'assigned',
  unsentOnly: false,
}

/** Risk first: what stands out most is on top. */
export const riskFirst: BatchSort = { by: 'risk', direction: 'descending' }

const view = (id: string, name: string, filter: Partial<BatchFilter>, sort = riskFirst): QueueView => ({
  id,
  name,
  filter: { ...emptyFilter, ...filter },
  sort,
  own: false,
})

/** The views that everybody has, in the order of the keys 1 to 7. `decides` is the state that waits for this person. */
export const builtInViews = (decides: BatchStatus): readonly QueueView[] => [
  view('mine', 'My queue', { statuses: ['pending', 'under_review', 'changes_requested', 'approved'] }),
  view('awaiting', 'Awaiting my decision', { statuses: [decides] }),
  view('changes', 'Changes requested', { statuses: ['changes_requested'] }, { by: 'due', direction: 'ascending' }),
  view(
    'verified',
    'Verified',
    { assignment: 'all', statuses: ['verified'] },
    { by: 'submitted', direction: 'descending' },
  ),
  view('pool', 'Pool', { assignment: 'pool' }),
  view('unsent', 'Unsent', { assignment: 'all', unsentOnly: true }),
  view('all', 'All', { assignment: 'all' }),
]

/** Every order that the queue can be in, with its name and the direction that is meant first. */
export const sortOptions: readonly {
  readonly by: BatchSort['by']
  readonly label: string
  readonly first: BatchSort['direction']
}[] = [
  { by: 'risk', label: 'Risk', first: 'descending' },
  { by: 'due', label: 'Due date', first: 'ascending' },
  { by: 'submitted', label: 'Submitted', first: 'descending' },
  { by: 'quantity', label: 'Quantity', first: 'descending' },
  { by: 'project', label: 'Project', first: 'ascending' },
  { by: 'status', label: 'Status', first: 'ascending' },
  { by: 'batch_hash', label: 'Batch number', first: 'ascending' },
]

/** The order after a click on a column: its first direction, then the other one. */
export function nextSort(current: BatchSort, by: BatchSort['by']): BatchSort {
  const first = sortOptions.find((option) => option.by === by)?.first ?? 'ascending'
  if (current.by !== by) return { by, direction: first }
  return { by, direction: current.direction === 'ascending' ? 'descending' : 'ascending' }
}

/** Adds a value to a list or takes it out. */
export const toggled = <Value>(values: readonly Value[], value: Value): readonly Value[] =>
  values.includes(value) ? values.filter((other) => other !== value) : [...values, value]

/** True when two filters find the same batches. */
export const sameFilter = (left: BatchFilter, right: BatchFilter): boolean =>
  left.text === right.text &&
  left.assignment === right.assignment &&
  left.unsentOnly === right.unsentOnly &&
  [...left.statuses].sort().join() === [...right.statuses].sort().join() &&
  [...left.standards].sort().join() === [...right.standards].sort().join()

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

function readFilter(value: unknown): BatchFilter | null {
  if (!isRecord(value)) return null
  const { text, statuses, standards: wanted, assignment, unsentOnly } = value
  if (typeof text !== 'string' || typeof unsentOnly !== 'boolean' || !Array.isArray(statuses) || !Array.isArray(wanted))
    return null
  if (assignment !== 'assigned' && assignment !== 'pool' && assignment !== 'all') return null
  return {
    text,
    assignment,
    unsentOnly,
    statuses: statuses.filter((status): status is BatchStatus => batchStatuses.includes(status)),
    standards: wanted.filter((standard): standard is Standard => standards.includes(standard)),
  }
}

function readSort(value: unknown): BatchSort {
  if (!isRecord(value)) return riskFirst
  const option = sortOptions.find(({ by }) => by === value.by)
  if (option === undefined) return riskFirst
  return { by: option.by, direction: value.direction === 'ascending' ? 'ascending' : 'descending' }
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Reads what `JSON.stringify` wrote of a `QueueState`; null where nothing usable was kept. */
export function readQueueState(text: string | null): QueueState | null {
  const saved = text === null ? null : parse(text)
  if (!isRecord(saved) || typeof saved.viewId !== 'string') return null
  const filter = readFilter(saved.filter)
  if (filter === null) return null
  return {
    viewId: saved.viewId,
    filter,
    sort: readSort(saved.sort),
    activeRow: typeof saved.activeRow === 'number' ? saved.activeRow : null,
    selection: Array.isArray(saved.selection) ? saved.selection.filter((row) => typeof row === 'number') : [],
    peek: saved.peek !== false,
  }
}

/** Reads the views that the person saved. */
export function readOwnViews(text: string | null): readonly QueueView[] {
  const saved = text === null ? null : parse(text)
  if (!Array.isArray(saved)) return []
  return saved.flatMap((entry: unknown) => {
    if (!isRecord(entry) || typeof entry.id !== 'string' || typeof entry.name !== 'string') return []
    const filter = readFilter(entry.filter)
    return filter === null ? [] : [{ id: entry.id, name: entry.name, filter, sort: readSort(entry.sort), own: true }]
  })
}
