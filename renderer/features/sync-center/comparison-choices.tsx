import { useState } from 'react'
import type { ChangeComparison } from '../../../shared/contract/outbox-views.ts'
import type { AppError } from '../../../shared/result.ts'
import { useKeys } from '../../app/keymap/keymap.tsx'
import { Button } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { ErrorNotice } from '../../ui/notice.tsx'
import { type Choice, choicesFor } from './choice-words.ts'
import styles from './comparison.module.css'
import { useSettle } from './use-settle.ts'

/** What can be done with a parked change, each with its key and what it does. */
export function ComparisonChoices({
  comparison,
  onSettled,
  onOpenBatch,
}: {
  readonly comparison: ChangeComparison
  /** The change is settled: the next one follows. */
  readonly onSettled: () => void
  readonly onOpenBatch: (batchId: string) => void
}) {
  const { item } = comparison
  const settle = useSettle()
  const [busy, setBusy] = useState<Choice['choice'] | null>(null)
  const [asking, setAsking] = useState(false)
  const [error, setError] = useState<AppError | null>(null)
  const choices = choicesFor(comparison)

  const run = async ({ choice }: Pick<Choice, 'choice'>) => {
    if (busy !== null) return
    setBusy(choice)
    setError(null)
    const failed = choice === 'keep' ? await settle.keep(item) : await settle.giveUp(item, choice)
    setBusy(null)
    setAsking(false)
    if (failed !== null) {
      setError(failed)
      return
    }
    onSettled()
    if (choice === 'decide_again') onOpenBatch(item.batchId)
  }
  const choose = (choice: Choice) => {
    if (choice.refused !== null) return
    if (choice.choice === 'keep' && item.state === 'conflict') setAsking(true)
    else void run(choice)
  }
  useKeys(
    choices.map((choice) => ({
      keys: choice.keys,
      label: choice.label,
      group: 'Comparison',
      disabled: choice.refused !== null,
      run: () => choose(choice),
    })),
  )
  if (choices.length === 0) return null
  return (
    <section className={styles.choices} aria-label="What to do">
      {error === null ? null : (
        <div className={styles.choiceError}>
          <ErrorNotice error={error} />
        </div>
      )}
      {choices.map((choice) => (
        <div key={choice.choice} className={styles.choice}>
          <Button
            wide
            variant={choice.offered ? 'primary' : 'secondary'}
            keys={choice.keys}
            busy={busy === choice.choice}
            disabled={choice.refused !== null}
            aria-describedby={`choice-${choice.choice}`}
            onClick={() => choose(choice)}
          >
            {choice.label}
          </Button>
          <p id={`choice-${choice.choice}`} className={styles.choiceText}>
            {choice.refused === null ? choice.text : `Not possible now: ${choice.refused}`}
          </p>
        </div>
      ))}
      <ConfirmDialog
        open={asking}
        title="Send yours over the cloud’s version?"
        description={`${item.summary}. Somebody changed this in the cloud after you saw it. Yours is sent at once and cannot be taken back; that it overrides theirs is recorded.`}
        confirmLabel="Keep mine"
        busy={busy === 'keep'}
        onConfirm={() => void run({ choice: 'keep' })}
        onClose={() => setAsking(false)}
      />
    </section>
  )
}
