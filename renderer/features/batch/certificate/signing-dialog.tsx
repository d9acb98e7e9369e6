import { useEffect, useRef, useState } from 'react'
import type { RequestOf } from '../../../../shared/contract/channels.ts'
import { useCall } from '../../../app/use-call.ts'
import { useRefresh } from '../../../app/use-channel.ts'
import { Button } from '../../../ui/button.tsx'
import { classNames } from '../../../ui/class-names.ts'
import { Dialog } from '../../../ui/dialog.tsx'
import { gatesOf } from '../decision/use-batch-decision.ts'
import { useDesk } from '../desk-context.tsx'
import { useKeptDraft } from '../use-kept-draft.ts'
import styles from './certificate.module.css'
import { CheckStep } from './check-step.tsx'
import { PreviewStep } from './preview-step.tsx'
import { ResultStep } from './result-step.tsx'
import { SignStep } from './sign-step.tsx'
import {
  readStatementForm,
  type StatementForm,
  startOfStatement,
  statementErrors,
  statementOf,
  unacknowledged,
} from './statement-form.ts'
import { StatementStep } from './statement-step.tsx'

const steps = [
  { key: 'check', label: 'Check' },
  { key: 'statement', label: 'Statement' },
  { key: 'preview', label: 'Preview' },
  { key: 'sign', label: 'Sign' },
] as const
type Step = (typeof steps)[number]['key']

/** The way to a signed certificate: checklist, statement, the certificate as it will be, key, result. */
export function SigningDialog({ onClose, onBack }: { readonly onClose: () => void; readonly onBack: () => void }) {
  const { detail, putDetail } = useDesk()
  const { batch } = detail
  const draft = useKeptDraft(`batch.${batch.id}.statement`)
  const [form, setForm] = useState<StatementForm | null>(null)
  const [step, setStep] = useState<Step>('check')
  const [checked, setChecked] = useState(false)
  const [passphrase, setPassphrase] = useState('')
  const [signed, setSigned] = useState<string | null>(null)
  /** The contents that the person has seen in the preview; only these are signed. */
  const [seenHash, setSeenHash] = useState<string | null>(null)
  const sign = useCall('certificate.sign')
  const refresh = useRefresh()
  const body = useRef<HTMLDivElement>(null)

  useEffect(() => {
    if (form !== null || draft.body === undefined) return
    const usual = startOfStatement(detail)
    setForm(readStatementForm(draft.body, usual) ?? usual)
  }, [form, draft.body, detail])
  const ready = form !== null
  // biome-ignore lint/correctness/useExhaustiveDependencies: each step takes the focus when it is reached
  useEffect(() => {
    if (!ready) return
    const field = body.current?.querySelector<HTMLElement>('[data-first-field] input, input[data-first-field]')
    const target = field ?? body.current
    target?.focus()
  }, [step, ready, signed])

  if (form === null) return null
  const gates = gatesOf(detail, 'verify') ?? []
  const blocking = gates.filter(({ severity }) => severity === 'blocks')
  const waiting = unacknowledged(gates, form)
  const errors = statementErrors(form)
  const statement: RequestOf<'certificate.preview'>['statement'] = {
    ...statementOf(form, gates),
    acknowledgedGates: [...statementOf(form, gates).acknowledgedGates],
  }
  const change = (some: Partial<StatementForm>) => {
    const next = { ...form, ...some }
    setForm(next)
    draft.save(JSON.stringify(next))
  }
  const changedMeanwhile = seenHash !== null && seenHash !== batch.contentHash
  const goOn = async () => {
    if (step === 'check') {
      if (blocking.length === 0 && waiting.length === 0) setStep('statement')
    } else if (step === 'statement') {
      setChecked(true)
      if (Object.keys(errors).length > 0) return
      setSeenHash(batch.contentHash)
      setStep('preview')
    } else if (step === 'preview') setStep('sign')
    else if (seenHash !== null && !changedMeanwhile && !sign.busy) {
      const result = await sign.run({ batchId: batch.id, statement, contentHash: seenHash, passphrase })
      if (!result.ok) return
      setPassphrase('')
      draft.save(null)
      putDetail(result.value.detail)
      setSigned(result.value.certificateId)
      refresh('batch.rows')
    }
  }
  const index = steps.findIndex(({ key }) => key === step)
  const backward = steps[index - 1]?.key
  const certificate = detail.certificates.find(({ id }) => id === signed)
  if (signed !== null)
    return (
      <Dialog
        open
        onClose={onClose}
        size="wide"
        title="The certificate is signed"
        footer={
          <>
            <Button onClick={onClose}>Stay on the batch</Button>
            <Button variant="primary" onClick={onBack}>
              Back to the queue
            </Button>
          </>
        }
      >
        <div ref={body} className={styles.stepBody} tabIndex={-1} data-first-focus>
          {certificate === undefined ? null : <ResultStep certificate={certificate} />}
        </div>
      </Dialog>
    )
  return (
    <Dialog
      open
      onClose={onClose}
      size="huge"
      title="Sign a certificate"
      description={`${detail.project.name}, ${batch.batchHash}`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          {backward === undefined ? null : <Button onClick={() => setStep(backward)}>Back</Button>}
          <Button
            variant="primary"
            keys="Ctrl+Enter"
            busy={sign.busy}
            disabled={
              (step === 'check' && (blocking.length > 0 || waiting.length > 0)) ||
              (step === 'sign' && (passphrase === '' || changedMeanwhile))
            }
            onClick={() => void goOn()}
          >
            {step === 'sign' ? 'Sign certificate' : 'Continue'}
          </Button>
        </>
      }
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: Ctrl+Enter goes on from every field */}
      <div
        className={styles.wizard}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
          event.preventDefault()
          void goOn()
        }}
      >
        <ol className={styles.steps} aria-label="Steps">
          {steps.map(({ key, label }, position) => (
            <li
              key={key}
              className={classNames(key === step && styles.stepCurrent)}
              aria-current={key === step ? 'step' : undefined}
            >
              <span className={styles.stepNumber} aria-hidden="true">
                {position + 1}
              </span>
              {label}
            </li>
          ))}
        </ol>
        <div ref={body} className={styles.stepBody} tabIndex={-1} data-first-focus>
          {step === 'check' ? (
            <CheckStep
              gates={gates}
              acknowledged={form.acknowledged}
              onLeave={onClose}
              onAcknowledge={(message, ticked) =>
                change({
                  acknowledged: ticked
                    ? [...form.acknowledged, message]
                    : form.acknowledged.filter((other) => other !== message),
                })
              }
            />
          ) : step === 'statement' ? (
            <StatementStep form={form} errors={checked ? errors : {}} onChange={change} />
          ) : step === 'preview' ? (
            <PreviewStep
              batchId={batch.id}
              statement={statement}
              changedMeanwhile={changedMeanwhile}
              onSeen={() => setSeenHash(batch.contentHash)}
              onBackToChecks={() => setStep('check')}
            />
          ) : (
            <SignStep
              passphrase={passphrase}
              onPassphrase={(text) => {
                setPassphrase(text)
                sign.forgetError()
              }}
              error={
                changedMeanwhile
                  ? {
                      code: 'stale',
                      message: 'The batch changed after you looked at the preview.',
                      action: 'Look at the preview again; only what you have seen is signed.',
                    }
                  : sign.error
              }
              onPreview={() => setStep('preview')}
              onCheck={() => setStep('check')}
            />
          )}
        </div>
      </div>
    </Dialog>
  )
}
