import type { StorageState } from '../../../shared/contract/views.ts'
import { useChannel } from '../../app/use-channel.ts'
import { ErrorState } from '../../ui/error-state.tsx'
import { Facts } from '../../ui/facts.tsx'
import { formatBytes, formatCount, formatNoun } from '../../ui/format.ts'
import { Notice } from '../../ui/notice.tsx'
import styles from './sync-center.module.css'

/** Days that are listed one by one; the others are one line. */
const listedDays = 4

/** The space that files take here, and what is missing, by when it is due. */
export function StorageFacts() {
  const storage = useChannel('storage.state', {})
  if (storage.error !== null) return <ErrorState error={storage.error} onRetry={storage.refetch} />
  if (storage.data === undefined) return null
  const { usedBytes, budgetBytes, freeBytes, pinnedBatches, missing, problem } = storage.data
  return (
    <>
      <Facts
        rows={[
          ['Space', `${formatBytes(usedBytes)} of ${formatBytes(budgetBytes)}`],
          ['Disk', freeBytes === null ? null : `${formatBytes(freeBytes)} free`],
          ['Pinned', pinnedBatches === 0 ? null : formatNoun(pinnedBatches, 'batch', 'batches')],
        ]}
      />
      {problem === null ? null : (
        <Notice tone="warning" title={problem.message}>
          {problem.action}
        </Notice>
      )}
      {missing.length === 0 ? null : (
        <>
          <h3 className={styles.blockTitle}>Missing, by when it is due</h3>
          <Facts
            rows={[
              ...missing
                .slice(0, listedDays)
                .map((day) => [dayWords(day), `${formatNoun(day.files, 'file')}, ${formatBytes(day.bytes)}`] as const),
              ['Later', later(missing.slice(listedDays))],
            ]}
          />
        </>
      )}
    </>
  )
}

type MissingDay = StorageState['missing'][number]

const dayWords = ({ why, dueOn }: MissingDay): string => {
  switch (why) {
    case 'pinned':
      return 'Pinned'
    case 'due':
      return dueOn ?? ''
    case 'no_due_date':
      return 'No due date'
    default:
      return why satisfies never
  }
}

const later = (days: readonly MissingDay[]): string | null => {
  if (days.length === 0) return null
  const files = days.reduce((sum, day) => sum + day.files, 0)
  const bytes = days.reduce((sum, day) => sum + day.bytes, 0)
  return `${formatCount(files)} files, ${formatBytes(bytes)}`
}
