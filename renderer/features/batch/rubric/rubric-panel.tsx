import { type KeyboardEvent, useMemo, useRef, useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { formatHundredths, formatNoun } from '../../../ui/format.ts'
import { useDesk } from '../desk-context.tsx'
import { CriterionCard } from './criterion-card.tsx'
import { NotApplicableDialog } from './not-applicable-dialog.tsx'
import styles from './rubric.module.css'
import { codesInOrder, groupCriteria, groupLabels, nextUnscored, stepCriterion } from './rubric-navigation.ts'
import { useRubricKeys } from './use-rubric-keys.ts'
import type { Scores } from './use-scores.ts'

/** The rubric of the batch's standard, to be scored. */
export function RubricPanel({ scores }: { readonly scores: Scores }) {
  const { detail, view, focusCriterion } = useDesk()
  const { rubric, scoreHundredths, unscoredCriteria } = detail
  const list = useRef<HTMLDivElement>(null)
  const groups = useMemo(() => groupCriteria(rubric?.criteria ?? []), [rubric])
  const codes = useMemo(() => codesInOrder(rubric?.criteria ?? []), [rubric])

  const [asking, setAsking] = useState<string | null>(null)
  const askedAbout = rubric?.criteria.find(({ code }) => code === asking)
  const goTo = (code: string | null) => {
    if (code === null) return
    focusCriterion(code)
    requestAnimationFrame(() =>
      list.current?.querySelector<HTMLElement>(`[data-criterion="${CSS.escape(code)}"] [data-criterion-line]`)?.focus(),
    )
  }
  useRubricKeys(
    scores,
    codes,
    (code) => focusCriterion(code),
    (code) => setAsking(code),
  )

  if (rubric === null)
    return (
      <EmptyState title="No rubric yet">
        No rubric for {detail.batch.standard} is on this computer. Ask an administrator to publish one, then let the
        workstation sync.
      </EmptyState>
    )
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLTextAreaElement || event.target instanceof HTMLInputElement) return
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step === 0 || event.altKey || event.ctrlKey) return
    event.preventDefault()
    goTo(stepCriterion(codes, view.criterion, step))
  }
  const open = nextUnscored(codes, unscoredCriteria, view.criterion)
  return (
    <div className={styles.panel}>
      <div className={styles.summary}>
        <div role="status" aria-label="Running score" className={styles.running}>
          <span className={styles.runningScore}>
            {scoreHundredths === null ? '–' : formatHundredths(scoreHundredths)}
          </span>
          <span> of 5.00</span>
        </div>
        <span className={styles.meta}>
          {unscoredCriteria.length === 0
            ? 'Every criterion is scored'
            : `${formatNoun(unscoredCriteria.length, 'criterion', 'criteria')} without a score`}
        </span>
        {open === null ? null : (
          <Button size="small" onClick={() => goTo(open)}>
            Next unscored
          </Button>
        )}
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the arrow keys go from criterion to criterion */}
      <div className={styles.list} ref={list} onKeyDown={onKeyDown}>
        <p className={styles.source}>
          {rubric.title}, revision {rubric.revision}
        </p>
        {groups.map(({ group, criteria }) => (
          <section key={group} aria-label={groupLabels[group]}>
            <h3 className={styles.group}>{groupLabels[group]}</h3>
            <ul>
              {criteria.map((criterion) => (
                <CriterionCard
                  key={criterion.code}
                  criterion={criterion}
                  work={scores.workOf(criterion.code)}
                  scores={scores}
                  focused={view.criterion === criterion.code}
                  onFocus={() => focusCriterion(criterion.code)}
                  onNotApplicable={() => setAsking(criterion.code)}
                />
              ))}
            </ul>
          </section>
        ))}
      </div>
      {askedAbout === undefined ? null : (
        <NotApplicableDialog
          criterion={askedAbout}
          reason={scores.workOf(askedAbout.code).notApplicableReason ?? ''}
          onClose={() => setAsking(null)}
          onGive={(reason) => {
            setAsking(null)
            scores.give(askedAbout.code, { points: null, notApplicableReason: reason })
          }}
        />
      )}
    </div>
  )
}
