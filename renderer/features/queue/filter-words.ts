import type { BatchFilter } from '../../../shared/contract/views.ts'
import { statusLabels } from '../../ui/status-mark.tsx'

const assignmentWords: Readonly<Record<BatchFilter['assignment'], string>> = {
  assigned: 'assigned to me',
  pool: 'in the pool',
  all: 'all batches here',
}

/** A filter in words, for a question that names what it is about: `assigned to me, status New or In review, text "bottle"`. */
export function filterWords(filter: BatchFilter): string {
  const parts = [
    assignmentWords[filter.assignment],
    filter.statuses.length === 0 ? '' : `status ${filter.statuses.map((status) => statusLabels[status]).join(' or ')}`,
    filter.standards.length === 0 ? '' : `standard ${filter.standards.join(' or ')}`,
    filter.unsentOnly ? 'unsent only' : '',
    filter.text.trim() === '' ? '' : `text “${filter.text.trim()}”`,
  ]
  return parts.filter((part) => part !== '').join(', ')
}
