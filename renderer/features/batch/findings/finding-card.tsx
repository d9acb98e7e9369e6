import { ChevronRight } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { Finding } from '../../../../shared/domain/finding.ts'
import { quantityUnit } from '../../../../shared/domain/standard.ts'
import { useNow } from '../../../app/use-now.ts'
import { Time } from '../../../app/zone.tsx'
import { Badge } from '../../../ui/badge.tsx'
import { Button } from '../../../ui/button.tsx'
import { classNames } from '../../../ui/class-names.ts'
import { formatDue } from '../../../ui/format.ts'
import { useDesk } from '../desk-context.tsx'
import { usePersonNames } from '../use-person-names.ts'
import { misstatementWords } from './finding-form.ts'
import { type FindingStep, FindingStepDialog } from './finding-step-dialog.tsx'
import { findingKindWords, findingStatusWords, roundWords } from './finding-words.ts'
import styles from './findings.module.css'

/** One finding: a line, and opened its description, every round, and what can be done. */
export function FindingCard({
  finding,
  open,
  onToggle,
}: {
  readonly finding: Finding
  readonly open: boolean
  readonly onToggle: () => void
}) {
  const now = useNow()
  const line = useRef<HTMLButtonElement>(null)
  const { short, full, tone } = findingKindWords[finding.kind]
  const live = finding.status === 'open' || finding.status === 'answered'
  const due = formatDue(finding.dueAt, now)
  useEffect(() => {
    if (open) line.current?.scrollIntoView({ block: 'nearest' })
  }, [open])
  return (
    <li className={classNames(styles.finding, !live && styles.ended)}>
      <button ref={line} type="button" className={styles.findingLine} aria-expanded={open} onClick={onToggle}>
        <ChevronRight size={14} className={classNames(styles.chevron, open && styles.chevronOpen)} aria-hidden="true" />
        <span className={styles.findingText}>
          <span className={styles.findingTitle}>{finding.title}</span>
          <span className={styles.findingMeta}>
            <Badge tone={live ? tone : 'neutral'}>
              <abbr title={full}>{short}</abbr>
            </Badge>
            <span>{findingStatusWords[finding.status]}</span>
            {live && finding.dueAt !== null ? (
              <span className={due.urgency === 'over' ? styles.overdue : undefined}>
                {due.urgency === 'over' ? `Overdue by ${due.text.replace(' over', '')}` : `Due in ${due.text}`}
              </span>
            ) : null}
          </span>
        </span>
      </button>
      {open ? <FindingBody finding={finding} live={live} /> : null}
    </li>
  )
}

function FindingBody({ finding, live }: { readonly finding: Finding; readonly live: boolean }) {
  const { detail, openFile, focusCriterion, showTab } = useDesk()
  const [step, setStep] = useState<FindingStep | null>(null)
  const nameOf = usePersonNames()
  const file = detail.evidence.find(({ id }) => id === finding.evidenceFileId)
  const { criterionCode } = finding
  return (
    <div className={styles.findingBody}>
      <p className={styles.description}>{finding.description}</p>
      <div className={styles.subjects}>
        {criterionCode === null ? null : (
          <Button
            size="small"
            onClick={() => {
              focusCriterion(criterionCode)
              showTab('rubric')
            }}
          >
            Criterion {criterionCode}
          </Button>
        )}
        {file === undefined ? null : (
          <Button size="small" onClick={() => openFile(file.id)}>
            {file.title}
          </Button>
        )}
        {finding.misstatement === null ? null : (
          <span>Misstatement: {misstatementWords(finding.misstatement, quantityUnit[detail.batch.standard])}</span>
        )}
      </div>
      <ol className={styles.rounds} aria-label="Rounds">
        {finding.rounds.map((round) => (
          <li key={round.id} className={styles.round}>
            <div className={styles.roundHead}>
              <span className={styles.roundKind}>
                {round.round}. {roundWords[round.kind]}
              </span>
              <span>
                {nameOf(round.authorId)}
                {round.onBehalfOf === null ? '' : `, on behalf of ${round.onBehalfOf}`}
              </span>
              <Time instant={round.createdAt} />
            </div>
            <p className={styles.description}>{round.body}</p>
          </li>
        ))}
      </ol>
      {live ? (
        <div className={styles.subjects}>
          <Button size="small" onClick={() => setStep('respond')}>
            Record answer
          </Button>
          <Button size="small" onClick={() => setStep('close')}>
            Close finding
          </Button>
          <Button size="small" variant="danger" onClick={() => setStep('withdraw')}>
            Withdraw finding
          </Button>
        </div>
      ) : null}
      {step === null ? null : <FindingStepDialog finding={finding} step={step} onClose={() => setStep(null)} />}
    </div>
  )
}
