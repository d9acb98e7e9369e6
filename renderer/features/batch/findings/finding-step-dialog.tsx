import { type FormEvent, useEffect, useState } from 'react'
import type { Finding } from '../../../../shared/domain/finding.ts'
import { useCall } from '../../../app/use-call.ts'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { ErrorNotice } from '../../../ui/notice.tsx'
import { TextArea, TextField } from '../../../ui/text-field.tsx'
import { useDesk } from '../desk-context.tsx'
import { useKeptDraft } from '../use-kept-draft.ts'
import styles from './findings.module.css'

/** What can be done with a finding. */
export type FindingStep = 'respond' | 'close' | 'withdraw'

const words = {
  respond: {
    title: 'Record an answer',
    label: 'Answer',
    confirm: 'Record answer',
    missing: 'Write down the answer as it was given.',
  },
  close: {
    title: 'Close the finding',
    label: 'Why it can be closed',
    confirm: 'Close finding',
    missing: 'Say what settles it; it goes on record.',
  },
  withdraw: {
    title: 'Withdraw the finding',
    label: 'Why it is withdrawn',
    confirm: 'Withdraw finding',
    missing: 'Say why; it goes on record.',
  },
} as const satisfies Record<FindingStep, object>

interface StepDraft {
  readonly body: string
  readonly onBehalfOf: string
}

function readDraft(text: string | null, recycler: string): StepDraft {
  const fresh: StepDraft = { body: '', onBehalfOf: recycler }
  if (text === null) return fresh
  try {
    const saved: unknown = JSON.parse(text)
    if (typeof saved !== 'object' || saved === null) return fresh
    return {
      body: 'body' in saved && typeof saved.body === 'string' ? saved.body : '',
      onBehalfOf: 'onBehalfOf' in saved && typeof saved.onBehalfOf === 'string' ? saved.onBehalfOf : recycler,
    }
  } catch {
    return fresh
  }
}

/** Records an answer, closes or withdraws. The text is kept as a draft until then. */
export function FindingStepDialog({
  finding,
  step,
  onClose,
}: {
  readonly finding: Finding
  readonly step: FindingStep
  readonly onClose: () => void
}) {
  const { detail, putDetail } = useDesk()
  const draft = useKeptDraft(`batch.${detail.batch.id}.finding.${finding.id}.${step}`)
  const [form, setForm] = useState<StepDraft | null>(null)
  const [checked, setChecked] = useState(false)
  const respond = useCall('finding.respond')
  const close = useCall('finding.close')
  const withdraw = useCall('finding.withdraw')
  const call = { respond, close, withdraw }[step]
  useEffect(() => {
    if (form === null && draft.body !== undefined) setForm(readDraft(draft.body, detail.recyclerName))
  }, [form, draft.body, detail.recyclerName])

  if (form === null) return null
  const change = (some: Partial<StepDraft>) => {
    const next = { ...form, ...some }
    setForm(next)
    draft.save(next.body === '' ? null : JSON.stringify(next))
  }
  const submit = async (event?: FormEvent) => {
    event?.preventDefault()
    setChecked(true)
    const body = form.body.trim()
    if (body === '' || call.busy) return
    const request = { batchId: detail.batch.id, findingId: finding.id, body }
    const result =
      step === 'respond'
        ? await respond.run({ ...request, onBehalfOf: form.onBehalfOf.trim() === '' ? null : form.onBehalfOf.trim() })
        : step === 'close'
          ? await close.run(request)
          : await withdraw.run(request)
    if (!result.ok) return
    draft.save(null)
    putDetail(result.value)
    onClose()
  }
  const { title, label, confirm, missing } = words[step]
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      description={finding.title}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant={step === 'withdraw' ? 'danger' : 'primary'}
            keys="Ctrl+Enter"
            busy={call.busy}
            onClick={() => void submit()}
          >
            {confirm}
          </Button>
        </>
      }
    >
      <form
        className={styles.form}
        onSubmit={(event) => void submit(event)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void submit()
        }}
      >
        {call.error === null ? null : <ErrorNotice error={call.error} />}
        <div className={styles.wide}>
          <TextArea
            label={label}
            rows={5}
            maxLength={20_000}
            value={form.body}
            error={checked && form.body.trim() === '' ? missing : null}
            onChange={(event) => change({ body: event.currentTarget.value })}
          />
        </div>
        {step === 'respond' ? (
          <div className={styles.wide}>
            <TextField
              label="Given by"
              optional
              hint="On whose behalf you record it; leave empty if it is your own."
              value={form.onBehalfOf}
              onChange={(event) => change({ onBehalfOf: event.currentTarget.value })}
            />
          </div>
        ) : null}
      </form>
    </Dialog>
  )
}
