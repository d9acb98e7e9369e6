import { X } from 'lucide-react'
import type { ChainCheck } from '../../../shared/contract/views.ts'
import type { AppError } from '../../../shared/result.ts'
import { Button } from '../../ui/button.tsx'
import { formatCount, formatNoun } from '../../ui/format.ts'
import { HashText } from '../../ui/hash-text.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { ErrorNotice, Notice } from '../../ui/notice.tsx'
import { ProgressBar } from '../../ui/progress-bar.tsx'
import styles from './audit.module.css'

/** A check of the chain: under way, whole, or broken at an entry, with what was expected there and what is there. */
export type CheckState =
  | { readonly kind: 'none' }
  | { readonly kind: 'running'; readonly label: string; readonly checked: number; readonly total: number | null }
  | { readonly kind: 'done'; readonly check: ChainCheck }
  | { readonly kind: 'failed'; readonly error: AppError }

/** Shows a check of the chain above the log. */
export function ChainCheckBar({
  state,
  onClose,
  onShow,
}: {
  readonly state: CheckState
  readonly onClose: () => void
  /** Leads to the entry at which the chain breaks. */
  readonly onShow: (sequence: number) => void
}) {
  if (state.kind === 'none') return null
  const close = <IconButton size="small" label="Close the result" icon={<X size={14} />} onClick={onClose} />
  return (
    <div className={styles.check}>
      {state.kind === 'running' ? (
        <ProgressBar label={state.label} done={state.checked} total={state.total} />
      ) : state.kind === 'failed' ? (
        <ErrorNotice error={state.error} action={close} />
      ) : state.check.firstBreak === null ? (
        <Notice
          tone="success"
          live
          title={`${formatNoun(state.check.checked, 'entry', 'entries')} checked: the chain is whole`}
          action={close}
        >
          {state.check.head === null ? undefined : (
            <>
              Last hash: <HashText value={state.check.head} label="last hash" />
            </>
          )}
        </Notice>
      ) : (
        <Notice
          tone="danger"
          live
          title={`The chain breaks at entry ${formatCount(state.check.firstBreak.sequence)}`}
          action={close}
        >
          <p>
            {state.check.firstBreak.message} {formatNoun(state.check.checked, 'entry', 'entries')} before it hold. Keep
            this computer as it is and tell your administrator.
          </p>
          <div className={styles.expected}>
            <span className={styles.muted}>Expected</span>
            <HashText value={state.check.firstBreak.expected} label="expected hash" whole />
            <span className={styles.muted}>Found</span>
            <HashText value={state.check.firstBreak.actual} label="found hash" whole />
          </div>
          <Button size="small" onClick={() => onShow(state.check.firstBreak?.sequence ?? 0)}>
            Show the entry
          </Button>
        </Notice>
      )}
    </div>
  )
}
