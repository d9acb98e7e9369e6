import { Check, CircleDashed, Download, FileText } from 'lucide-react'
import { useState } from 'react'
import type { BatchDetail } from '../../../../shared/contract/views.ts'
import { useToast } from '../../../app/toasts.tsx'
import { useCall } from '../../../app/use-call.ts'
import { Time } from '../../../app/zone.tsx'
import { Button } from '../../../ui/button.tsx'
import { Facts } from '../../../ui/facts.tsx'
import { HashText } from '../../../ui/hash-text.tsx'
import { ErrorNotice } from '../../../ui/notice.tsx'
import styles from './certificate.module.css'
import { CertificateDialog } from './certificate-dialog.tsx'
import { certificateSteps, outboxProblem } from './certificate-states.ts'
import { assuranceWords, opinionWords } from './statement-form.ts'

/** A signed certificate: what it states, how far it has come, and how to read or save it. */
export function CertificateCard({
  certificate,
  wholeHash = false,
}: {
  readonly certificate: BatchDetail['certificates'][number]
  readonly wholeHash?: boolean
}) {
  const [open, setOpen] = useState(false)
  const save = useCall('certificate.save')
  const say = useToast()
  const problem = outboxProblem(certificate.outboxState)
  return (
    <section className={styles.card} aria-label={`Certificate ${certificate.number}`}>
      <h3 className={styles.number}>{certificate.number}</h3>
      <ol className={styles.states}>
        {certificateSteps(certificate).map((step) => (
          <li key={step.label} className={step.at === null ? styles.stateAhead : styles.stateDone}>
            {step.at === null ? <CircleDashed size={14} aria-hidden="true" /> : <Check size={14} aria-hidden="true" />}
            <span>{step.label}</span>
            {step.at === null ? <span>not yet</span> : <Time instant={step.at} />}
            {step.claimed ? <span>(time claimed)</span> : null}
          </li>
        ))}
      </ol>
      {problem === null ? null : <p className={styles.problem}>{problem}</p>}
      <Facts
        rows={[
          ['Opinion', opinionWords[certificate.opinion].label],
          ['Assurance', assuranceWords[certificate.assuranceLevel].label],
          ['Signed by', certificate.signerSubject],
          ['Signature', `PAdES ${certificate.signatureLevel}`],
          [
            'SHA-256',
            <HashText key="hash" value={certificate.sha256} label="SHA-256 of the certificate" whole={wholeHash} />,
          ],
        ]}
      />
      {save.error === null ? null : <ErrorNotice error={save.error} />}
      <div className={styles.cardActions}>
        <Button size="small" icon={<FileText size={14} />} onClick={() => setOpen(true)}>
          Open certificate
        </Button>
        <Button
          size="small"
          icon={<Download size={14} />}
          busy={save.busy}
          onClick={() => {
            void save.run({ certificateId: certificate.id }).then((result) => {
              if (result.ok && result.value !== null) say({ text: 'Copy saved.', detail: result.value.path })
            })
          }}
        >
          Save a copy
        </Button>
      </div>
      {open ? (
        <CertificateDialog certificateId={certificate.id} number={certificate.number} onClose={() => setOpen(false)} />
      ) : null}
    </section>
  )
}
