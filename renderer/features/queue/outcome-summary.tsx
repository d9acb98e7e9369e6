import { X } from 'lucide-react'
import { useState } from 'react'
import { batches } from '../../app/decision/action-words.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { formatCount, shortHash } from '../../ui/format.ts'
import { IconButton } from '../../ui/icon-button.tsx'
import { Notice } from '../../ui/notice.tsx'
import styles from './queue.module.css'
import type { Outcome } from './use-decisions.ts'

/** Says how many batches of a decision were recorded and how many refused, and shows each refusal with its reason. */
export function OutcomeSummary({
  outcome,
  onSelect,
  onClose,
}: {
  readonly outcome: Outcome
  /** Selects the refused batches. */
  readonly onSelect: () => void
  readonly onClose: () => void
}) {
  const [open, setOpen] = useState(false)
  const { refusals } = outcome
  const single = refusals.length === 1 ? refusals[0] : undefined
  const messages = [...new Set(refusals.map(({ message }) => message))]
  return (
    <div className={styles.outcome}>
      <Notice
        tone="warning"
        live
        title={`${formatCount(outcome.recorded)} recorded, ${formatCount(refusals.length)} refused`}
        action={
          <span className={styles.marks}>
            <Button size="small" onClick={() => setOpen(true)}>
              Show refused
            </Button>
            <IconButton size="small" label="Close the summary" icon={<X size={14} />} onClick={onClose} />
          </span>
        }
      >
        {single === undefined
          ? messages.length === 1
            ? messages[0]
            : `${String(messages.length)} different reasons.`
          : `${single.row.projectName}: ${single.message}`}
      </Notice>
      <Dialog
        open={open}
        onClose={() => setOpen(false)}
        size="wide"
        title={`${batches(refusals.length)} refused`}
        description="Nothing was recorded for these. They are unchanged."
        footer={
          <Button
            variant="primary"
            onClick={() => {
              setOpen(false)
              onSelect()
            }}
          >
            Select these batches
          </Button>
        }
      >
        <div className={styles.peekBody}>
          {messages.map((message) => (
            <section key={message} className={styles.block}>
              <h3>{message}</h3>
              <ul className={styles.list}>
                {refusals
                  .filter((refusal) => refusal.message === message)
                  .map(({ row }) => (
                    <li key={row.id}>
                      <span className={styles.hash}>{shortHash(row.batchHash)}</span>
                      <span className={styles.second}>{row.projectName}</span>
                    </li>
                  ))}
              </ul>
            </section>
          ))}
        </div>
      </Dialog>
    </div>
  )
}
