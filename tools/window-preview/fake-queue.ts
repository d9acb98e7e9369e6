import type { BatchFilter, BatchListRow, BatchSort } from '../../shared/contract/views.ts'

/** True for the rows that a filter of the queue shows. */
export const matches = (filter: BatchFilter) => (row: BatchListRow) =>
  (filter.statuses.length === 0 || filter.statuses.includes(row.status)) &&
  (filter.standards.length === 0 || filter.standards.includes(row.standard)) &&
  (!filter.unsentOnly || row.syncMark !== null) &&
  (filter.assignment === 'all' ||
    (filter.assignment === 'pool' ? row.row % 5 === 0 && row.status === 'pending' : row.row % 5 !== 0)) &&
  `${row.projectName} ${row.recyclerName} ${row.location} ${row.batchHash}`
    .toLowerCase()
    .includes(filter.text.trim().toLowerCase())

/** What a row is sorted by. */
export const valueIn = (row: BatchListRow, by: BatchSort['by']): string | number => {
  switch (by) {
    case 'risk':
      return row.riskScore
    case 'due':
      return row.dueAt ?? '9'
    case 'submitted':
      return row.dateSubmitted
    case 'quantity':
      return row.quantity
    case 'project':
      return row.projectName
    case 'status':
      return row.status
    case 'batch_hash':
      return row.batchHash
  }
}
