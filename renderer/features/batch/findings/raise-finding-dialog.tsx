import { type FormEvent, useEffect, useState } from 'react'
import { type FindingKind, findingKinds } from '../../../../shared/domain/finding.ts'
import { quantityUnit } from '../../../../shared/domain/standard.ts'
import { useToast } from '../../../app/toasts.tsx'
import { useCall } from '../../../app/use-call.ts'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { ErrorNotice } from '../../../ui/notice.tsx'
import { Segmented } from '../../../ui/segmented.tsx'
import { Select } from '../../../ui/select.tsx'
import { TextArea, TextField } from '../../../ui/text-field.tsx'
import { useDesk } from '../desk-context.tsx'
import { activeFile } from '../desk-view.ts'
import { useKeptDraft } from '../use-kept-draft.ts'
import {
  type FindingForm,
  isUntouched,
  parseFindingForm,
  readFindingForm,
  shortened,
  startOfFinding,
} from './finding-form.ts'
import { findingKindWords } from './finding-words.ts'
import styles from './findings.module.css'

/** Raises a finding. What is typed is kept until it is raised or discarded, also over a restart. */
export function RaiseFindingDialog({ onClose }: { readonly onClose: () => void }) {
  const { detail, view, putDetail, focusFinding } = useDesk()
  const batchId = detail.batch.id
  const draft = useKeptDraft(`batch.${batchId}.finding`)
  const [form, setForm] = useState<FindingForm | null>(null)
  const [checked, setChecked] = useState(false)
  const call = useCall('finding.raise')
  const say = useToast()

  useEffect(() => {
    if (form !== null || draft.body === undefined) return
    const fresh = startOfFinding(view.tab === 'rubric' ? view.criterion : null, activeFile(view))
    const kept = readFindingForm(draft.body)
    setForm(kept === null || isUntouched(kept) ? fresh : kept)
  }, [form, draft.body, view])
  if (form === null) return null
  const change = (some: Partial<FindingForm>) => {
    const next = { ...form, ...some }
    setForm(next)
    draft.save(isUntouched(next) ? null : JSON.stringify(next))
  }
  const parsed = parseFindingForm(form, batchId)
  const errors = checked && !parsed.ok ? parsed.errors : {}
  const submit = async (event?: FormEvent) => {
    event?.preventDefault()
    setChecked(true)
    if (!parsed.ok || call.busy) return
    const known = new Set(detail.findings.map(({ id }) => id))
    const result = await call.run(parsed.request)
    if (!result.ok) return
    draft.save(null)
    putDetail(result.value)
    onClose()
    const raised = result.value.findings.find(({ id }) => !known.has(id))
    if (raised !== undefined) focusFinding(raised.id)
    say({ text: `Finding raised: ${parsed.request.title}` })
  }
  const unit = quantityUnit[detail.batch.standard]
  return (
    <Dialog
      open
      onClose={onClose}
      size="wide"
      title="Raise a finding"
      description="What you type is kept until the finding is raised."
      footer={
        <>
          {isUntouched(form) ? null : (
            <Button
              variant="danger"
              onClick={() => {
                draft.save(null)
                onClose()
              }}
            >
              Discard draft
            </Button>
          )}
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" keys="Ctrl+Enter" busy={call.busy} onClick={() => void submit()}>
            Raise finding
          </Button>
        </>
      }
    >
      <form
        className={styles.form}
        noValidate
        onSubmit={(event) => void submit(event)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void submit()
        }}
      >
        {call.error === null ? null : <ErrorNotice error={call.error} />}
        <div className={styles.wide}>
          <Select<FindingKind>
            label="Kind"
            value={form.kind}
            options={findingKinds.map((kind) => ({ value: kind, label: findingKindWords[kind].full }))}
            onChange={(kind) => change({ kind })}
          />
          <p className={styles.note}>{findingKindWords[form.kind].effect}</p>
        </div>
        <div className={styles.wide}>
          <TextField
            label="Title"
            maxLength={500}
            value={form.title}
            error={errors.title ?? null}
            data-first-focus
            onChange={(event) => change({ title: event.currentTarget.value })}
          />
        </div>
        <div className={styles.wide}>
          <TextArea
            label="Description"
            rows={4}
            maxLength={20_000}
            value={form.description}
            error={errors.description ?? null}
            onChange={(event) => change({ description: event.currentTarget.value })}
          />
        </div>
        <Select
          label="Criterion"
          value={form.criterionCode}
          options={[
            { value: '', label: 'None' },
            ...(detail.rubric?.criteria ?? []).map(({ code, question }) => ({
              value: code,
              label: shortened(`${code} ${question}`, 42),
            })),
          ]}
          onChange={(criterionCode) => change({ criterionCode })}
        />
        <Select
          label="Evidence file"
          value={form.evidenceFileId}
          options={[
            { value: '', label: 'None' },
            ...detail.evidence.map((file) => ({ value: file.id, label: shortened(file.title, 42) })),
          ]}
          onChange={(evidenceFileId) => change({ evidenceFileId })}
        />
        <TextField
          label="Due date"
          optional
          type="date"
          value={form.dueDate}
          error={errors.dueDate ?? null}
          onChange={(event) => change({ dueDate: event.currentTarget.value })}
        />
        <div className={styles.misstatement}>
          <TextField
            label={`Misstatement in ${unit}`}
            optional
            inputMode="decimal"
            placeholder="0.00"
            value={form.amount}
            error={errors.amount ?? null}
            onChange={(event) => change({ amount: event.currentTarget.value })}
          />
          <Segmented
            label="Direction of the misstatement"
            value={form.direction}
            options={[
              { value: 'over', label: 'Over' },
              { value: 'under', label: 'Under' },
            ]}
            onChange={(direction) => change({ direction })}
          />
        </div>
        <button type="submit" hidden aria-hidden="true" tabIndex={-1} />
      </form>
    </Dialog>
  )
}
