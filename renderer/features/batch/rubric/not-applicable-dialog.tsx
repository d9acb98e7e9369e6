import { type FormEvent, useState } from 'react'
import type { Criterion } from '../../../../shared/domain/rubric.ts'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { TextArea } from '../../../ui/text-field.tsx'
import styles from './rubric.module.css'

/** Asks why a criterion does not apply. */
export function NotApplicableDialog({
  criterion,
  reason,
  onGive,
  onClose,
}: {
  readonly criterion: Criterion
  readonly reason: string
  readonly onGive: (reason: string) => void
  readonly onClose: () => void
}) {
  const [words, setWords] = useState(reason)
  const [asked, setAsked] = useState(false)
  const submit = (event?: FormEvent) => {
    event?.preventDefault()
    if (words.trim() === '') setAsked(true)
    else onGive(words.trim())
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={`${criterion.code} does not apply`}
      description={criterion.question}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" keys="Ctrl+Enter" onClick={() => submit()}>
            Mark as not applicable
          </Button>
        </>
      }
    >
      <form
        className={styles.form}
        onSubmit={submit}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit()
        }}
      >
        <TextArea
          label="Why it does not apply"
          rows={3}
          maxLength={20_000}
          value={words}
          error={asked && words.trim() === '' ? 'Write the reason; it goes on record.' : null}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
      </form>
    </Dialog>
  )
}
