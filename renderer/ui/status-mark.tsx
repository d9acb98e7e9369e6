import type { BatchStatus } from '../../shared/domain/batch.ts'
import { classNames } from './class-names.ts'
import styles from './status-mark.module.css'
import { StatusShape } from './status-shape.tsx'

/** What each status is called on the screen. */
export const statusLabels: Readonly<Record<BatchStatus, string>> = {
  pending: 'New',
  under_review: 'In review',
  changes_requested: 'Changes requested',
  approved: 'Approved',
  rejected: 'Rejected',
  verified: 'Verified',
  retired: 'Retired',
}

/** A status as shape, label and color. `badge` sets it on a tinted pill; `plain` leaves the label in the text's color. */
export function StatusMark({
  status,
  look = 'plain',
}: {
  readonly status: BatchStatus
  readonly look?: 'plain' | 'badge' | 'colored'
}) {
  return (
    <span
      className={classNames(
        styles.mark,
        styles[status],
        look === 'badge' && styles.badge,
        look === 'plain' && styles.plain,
      )}
    >
      <StatusShape status={status} />
      <span className={styles.label}>{statusLabels[status]}</span>
    </span>
  )
}
