import { actionWords, batches } from '../../app/decision/action-words.ts'
import type { QueueAction } from '../../app/decision/reason-strip.ts'
import { Button } from '../../ui/button.tsx'
import { formatCount } from '../../ui/format.ts'
import { Kbd } from '../../ui/kbd.tsx'
import styles from './queue.module.css'

const actions: readonly QueueAction[] = ['approve', 'reject', 'request_changes']

/** What can be done with the selected batches. */
export function BulkBar({
  count,
  matching,
  canClaim,
  onSelectAll,
  onDecide,
  onClaim,
  onClear,
}: {
  readonly count: number
  /** How many batches match the filter. */
  readonly matching: number
  readonly canClaim: boolean
  readonly onSelectAll: () => void
  readonly onDecide: (action: QueueAction) => void
  readonly onClaim: () => void
  readonly onClear: () => void
}) {
  return (
    <div className={styles.dock}>
      <div className={styles.bar} role="toolbar" aria-label="Selected batches">
        <span className={styles.barCount} role="status">
          {batches(count)} selected
        </span>
        {count < matching ? (
          <Button variant="quiet" onClick={onSelectAll}>
            All {formatCount(matching)} matching <Kbd keys="*" />
          </Button>
        ) : null}
        {canClaim ? (
          <Button keys="C" onClick={onClaim}>
            Claim
          </Button>
        ) : (
          actions.map((action) => (
            <Button key={action} keys={actionWords[action].key} onClick={() => onDecide(action)}>
              {actionWords[action].command}
            </Button>
          ))
        )}
        <Button variant="quiet" keys="Esc" onClick={onClear}>
          Clear
        </Button>
      </div>
    </div>
  )
}
