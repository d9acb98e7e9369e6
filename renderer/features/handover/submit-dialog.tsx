import { useEffect, useState } from 'react'
import type { OpenedHandover, SubmittedHandover } from '../../../shared/contract/handover-views.ts'
import { outboxFileLimits } from '../../../shared/domain/outbox-file.ts'
import type { AppError } from '../../../shared/result.ts'
import { useCall } from '../../app/use-call.ts'
import { useRefresh } from '../../app/use-channel.ts'
import { bridge } from '../../bridge.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { ErrorState } from '../../ui/error-state.tsx'
import { formatNoun } from '../../ui/format.ts'
import { ErrorNotice } from '../../ui/notice.tsx'
import { ProgressBar } from '../../ui/progress-bar.tsx'
import styles from './handover.module.css'
import { OpenedFile } from './opened-file.tsx'
import { SubmittedFile } from './submitted-file.tsx'

type Reading =
  | { readonly kind: 'running' }
  | { readonly kind: 'failed'; readonly error: AppError }
  | { readonly kind: 'opened'; readonly bytes: Uint8Array<ArrayBuffer>; readonly opened: OpenedHandover }

async function read(file: File): Promise<Reading> {
  if (file.size > outboxFileLimits.bytes)
    return {
      kind: 'failed',
      error: {
        code: 'file_too_large',
        message: 'This file is too large for a file of unsent changes.',
        action: 'Choose the file that was handed over.',
      },
    }
  try {
    const bytes = new Uint8Array(await file.arrayBuffer())
    const result = await bridge.invoke('handover.open', { bytes })
    return result.ok ? { kind: 'opened', bytes, opened: result.value } : { kind: 'failed', error: result.error }
  } catch {
    return {
      kind: 'failed',
      error: {
        code: 'file_missing',
        message: 'The file cannot be read.',
        action: 'Put the stick back in, or choose the file again.',
      },
    }
  }
}

/** Shows what is in a file of unsent changes, and submits it when the person says so. */
export function SubmitDialog({ file, onClose }: { readonly file: File; readonly onClose: () => void }) {
  const [reading, setReading] = useState<Reading>({ kind: 'running' })
  const [submitted, setSubmitted] = useState<SubmittedHandover | null>(null)
  const submit = useCall('handover.submit')
  const refresh = useRefresh()
  useEffect(() => {
    let shown = true
    setReading({ kind: 'running' })
    setSubmitted(null)
    void read(file).then((next) => {
      if (shown) setReading(next)
    })
    return () => {
      shown = false
    }
  }, [file])
  const send = async (bytes: Uint8Array<ArrayBuffer>) => {
    const result = await submit.run({ bytes })
    if (!result.ok) return
    setSubmitted(result.value)
    refresh('audit.list', 'outbox.list')
  }
  const opened = reading.kind === 'opened' ? reading : null
  const offered = opened !== null && submitted === null && opened.opened.refusal === null ? opened : null
  return (
    <Dialog
      open
      onClose={onClose}
      title={submitted === null ? file.name : 'What the cloud made of it'}
      size="wide"
      footer={
        offered === null ? (
          <Button onClick={onClose}>Close</Button>
        ) : (
          <>
            <Button onClick={onClose}>Cancel</Button>
            <Button variant="primary" busy={submit.busy} onClick={() => void send(offered.bytes)}>
              Submit {formatNoun(offered.opened.changes.length, 'change')}
            </Button>
          </>
        )
      }
    >
      {reading.kind === 'running' ? (
        <ProgressBar label="Checking the signature" done={0} total={null} />
      ) : reading.kind === 'failed' ? (
        <ErrorState error={reading.error} />
      ) : (
        <div className={styles.stack}>
          {submit.error === null ? null : <ErrorNotice error={submit.error} />}
          {submitted === null ? (
            <OpenedFile opened={reading.opened} />
          ) : (
            <SubmittedFile opened={reading.opened} submitted={submitted} />
          )}
        </div>
      )}
    </Dialog>
  )
}
